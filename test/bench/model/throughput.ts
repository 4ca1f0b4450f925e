import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { ownDatabase } from '../../support/database.ts';
import { startService } from '../../support/service.ts';
import { type TestStage, testStage } from '../../support/stage.ts';
import { manyFinished, manyNew } from '../many-tickets.ts';
import { cpuMicroseconds, quantile } from '../report.ts';
import { startModelProcess } from './server.ts';

const PAST = 2_000;
const CONCURRENCY = 64;
export const DELAY_MS = 800;
/** What a worker reaches that always has so many answers to wait for. */
export const IDEAL_PER_SECOND = (CONCURRENCY * 1000) / DELAY_MS;

/** The simulated server counts like a vendor's, and our client keeps away when it says that nothing is left. */
const NO_LIMITS = { requestsPerMinute: 1e6, tokensPerMinute: 1e9 };

export interface Throughput {
  readonly perSecond: number;
  readonly cpuMsPerTicket: number;
  /** From reading the ticket to the decision, 95th percentile. */
  readonly decideP95Ms: number;
  /** Share of the decisions that a model answered. */
  readonly answered: number;
}

export interface Load {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** The endpoint takes every question and never answers; the prompt's time-out is this long. */
  readonly hangsForS?: number;
  /** Questions that a process asks at once. */
  readonly concurrency?: number;
  readonly processes?: 1 | 2;
}

/**
 * Tickets decided per second by one worker process (or two) while a model answers after 800 ms. The tickets are
 * taken in by another process before the worker starts, so that nothing but the worker is measured.
 */
export async function throughput(tickets: number, load: Load): Promise<Throughput> {
  const { databaseUrl, redisUrl, hangsForS, concurrency = CONCURRENCY, processes = 1 } = load;
  await using model = await startModelProcess({ delayMs: DELAY_MS, requestLogSize: 0, ...NO_LIMITS });
  if (hangsForS !== undefined) await model.always('hang');
  await using database = await ownDatabase(databaseUrl);
  await using stage = await testStage({
    history: manyFinished(PAST),
    site: { openapi: 'off', requestLogSize: 100 },
    env: {
      DATABASE_URL: database.url,
      REDIS_URL: redisUrl,
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'bench',
    },
  });
  askAlways(stage, { concurrency, timeoutS: hangsForS });
  await using _intake = await startService(stage.env, 'intake');
  await Promise.all(manyNew(tickets).map((draft) => stage.site.createIssue(draft)));
  await stage.site.webhooks.flush();
  // Write-back waits for a process of its own: what is measured is one worker that decides.
  await using _inbox = await startService({ ...stage.env, WORKER_QUEUES: 'intake' }, 'workers');
  const env = { ...stage.env, WORKER_QUEUES: 'triage' };
  await using workers = await startService(env, 'workers');
  await using _second = processes === 2 ? await startService(env, 'workers') : null;
  return await measured(database.url, { tickets, pid: workers.pid });
}

interface Asking {
  /** Questions under way at once. */
  readonly concurrency: number;
  readonly timeoutS: number | undefined;
}

/** Every ticket is asked about. */
function askAlways({ env }: TestStage, { concurrency, timeoutS = 20 }: Asking): void {
  const change = (name: string, edit: (text: string) => string) => {
    const path = join(env['CONFIG_DIR'] ?? '', name);
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
  };
  change('playbook.yaml', (text) =>
    text
      .replace(/skipModelAbove: .*/, 'skipModelAbove: 1')
      .replace(/concurrency: 32/, `concurrency: ${concurrency}`)
      .replace(/perDay: .*/, 'perDay: {}'),
  );
  change('prompts/triage.yaml', (text) => text.replace(/timeout: .*/, `timeout: ${timeoutS}`));
}

const Times = z.object({ done: z.coerce.number(), settled: z.array(z.coerce.number()) });
const Decided = z.array(z.object({ ms: z.coerce.number(), answered: z.boolean() }));
const POLL_MS = 250;
const PATIENCE_MS = 180_000;

/** Waits for the last ticket; the rate is taken over the middle nine tenths, without start and end. */
async function measured(
  databaseUrl: string,
  { tickets, pid }: { readonly tickets: number; readonly pid: number },
): Promise<Throughput> {
  await using opened = new AsyncDisposableStack();
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  opened.defer(() => client.end());
  const cpuBefore = cpuMicroseconds(pid);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query(
      `select count(*) as done, coalesce(array_agg(extract(epoch from decided_at) order by decided_at), '{}') as settled
         from triage.decisions`,
    );
    const { done, settled } = Times.parse(rows[0]);
    if (done >= tickets) {
      const { rows: timed } = await client.query(
        `select (decision -> 'timingsMs' ->> 'total') as ms, (decision -> 'asked' ->> 'endpoint') is not null as answered
           from triage.decisions`,
      );
      const decisions = Decided.parse(timed);
      const [from, until] = [Math.floor(tickets * 0.05), Math.floor(tickets * 0.95) - 1];
      const seconds = (settled[until] ?? 0) - (settled[from] ?? 0);
      return {
        perSecond: (until - from) / seconds,
        cpuMsPerTicket: (cpuMicroseconds(pid) - cpuBefore) / 1000 / tickets,
        decideP95Ms: quantile(
          decisions.map(({ ms }) => ms),
          0.95,
        ),
        answered: decisions.filter(({ answered }) => answered).length / decisions.length,
      };
    }
    if (Date.now() > deadline) throw new Error(`only ${done} of ${tickets} tickets after ${PATIENCE_MS / 1000} s`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}
