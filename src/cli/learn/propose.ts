import { basename, resolve } from 'node:path';
import { type Context, compose } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Case } from '../../feedback/propose/cases.ts';
import { propose } from '../../feedback/propose/propose.ts';
import { settingsFromProcess } from '../../settings/env.ts';
import { type AskingOptions, meansOf } from '../asking/open.ts';
import { judged } from '../evaluate/judged.ts';
import { type Draft, draft } from './draft.ts';
import { gather, redaction, type Wanted } from './gather.ts';
import { type Repository, refuseBranch, refuseUncommitted, repositoryAt } from './git/branch.ts';
import { type Handing, hand } from './hand.ts';
import { measure } from './measure.ts';
import { caseTable, leftOutLines, messageFor } from './report.ts';

export interface ProposeOptions extends AskingOptions, Wanted, Omit<Handing, 'repository'> {
  readonly rung: 'local' | 'ladder';
  readonly sample: number;
}

/**
 * `triage learn propose`: turns what people keep correcting into a change of `config/`, measures it, and shows it or
 * leaves it as a patch or a branch. What the service decides by stays as it is until somebody merges.
 */
export async function runPropose(options: ProposeOptions): Promise<void> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const repository = repositoryAt(context.settings.configFolder);
  refuseEarly(options, context, repository);
  const { made, history } = await drafted(options, context);
  if (made.kept.length === 0) return;
  const prefix = repository?.prefix ?? `${basename(resolve(context.settings.configFolder))}/`;
  const files = made.files.map((file) => ({ ...file, path: prefix + file.path }));
  if (options.branch !== undefined && repository) for (const file of files) refuseUncommitted(repository, file);
  const means = options.rung === 'local' ? null : meansOf(options, { ...context, tell: (line) => tell([line]) });
  const { measured, notes } = await measure(made, { ...options, history, judge: (task) => judged(task, means) });
  const message = messageFor(made.kept, { measured, notes: [...notes, ...unmeasured(made, options, context)] });
  tell(hand({ files, message }, { ...options, repository }));
}

/** What cannot work is told before the long part. */
function refuseEarly({ target, branch }: ProposeOptions, context: Context, repository: Repository | null): void {
  const names = context.playbook().targets.map(({ name }) => name);
  if (target !== undefined && !names.includes(target))
    throw new MisconfiguredError([`--target ${target} is not in the playbook; it has: ${names.join(', ')}`]);
  if (branch === undefined) return;
  if (!repository)
    throw new MisconfiguredError([`${context.settings.configFolder} is in no Git repository: use --patch FILE`]);
  refuseBranch(repository, branch);
}

/** The change, made beside `config/`; tells what it comes from, or what is missing. */
async function drafted(options: ProposeOptions, context: Context) {
  const { cases, leftOut, history } = await gather(options, context);
  const ready = cases.filter(({ lacks }) => lacks === null);
  const redact = await redaction(ready, history, context);
  const ground = { playbook: context.playbook(), history, redact, min: options.min };
  const { changes, notes } = propose(ready, ground);
  const made = draft(changes, context.settings.configFolder);
  if (cases.length > 0) tell([caseTable(cases, made.kept)]);
  tell([...leftOutLines(leftOut), ...notes]);
  tell(made.dropped.map((why) => `! left out, for config/ cannot take it: ${why}`));
  if (made.kept.length === 0) tell([nothingLine(cases, options)]);
  return { made, history };
}

function nothingLine(cases: readonly Case[], { min, people, since }: ProposeOptions): string {
  const count = cases.reduce((sum, { corrected }) => sum + corrected.length, 0);
  if (count === 0) return `✔ nothing to propose: no correction since ${since} that can be learnt from`;
  if (cases.some(({ lacks }) => lacks === null))
    return '✔ nothing to propose: these tickets have no words of their own';
  const lacks = cases[0]?.lacks ?? 'more';
  return `✔ nothing to propose: ${count} corrections since ${since}; it takes ${min} independent ones of one mistake by ${people} people, the first needs ${lacks}`;
}

/** What only a model listens to, and what the change costs there. */
function unmeasured({ kept, before }: Draft, options: ProposeOptions, { settings }: Context): readonly string[] {
  const forModel = kept.filter(({ kind }) => kind !== 'rule');
  const isPromptNew = forModel.some(({ kind }) => kind === 'example');
  const why = settings.endpoints.main === null ? 'no model' : 'no model was asked; --rung ladder asks one';
  const command = `triage evaluate --rung ladder --compare HEAD ${options.branch ?? 'YOUR-BRANCH'}`;
  return [
    ...(forModel.length > 0 && options.rung === 'local'
      ? [`examples and descriptions speak to a model alone: not measured: ${why}. To measure them: ${command}`]
      : []),
    ...(isPromptNew && before.modelCalibrations.size > 0
      ? ['the prompt changes, so what was measured of the model counts no more: triage calibrate --rung model']
      : []),
  ];
}

function tell(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
