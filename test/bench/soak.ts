import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ownDatabase } from '../support/database.ts';
import { type Service, startService } from '../support/service.ts';
import { type TestStage, testStage } from '../support/stage.ts';
import { manyFinished, manyNew } from './many-tickets.ts';
import { report, residentMb, round } from './report.ts';
import { lowsOf, type Sample, slopeOf } from './slope.ts';

const PER_SECOND = 20;
const PAST = 2_000;
const SAMPLE_MS = 5_000;
/** Garbage is collected within this time; what is in use is the lowest that the heap held. */
const SWING_MS = 20_000;
/** Caches fill and code is compiled at first. */
const WARM_UP = 1 / 3;
/** A person corrects each tenth ticket, and finishes each fiftieth, so that there is feedback too. */
const CORRECTED = 10;
const FINISHED = 50;

/**
 * Tickets at a steady rate for a long time (minutes as argument), embedded or, with TEST_REDIS_URL and TEST_DATABASE_URL,
 * on servers: how resident memory and the objects alive in it move, and how tables and keys grow.
 */
const minutes = Number(process.argv[2] ?? 30);
const serverUrl = process.env['TEST_DATABASE_URL'];
const redisUrl = process.env['TEST_REDIS_URL'];
const isScaled = serverUrl !== undefined && redisUrl !== undefined && process.argv[3] !== 'embedded';
await using database = isScaled ? await ownDatabase(serverUrl) : null;
const env = database && redisUrl ? { DATABASE_URL: database.url, REDIS_URL: redisUrl } : {};
const watched = { NODE_OPTIONS: `--import=${new URL('collecting.ts', import.meta.url).href}` };
await using stage = await testStage({
  history: manyFinished(PAST),
  site: { openapi: 'off', requestLogSize: 100 },
  env,
});
const services = isScaled
  ? [
      await startService({ ...stage.env, ...watched }, 'intake'),
      await startService({ ...stage.env, ...watched, PORT: '0' }, 'workers'),
    ]
  : [await startService({ ...stage.env, ...watched })];
await using stack = new AsyncDisposableStack();
for (const service of services) stack.use(service);

const before = await sizes();
const memory = await drive(stage, services);
const after = await sizes();
for (const [index, samples] of memory.entries()) {
  const from = Math.floor(samples.resident.length * WARM_UP);
  const steady = samples.resident.slice(from);
  const lows = lowsOf(samples.heap.slice(from), SWING_MS);
  report('soak', {
    stack: isScaled ? 'PostgreSQL and Redis' : 'embedded',
    process: isScaled ? (index === 0 ? 'intake' : 'workers') : 'all in one',
    minutes,
    ticketsPerSecond: PER_SECOND,
    rssMbAtStart: round(steady[0]?.mb ?? 0, 0),
    rssMbAtEnd: round(steady.at(-1)?.mb ?? 0, 0),
    rssMbPerHour: slopeIn(steady),
    heapMbAtStart: round(lows[0]?.mb ?? 0),
    heapMbAtEnd: round(lows.at(-1)?.mb ?? 0),
    heapMbPerHour: slopeIn(lows),
  });
}
report('soak', { stack: isScaled ? 'PostgreSQL and Redis' : 'embedded', process: 'storage', ...growth(before, after) });

function slopeIn(samples: readonly Sample[]): string {
  const { perHour, halfWidth } = slopeOf(samples);
  return `${round(perHour)} ± ${round(halfWidth)}`;
}

/** What a process held over time: memory, and objects in it. */
interface Held {
  readonly resident: Sample[];
  readonly heap: Sample[];
}

/** Tickets by the clock, not by what came back. */
async function drive({ site }: TestStage, running: readonly Service[]): Promise<readonly Held[]> {
  const held = running.map((): Held => ({ resident: [], heap: [] }));
  const drafts = manyNew(1_000);
  const startedAt = performance.now();
  const total = minutes * 60 * PER_SECOND;
  let sampledAt = Number.NEGATIVE_INFINITY;
  const keys: string[] = [];
  for (let made = 0; made < total; made++) {
    const draft = drafts[made % drafts.length];
    if (!draft) throw new Error('no tickets');
    keys.push((await site.createIssue({ ...draft, summary: `${draft.summary} ${made}` })).key);
    const settled = keys[made - 30 * PER_SECOND];
    if (settled && made % CORRECTED === 0) site.editAs('agent-ada', settled, { priority: 'Low' });
    if (settled && made % FINISHED === 0) site.editAs('agent-ada', settled, { resolution: 'Done' });
    const now = performance.now();
    if (now - sampledAt > SAMPLE_MS) {
      sampledAt = now;
      for (const [index, { pid, opsUrl }] of running.entries()) {
        held[index]?.resident.push({ atMs: now, mb: residentMb(pid).now });
        held[index]?.heap.push({ atMs: now, mb: await heapMb(opsUrl) });
      }
    }
    await wait(Math.max(0, startedAt + ((made + 1) * 1000) / PER_SECOND - performance.now()));
  }
  await site.webhooks.flush();
  return held;
}

/** What the objects of a process take, those that nobody needs any more included. */
async function heapMb(opsUrl: string): Promise<number> {
  const page = await (await fetch(`${opsUrl}/metrics`)).text();
  const [, bytes] = /^nodejs_heap_size_used_bytes(?:\{.*\})? (\S+)$/m.exec(page) ?? [];
  if (bytes === undefined) throw new Error('the service does not say how large its heap is');
  return Number(bytes) / 2 ** 20;
}

/** Rows by table and entries by kind of key, where they can be looked at from outside. */
async function sizes(): Promise<ReadonlyMap<string, number>> {
  if (!database || !redisUrl) return new Map();
  await using opened = new AsyncDisposableStack();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  opened.defer(() => client.end());
  const { rows } = await client.query<{ name: string; rows: string }>(
    `select schemaname || '.' || relname as name,
            (xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %I.%I', schemaname, relname), false, true, '')))[1]::text as rows
       from pg_stat_user_tables order by 1`,
  );
  const redis = new Redis(redisUrl);
  opened.defer(async () => redis.disconnect());
  return new Map([...rows.map((row) => [row.name, Number(row.rows)] as const), ['redis keys', await redis.dbsize()]]);
}

function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Record<string, string> {
  return Object.fromEntries(
    [...after].flatMap(([name, size]) => {
      const former = before.get(name) ?? 0;
      return size === former ? [] : [[name, `${former} → ${size}`]];
    }),
  );
}
