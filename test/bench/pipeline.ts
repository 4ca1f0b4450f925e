import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Admin } from '../support/admin.ts';
import { ownDatabase } from '../support/database.ts';
import { type TestStage, testStage } from '../support/stage.ts';
import { manyFinished, manyNew } from './many-tickets.ts';
import { pipelineFloor } from './pipeline-floor.ts';
import { cpuMicroseconds, quantile, report, residentMb, round } from './report.ts';

const BARE_CLIENT = fileURLToPath(new URL('bare-client.ts', import.meta.url));
const PAST = 5_000;
const BURST = 1_500;
/** Rounds of one service differ by a fifth on a shared machine; the middle one counts. */
const ROUNDS = 3;
const STEADY = 200;
const STEADY_GAP_MS = 100;
/** Whoever looks more often, or before all can be done, is part of the load. */
const POLL_MS = 200;

/**
 * Tickets before anything is measured: a service runs for weeks, and V8 goes on compiling what it runs often for minutes.
 * Of 12,000, the first few thousand took a third more processor time each than the last.
 */
const WARM_UP = 10_000;

/** Webhook to edit, everything real but Jira: a burst for throughput, then 10 tickets/s for latency. */
const redisUrl = process.env['TEST_REDIS_URL'];
const serverUrl = process.env['TEST_DATABASE_URL'];
const floor = await pipelineFloor(BURST);
await measure('embedded', {});
if (redisUrl) await measure('Redis, ledger embedded', { REDIS_URL: redisUrl });
if (redisUrl && serverUrl) {
  await using database = await ownDatabase(serverUrl);
  await measure('Redis and PostgreSQL', { REDIS_URL: redisUrl, DATABASE_URL: database.url });
}

async function measure(stack: string, env: Readonly<Record<string, string>>): Promise<void> {
  await using stage = await testStage({
    history: manyFinished(PAST),
    site: { openapi: 'off', requestLogSize: 100 },
    env,
  });
  await using running = await stage.start();
  const { pid, readyMs } = running.service;
  const busy = { site: stage.site, admin: running.admin };
  const drafts = manyNew(WARM_UP + ROUNDS * BURST + STEADY);
  await burst(drafts.slice(0, WARM_UP), busy);
  const perSecond: number[] = [];
  const cpuMs: number[] = [];
  const pairMs: number[] = [];
  for (let from = WARM_UP; from < drafts.length - STEADY; from += BURST) {
    const cpuBefore = cpuMicroseconds(pid);
    perSecond.push(await burst(drafts.slice(from, from + BURST), busy));
    cpuMs.push((cpuMicroseconds(pid) - cpuBefore) / 1000 / BURST);
    // At once, for the hours of a shared machine differ.
    pairMs.push(await bareClientMs());
  }
  const latencies = await steady(drafts.slice(-STEADY), busy);
  const memory = residentMb(pid);
  report('pipeline', {
    stack,
    pastTickets: PAST,
    ticketsPerSecond: round(middleOf(perSecond)),
    floorPerSecond: round(floor),
    ratioToFloor: round(middleOf(perSecond) / floor, 2),
    cpuMsPerTicket: round(middleOf(cpuMs)),
    cpuMsOfBestRound: round(Math.min(...cpuMs)),
    bareClientMs: round(middleOf(pairMs), 2),
    cpuInBareClients: round(middleOf(cpuMs.map((ms, at) => ms / (pairMs[at] ?? Number.NaN)))),
    steadyP50Ms: round(quantile(latencies, 0.5), 0),
    steadyP99Ms: round(quantile(latencies, 0.99), 0),
    rssMb: memory.now,
    rssPeakMb: memory.peak,
    readyMs: round(readyMs, 0),
  });
}

/** What jira.js alone takes of the processor for reading and editing an issue. */
async function bareClientMs(): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [BARE_CLIENT]);
  return z.coerce.number().positive().parse(stdout);
}

function middleOf(rounds: readonly number[]): number {
  return quantile(rounds, 0.5);
}

interface Busy {
  readonly site: TestStage['site'];
  readonly admin: Admin;
}

async function burst(drafts: ReturnType<typeof manyNew>, { site, admin }: Busy): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(drafts.map((draft) => site.createIssue(draft)));
  await site.webhooks.flush();
  const soonestMs = (drafts.length / floor) * 1000 - (performance.now() - startedAt);
  await new Promise((resume) => setTimeout(resume, Math.max(soonestMs, 0)));
  await admin.idle({ timeoutMs: 600_000, pollMs: POLL_MS });
  return drafts.length / ((performance.now() - startedAt) / 1000);
}

/** Milliseconds from the moment Jira sends the webhook to the moment the edit is in Jira. */
async function steady(drafts: ReturnType<typeof manyNew>, { site, admin }: Busy): Promise<number[]> {
  const sent: { key: string; at: number }[] = [];
  for (const draft of drafts) {
    const next = performance.now() + STEADY_GAP_MS;
    const at = Date.now();
    sent.push({ key: (await site.createIssue(draft)).key, at });
    await new Promise((resume) => setTimeout(resume, Math.max(next - performance.now(), 0)));
  }
  await site.webhooks.flush();
  await admin.idle({ timeoutMs: 60_000, pollMs: POLL_MS });
  return sent.map(({ key, at }) => {
    const [edit] = site.edits(key);
    if (!edit) throw new Error(`${key} was never edited`);
    return edit.at - at;
  });
}
