import { setTimeout as wait } from 'node:timers/promises';
import { type Context, compose } from '../compose.ts';
import { RateLimitedError, TransientError } from '../domain/errors.ts';
import { learnFromMemory, MIN_TICKETS } from '../learning/lesson.ts';
import { settingsFromProcess } from '../settings/env.ts';
import { type BackfillProgress, backfill } from '../upkeep/backfill.ts';
import { buildSpace } from '../upkeep/embed.ts';
import { keepHeapSmall } from './backfill/small-heap.ts';
import { showProgress } from './progress.ts';

export interface BackfillOptions {
  readonly jql: string;
  readonly pagesPerSecond: number;
  readonly learn: boolean;
}

/** `triage backfill`: loads finished issues into memory, then trains the local classifier on all of it. */
export async function runBackfill({ jql, pagesPerSecond, learn }: BackfillOptions): Promise<void> {
  keepHeapSmall();
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const { read, stored } = await load(jql, 1000 / pagesPerSecond, context);
  process.stdout.write(
    `✔ ${read} finished issues read, ${stored} with something to learn stored, ${await context.memory.size()} in memory\n`,
  );
  await embedRest(context);
  await context.vacuum();
  if (learn) await teach(context);
}

/** Tickets that were there before the embedding model was, and those it failed on. */
async function embedRest({ embedder, memory, textOf }: Context): Promise<void> {
  if (!embedder) return;
  const { embedded, trouble } = await buildSpace({ spaces: memory.spaces, embedder, textOf });
  if (trouble !== null) process.stdout.write(`! ${trouble}: the service goes on embedding by itself\n`);
  else if (embedded > 0) process.stdout.write(`✔ ${embedded} past tickets embedded with ${embedder.model}\n`);
}

/** `triage learn`: trains the local classifier now instead of waiting for its turn. */
export async function runLearn(): Promise<void> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  await teach(context);
}

async function teach(context: Context): Promise<void> {
  const startedAt = performance.now();
  const lesson = await learnFromMemory(context.playbook(), context);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (!lesson) {
    process.stdout.write(`✔ fewer than ${MIN_TICKETS} past tickets: only rules decide until there are more\n`);
    return;
  }
  const { tickets, targets, version } = lesson;
  const learnt = targets.length > 0 ? targets.join(', ') : 'nothing, for no target has two values to tell apart';
  process.stdout.write(`✔ local classifier ${version} trained on ${tickets} tickets in ${seconds} s: ${learnt}\n`);
  const open = targets.filter((name) => !context.playbook().calibrations.has(name));
  if (open.length > 0)
    process.stdout.write(`  next: triage calibrate, or nothing is written for ${open.join(', ')} but by rules\n`);
}

/** Passing troubles in a row before the backfill stops; it goes on from there when it is started again. */
const MAX_TROUBLES = 8;

/** Goes through the pages at the given pace, waits out rate limits, and tries again after passing trouble. */
async function load(jql: string, paceMs: number, context: Context): Promise<BackfillProgress> {
  using bar = showProgress('backfill', 'issues');
  let done: BackfillProgress = { read: 0, stored: 0, expected: 0 };
  for (let troubles = 0; ; ) {
    const before = done;
    let pageAt = performance.now();
    try {
      for await (const progress of backfill(jql, context)) {
        done = {
          read: before.read + progress.read,
          stored: before.stored + progress.stored,
          expected: progress.expected,
        };
        bar.update(done.read, Math.max(done.expected, done.read));
        troubles = 0;
        await wait(Math.max(pageAt + paceMs - performance.now(), 0));
        pageAt = performance.now();
      }
      return done;
    } catch (error) {
      if (error instanceof RateLimitedError) await wait(error.retryAfterMs);
      else if (error instanceof TransientError && ++troubles < MAX_TROUBLES) await wait(1000 * 2 ** troubles);
      else throw error;
    }
  }
}
