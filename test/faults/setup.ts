import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { tableOf } from './report.ts';
import { startPostgres } from './stack/postgres.ts';

/** Before the first and after the last scenario: the seed, a PostgreSQL server, and the table of what happened. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using opened = new AsyncDisposableStack();
  const seed = Number(process.env['FAULT_SEED'] || randomInt(1_000_000));
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-faults-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const results = join(folder, 'results.jsonl');
  const given = process.env['TEST_DATABASE_URL'] || null;
  const server = given === null ? await startPostgres() : null;
  if (server) opened.use(server);
  project.provide('faultSeed', seed);
  project.provide('faultScale', Number(process.env['FAULT_SCALE'] || 1));
  project.provide('faultPatience', Number(process.env['FAULT_PATIENCE'] || 1));
  project.provide('faultResults', results);
  project.provide('faultDatabase', given ?? server?.url ?? null);
  process.stdout.write(`fault seed ${seed}; FAULT_SEED=${seed} npm run test:faults draws the same again\n`);
  opened.defer(() => {
    const lines = existsSync(results) ? readFileSync(results, 'utf8').trim().split('\n') : [];
    process.stdout.write(`\n${tableOf(lines)}\nfault seed ${seed}\n`);
  });
  const closing = opened.move();
  return () => closing.disposeAsync();
}
