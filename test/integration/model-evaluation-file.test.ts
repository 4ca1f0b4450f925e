import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startModelServer } from '../fakes/model/server.ts';
import { childEnv } from '../support/child-env.ts';
import { componentRows } from '../support/desk.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../config', import.meta.url));

const rows = componentRows();

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-triage-evaluation-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('triage evaluate --rung, on a file', () => {
  const triage = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    promisify(execFile)(process.execPath, [CLI, 'evaluate', ...args], {
      cwd: folder,
      env: { ...childEnv(), ...env },
      maxBuffer: 64 * 1024 * 1024,
    });

  test('needs no Jira, asks before it spends, and prints clean figures', async () => {
    await using server = await startModelServer();
    const file = join(folder, 'tickets.jsonl');
    await writeFile(file, rows.map((row) => JSON.stringify(row)).join('\n'));
    const args = [
      '--tickets',
      file,
      '--target',
      'component',
      '--quick',
      '--json',
      '--config',
      CONFIG,
      '--rung',
      'ladder',
    ];
    const env = { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: 'a-key' };
    await expect(triage(args, {})).rejects.toMatchObject({ stderr: expect.stringContaining('nobody to ask') });
    await expect(triage(args, env)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('--yes'),
    });
    expect(server.requests).toHaveLength(0);

    const { stdout, stderr } = await triage([...args, '--yes'], env);
    const result = JSON.parse(stdout);
    expect(result.methods.map(({ name }: { name: string }) => name)).toEqual([
      'majority',
      'bm25-knn',
      'linear',
      'local',
      'model',
      'triage',
    ]);
    expect(result.ladder).toMatchObject({ rung: 'ladder', asked: 117, currency: 'USD', skipModelAbove: 0.97 });
    expect(stderr).toContain('117 tickets to ask the model about');
    const again = await triage(args, env);
    expect(again.stderr).toContain('✔ 0 requests, everything from model-answers.jsonl');
    expect(JSON.parse(again.stdout).ladder.curve).toEqual(result.ladder.curve);
    const sent = server.requests.length;
    const compared = await triage([...args, '--compare', CONFIG, CONFIG], env);
    expect(JSON.parse(compared.stdout)).toMatchObject([{ guesses: { gained: 0, lost: 0 }, isWorse: false }]);
    expect(server.requests).toHaveLength(sent);
  });
});
