import type { Command } from 'commander';
import { start } from '../../start.ts';
import { positive, wholeFrom } from '../options.ts';
import { runAudit, runBrakes, runQuality, runRelease } from './brakes.ts';
import { runDeadLetters, runDiscard, runReplay, runShowDeadLetter } from './dead-letters.ts';
import type { SteeringOptions } from './open.ts';
import { type ReclassifyOptions, runReclassify } from './reclassify.ts';
import { runSweep, type SweepOptions } from './sweep.ts';
import { runUndo, type UndoOptions } from './undo/undo.ts';

/** Adds the commands by which people steer what the service does. */
export function addSteering(program: Command): void {
  withService(program.command('undo').description('take back what was written, where it still stands'))
    .option('--issue <key>', 'everything written to this ticket')
    .option('--revision <revision>', 'everything a revision of the playbook wrote; needs --since')
    .option('--decision <id>', 'what one decision wrote; undo-… takes back an undo')
    .option('--since <time>', 'only what was written since: 90m, 2h, 3d, or an ISO time')
    .option('--dry-run', 'tell what would be done, and do nothing')
    .option('--per-second <n>', 'at most this many writes, where no service is asked', positive, 5)
    .option('--yes', 'do it without asking you first')
    .action((options: UndoOptions) => start(() => runUndo(options)));

  withService(program.command('reclassify').description('decide on tickets again, with the current playbook'))
    .option('--issue <keys...>', 'these tickets')
    .option('--jql <query>', 'the tickets that a query finds')
    .option('--only-changed', 'leave tickets alone that did not change since this playbook decided on them')
    .option('--override-humans', 'even values that people set may be replaced; who asked goes on record')
    .option('--yes', 'do it without asking you first')
    .action((options: ReclassifyOptions) => start(() => runReclassify(options)));

  withService(program.command('sweep').description('find what no webhook told us of, and hand it over'))
    .option(
      '--since <time>',
      'look back so far, at most RETENTION_DAYS, also before the first start: 90m, 7d, or an ISO time',
    )
    .option('--settle <seconds>', 'leave alone what is younger: its webhook may still come', wholeFrom(0), 120)
    .option('--dry-run', 'tell what would be found, and do nothing')
    .option('--yes', 'do it without asking you first')
    .action((options: SweepOptions) => start(() => runSweep(options)));

  const brakes = withService(program.command('brakes').description('what made itself more careful, and why'));
  brakes.action((options: SteeringOptions) => start(() => runBrakes(options)));
  withService(brakes.command('release <id>').description('let it go as far as the playbook says again')).action(
    (id: string, _options: SteeringOptions, command: Command) =>
      start(() => runRelease(id, command.optsWithGlobals<SteeringOptions>())),
  );

  addDeadLetters(program);

  withService(program.command('quality').description('how what was written fared, by class and revision'))
    .option('--days <n>', 'look back so far; absent: as far as the guard rails do', wholeFrom(1))
    .action((options: SteeringOptions & { days?: number }) => start(() => runQuality(options)));

  withService(program.command('audit').description('what people made the service do')).action(
    (options: SteeringOptions) => start(() => runAudit(options)),
  );
}

function addDeadLetters(program: Command): void {
  const letters = withService(program.command('dead-letters').description('jobs out of attempts: list them'));
  letters.action((options: SteeringOptions) => start(() => runDeadLetters(options)));
  const optionsOf = (command: Command) => command.optsWithGlobals<SteeringOptions & { all?: boolean }>();
  withService(letters.command('list').description('list them')).action((_options: SteeringOptions, command: Command) =>
    start(() => runDeadLetters(optionsOf(command))),
  );
  withService(letters.command('show <id>').description('all that is known of one')).action(
    (id: string, _options: SteeringOptions, command: Command) => start(() => runShowDeadLetter(id, optionsOf(command))),
  );
  withService(letters.command('replay [ids...]').description('have them tried again, with a new look at the ticket'))
    .option('--all', 'the newest 200')
    .action((ids: string[], _options: SteeringOptions, command: Command) =>
      start(() => runReplay(ids, optionsOf(command))),
    );
  withService(letters.command('discard <ids...>').description('take them away; their tickets stay as they are')).action(
    (ids: string[], _options: SteeringOptions, command: Command) => start(() => runDiscard(ids, optionsOf(command))),
  );
}

function withService(command: Command): Command {
  return command
    .option(
      '--service <url>',
      'let the running service do it, at its OPS_PORT and with ADMIN_TOKEN; absent: SERVICE_URL',
    )
    .option('--actor <name>', 'who is on record as having asked; absent: your account’s name');
}
