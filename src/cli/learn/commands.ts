import type { Command } from 'commander';
import { start } from '../../start.ts';
import { rungs, wholeFrom, withAsking } from '../options.ts';
import { type ProposeOptions, runPropose } from './propose.ts';

/** Adds `propose` to `triage learn`. */
export function addPropose(learn: Command): void {
  withAsking(
    learn
      .command('propose')
      .description(
        'turn what people keep correcting into a change of config/, for review; nothing is changed in place',
      ),
  )
    .option('--min <n>', 'independent corrections of one mistake that it takes', wholeFrom(2), 5)
    .option('--people <n>', 'different people who corrected it', wholeFrom(1), 2)
    .option('--since <time>', 'corrections since: 30d, or an ISO time', '90d')
    .option('--target <name>', 'only this target of the playbook')
    .option('--patch <file>', 'write the change as a patch for git apply')
    .option('--branch <name>', 'commit the change to a new branch; your files and what you staged stay as they are')
    .addOption(rungs(['local', 'ladder']))
    .option('--sample <n>', 'with --rung ladder: ask about at most so many tickets of each kind', wholeFrom(1), 100)
    .action((options: ProposeOptions) => start(() => runPropose(options)));
}
