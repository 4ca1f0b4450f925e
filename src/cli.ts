import { setTimeout as wait } from 'node:timers/promises';
import { Presets, SingleBar } from 'cli-progress';
import { Command, InvalidArgumentError } from 'commander';
import { type Context, compose } from './compose.ts';
import { RateLimitedError, TransientError } from './domain/errors.ts';
import { settingsFromProcess } from './settings/env.ts';
import { loadPlaybook } from './settings/playbook-store.ts';
import { start } from './start.ts';
import { type BackfillProgress, backfill } from './upkeep/backfill.ts';

const program = new Command('triage').description('Classifies and routes new Jira issues from past ones.');

program
  .command('check')
  .description('read config/ and print every fault, or the revision')
  .option('--config <folder>', 'folder to check', 'config')
  .action(({ config }: { config: string }) =>
    start(async () => {
      const playbook = loadPlaybook(config, null);
      const targets = playbook.targets.map(({ name, mode }) => `${name} (${mode})`).join(', ');
      process.stdout.write(`✔ revision ${playbook.revision}: ${playbook.projects.join(', ')}: ${targets}\n`);
    }),
  );

program
  .command('backfill')
  .description('load finished issues into memory; goes on where it stopped')
  .requiredOption('--jql <query>', 'which issues, for example "project = IT AND created >= -365d"')
  .option('--pages-per-second <n>', 'at most this many requests to Jira, 100 issues each', positive, 5)
  .action(({ jql, pagesPerSecond }: { jql: string; pagesPerSecond: number }) =>
    start(async () => {
      await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
      const { read, stored } = await runBackfill(jql, 1000 / pagesPerSecond, context);
      process.stdout.write(
        `✔ ${read} finished issues read, ${stored} with something to learn stored, ${await context.memory.size()} in memory\n`,
      );
    }),
  );

function positive(text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

/** Passing troubles in a row before the backfill stops; it goes on from there when it is started again. */
const MAX_TROUBLES = 8;

/** Goes through the pages at the given pace, waits out rate limits, and tries again after passing trouble. */
async function runBackfill(jql: string, paceMs: number, context: Context): Promise<BackfillProgress> {
  const bar = new SingleBar(
    { format: 'backfill {bar} {value}/{total} issues, {duration_formatted}', noTTYOutput: true, notTTYSchedule: 2000 },
    Presets.shades_classic,
  );
  bar.start(0, 0);
  let done: BackfillProgress = { read: 0, stored: 0, expected: 0 };
  for (let troubles = 0; ; ) {
    const before = done;
    try {
      for await (const progress of backfill(jql, context)) {
        done = {
          read: before.read + progress.read,
          stored: before.stored + progress.stored,
          expected: progress.expected,
        };
        bar.setTotal(Math.max(done.expected, done.read));
        bar.update(done.read);
        troubles = 0;
        await wait(paceMs);
      }
      bar.stop();
      return done;
    } catch (error) {
      if (error instanceof RateLimitedError) await wait(error.retryAfterMs);
      else if (error instanceof TransientError && ++troubles < MAX_TROUBLES) await wait(1000 * 2 ** troubles);
      else throw error;
    }
  }
}

await program.parseAsync();
