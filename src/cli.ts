import { Command } from 'commander';
import { runBackfill, runLearn } from './cli/backfill.ts';
import { type CalibrateOptions, runCalibrate } from './cli/calibrate.ts';
import { runCheck } from './cli/check.ts';
import { type EvaluateOptions, runEvaluate } from './cli/evaluate/evaluate.ts';
import { addPropose } from './cli/learn/commands.ts';
import { runMemoryCopy } from './cli/memory.ts';
import {
  fields,
  pairs,
  positive,
  refuseFileOptions,
  rungs,
  share,
  shares,
  wholeFrom,
  withAsking,
} from './cli/options.ts';
import { addSteering } from './cli/steering/commands.ts';
import { start } from './start.ts';

const program = new Command('triage').description('Classifies and routes new Jira issues from past ones.');

program
  .command('check')
  .description('read config/ and print every fault, or the revision')
  .option('--config <folder>', 'folder to check', 'config')
  .action(({ config }: { config: string }) => start(async () => runCheck(config)));

program
  .command('backfill')
  .description('load finished issues into memory and train on them; goes on where it stopped')
  .requiredOption('--jql <query>', 'which issues, for example "project = IT AND created >= -365d"')
  .option('--pages-per-second <n>', 'at most this many requests to Jira, 100 issues each', positive, 5)
  .option('--no-learn', 'do not train the local classifier afterwards')
  .action((options: { jql: string; pagesPerSecond: number; learn: boolean }) => start(() => runBackfill(options)));

program
  .command('memory')
  .description('past tickets as they are stored')
  .command('copy')
  .description('copy them from the database to the Qdrant in QDRANT_URL; goes on where it stopped')
  .action(() => start(runMemoryCopy));

const learn = program
  .command('learn')
  .description('train the local classifier on memory now; the service does so by itself when memory has changed')
  .action(() => start(runLearn));
addPropose(learn);

withAsking(
  program
    .command('calibrate')
    .description('measure on past tickets how sure is sure enough, and write it to config/calibration/ for review'),
)
  .addOption(rungs(['local', 'model']))
  .option('--sample <n>', 'ask the model about at most so many past tickets, the newest', wholeFrom(1), 400)
  .option('--target <name>', 'only this target of the playbook')
  .option('--out <folder>', 'write to this folder instead of config/')
  .action((options: CalibrateOptions) => start(() => runCalibrate(options)));

withAsking(
  program
    .command('evaluate')
    .description('judge the classifier on tickets later than what it learnt from: memory, or a file of tickets'),
)
  .addOption(rungs(['local', 'model', 'ladder']))
  .option('--config <folder>', 'whose model and prompts a file of tickets is judged with', 'config')
  .option('--tickets <file>', '.jsonl, .jsonl.gz or a Jira CSV export; absent: memory')
  .option('--target <name>', 'the field to predict; of memory: one target instead of all')
  .option('--order <field>', 'a field with dates, or file; absent: the date of creation where there is one')
  .option(
    '--split <percents>',
    'history/calibration/test, or official: as the field "split" says',
    shares,
    [70, 10, 20],
  )
  .option('--min-class <n>', 'leave out classes with fewer history tickets', wholeFrom(1))
  .option('--text <fields>', 'title and body, for example title,body', fields)
  .option('--features <pairs>', 'what a ticket has beyond text, for example reporter=caller', pairs, {})
  .option('--unknown <value>', 'a value that means "none of the classes"')
  .option('--per-project', 'split each project by itself, and allow only values its own history has')
  .option('--precision <share>', 'how often what is written must be right', share)
  .option('--seed <n>', 'the same seed gives the same figures', wholeFrom(0), 42)
  .option('--quick', 'no learning curve, no worth of single features')
  .option('--json [file]', 'the figures as JSON, to a file or instead of everything else')
  .option('--html <file>', 'where the page with plots goes', 'evaluation.html')
  .option('--compare <playbooks...>', 'two folders or git refs: which playbook decides better?')
  .action((options: EvaluateOptions, command: Command) =>
    start(async () => {
      refuseFileOptions(command, options);
      if (options.compare && options.compare.length !== 2) program.error('--compare needs two playbooks: A B');
      await runEvaluate(options);
    }),
  );

addSteering(program);

// The reader of a pipe may leave early (`| head`); what is left to do is done without it.
process.stdout.on('error', (error) => {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
});

await program.parseAsync();
