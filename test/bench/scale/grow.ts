import { randomUUID } from 'node:crypto';
import { keepHeapSmall } from '../../../src/cli/backfill/small-heap.ts';
import { type Context, compose } from '../../../src/compose.ts';
import { learnFromMemory } from '../../../src/learning/lesson.ts';
import { settingsFromProcess } from '../../../src/settings/env.ts';
import { decide } from '../../../src/triage/decide.ts';
import { backfill } from '../../../src/upkeep/backfill.ts';
import { quantile, residentMb, round } from '../report.ts';
import { issuesFrom, newIssue } from './issues.ts';

/**
 * Runs as a process of its own, as `triage backfill` does: loads the issues from one number to another, trains, and times
 * decisions. Prints one line of JSON. Usage: grow.ts FROM TO
 */
const [from, to] = [Number(process.argv[2]), Number(process.argv[3])];
const DECISIONS = 150;
const WARM_UP = 20;
/** No past ticket has such a number. */
const UNSEEN = 5_000_000;
/** Training on more takes longer than a benchmark may. */
const TAUGHT = 3_000;
/** From here on, what a process needs is there. */
const SETTLED = 10_000;

keepHeapSmall();
await using context = await compose({ ...settingsFromProcess(), logLevel: 'error' });
const loaded = await load(context);
const untrained = await times({ ...context, localModel: () => null });
const startedAt = performance.now();
await learnFromMemory(context.playbook(), {
  ...context,
  memory: { ...context.memory, tickets: () => lessons(context) },
});
const trainingS = (performance.now() - startedAt) / 1000;
await context.shelf.refresh();
const trained = await times(context);
// The simulated Jira has none of these issues: its first look at memory comes to the end at once, and forgets nothing.
await context.ledger.setCursor('sweep-memory', '~');
process.stdout.write(`${JSON.stringify({ ...loaded, untrained, trained, trainingS: round(trainingS) })}\n`);

/** As fast as the pages come. */
async function load(ports: Context) {
  const residents: number[] = [];
  const tracker = { ...ports.tracker, ...issuesFrom(from, to) };
  const begunAt = performance.now();
  for await (const { read } of backfill(`project = IT AND id >= ${from}`, { ...ports, tracker }))
    if (read >= Math.min(SETTLED, to - from)) residents.push(residentMb(process.pid).now);
  const perSecond = (to - from) / ((performance.now() - begunAt) / 1000);
  await ports.vacuum();
  const [first = 0] = residents;
  return {
    perSecond: round(perSecond, 0),
    firstMb: first,
    lastMb: residents.at(-1) ?? first,
    mostMb: Math.max(...residents),
  };
}

/** The first few thousand teach; the others only count, so that the service finds its classifier up to date. */
async function* lessons({ memory }: Pick<Context, 'memory'>) {
  let read = 0;
  for await (const page of memory.tickets()) {
    read += page.length;
    yield read <= TAUGHT ? page : page.map((ticket) => ({ ...ticket, summary: '', text: '', values: {} }));
  }
}

async function times(ports: Context) {
  const ms: number[] = [];
  for (let number = 0; number < DECISIONS + WARM_UP; number++) {
    const delivery = { deliveryId: randomUUID(), attempt: 1, round: 0, overridesHumans: false };
    const begunAt = performance.now();
    await decide(newIssue(UNSEEN + number), ports.playbook(), { ...ports, delivery });
    if (number >= WARM_UP) ms.push(performance.now() - begunAt);
  }
  return { p50: round(quantile(ms, 0.5)), p95: round(quantile(ms, 0.95)) };
}
