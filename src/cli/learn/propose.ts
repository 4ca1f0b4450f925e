import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type Context, compose } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import { sinceOf } from '../../domain/since.ts';
import { type Case, casesOf } from '../../feedback/propose/cases.ts';
import { sift } from '../../feedback/propose/overrides.ts';
import { propose } from '../../feedback/propose/propose.ts';
import { veil } from '../../privacy/veil.ts';
import { settingsFromProcess } from '../../settings/env.ts';
import { type AskingOptions, meansOf } from '../asking/open.ts';
import { historyOf } from '../calibrate.ts';
import { judged } from '../judged.ts';
import { unifiedDiff } from './diff.ts';
import { type Draft, draft } from './draft.ts';
import { authorAt, commitToBranch, type Repository, refuseBranch, repositoryAt } from './git.ts';
import { type Measurement, measure } from './measure.ts';
import { caseTable, leftOutLines, messageFor, patchText } from './report.ts';

export interface ProposeOptions extends AskingOptions {
  readonly min: number;
  readonly people: number;
  readonly since: string;
  readonly target?: string;
  readonly patch?: string;
  readonly branch?: string;
  readonly rung: 'local' | 'ladder';
  readonly sample: number;
}

/**
 * `triage learn propose`: turns what people keep correcting into a change of `config/`, measures it, and shows it or
 * leaves it as a patch or a branch. What the service decides by stays as it is until somebody merges.
 */
export async function runPropose(options: ProposeOptions): Promise<void> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const folder = context.settings.configFolder;
  const repository = repositoryAt(folder);
  refuseEarly(options, context, repository);
  const found = await casesFrom(context, options);
  const ready = found.cases.filter(({ lacks }) => lacks === null);
  const { changes, notes } = propose(ready, {
    ...found,
    min: options.min,
    redact: await redaction(ready, found, context),
  });
  const made = draft(changes, folder);
  tell(found.cases.length > 0 ? [caseTable(found.cases, made.kept)] : []);
  tell([
    ...leftOutLines(found),
    ...notes,
    ...made.dropped.map((why) => `! left out, for config/ cannot take it: ${why}`),
  ]);
  if (made.kept.length === 0) return tell(nothingLines(found.cases, options));
  const measurement = await measure(made, {
    ...found,
    ...options,
    judge: (task) => judged(task, meansFor(options, context)),
  });
  const remarks = [...measurement.notes, ...unmeasured(made, options, context)];
  hand(made, { options, repository, measurement: { ...measurement, notes: remarks } });
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

async function casesFrom({ ledger, memory, clock, ...context }: Context, options: ProposeOptions) {
  const since = sinceOf(options.since, clock.now());
  if (since === null)
    throw new MisconfiguredError([`--since ${options.since} is no time: say 30d, 12h, or 2026-05-01`]);
  const playbook = context.playbook();
  const history = await historyOf(memory);
  const tickets = new Map(history.map((ticket) => [ticket.id, ticket]));
  const outcomes = (await ledger.overridden(since)).filter(
    ({ target }) => options.target === undefined || target === options.target,
  );
  const sifted = sift(outcomes, { playbook, tickets });
  const cases = casesOf(sifted.overrides, { ...options, bursts: await ledger.bursts(MAX_BURSTS) });
  return { ...sifted, cases, history, playbook };
}

const MAX_BURSTS = 1_000;

/** Strict whatever the playbook says, with the names of everybody in memory: what is committed stays for ever. */
async function redaction(
  cases: readonly Case[],
  { history }: Pick<Awaited<ReturnType<typeof casesFrom>>, 'history'>,
  context: Context,
) {
  const texts = cases.flatMap(({ tickets }) => tickets.flatMap(({ summary, text }) => [summary, text]));
  const people = [...new Set(history.flatMap((ticket) => ticket.people))];
  const privacy = { ...context.playbook().privacy, redaction: 'strict' as const };
  return veil(texts, people, { privacy, finder: context.finder });
}

function meansFor(options: ProposeOptions, context: Context) {
  return options.rung === 'local' ? null : meansOf(options, { ...context, tell: (line) => tell([line]) });
}

function unmeasured(
  { kept, before }: Draft,
  { rung, branch }: ProposeOptions,
  { settings }: Context,
): readonly string[] {
  const forModel = kept.filter(({ kind }) => kind !== 'rule');
  const recalibrate =
    forModel.some(({ kind }) => kind === 'example') && before.modelCalibrations.size > 0
      ? [
          'the prompt changes, so the calibrations of the model’s answers do not count any more: triage calibrate --rung model',
        ]
      : [];
  if (forModel.length === 0 || rung === 'ladder') return recalibrate;
  const why = settings.endpoints.main === null ? 'no model' : 'no model was asked';
  const command = `triage evaluate --rung ladder --compare HEAD ${branch ?? 'YOUR-BRANCH'}`;
  return [
    `examples and descriptions: not measured: ${why}; they speak to a model alone. To measure them: ${command}`,
    ...recalibrate,
  ];
}

interface Handing {
  readonly options: ProposeOptions;
  readonly repository: Repository | null;
  readonly measurement: Measurement;
}

function hand({ files, kept }: Draft, { options, repository, measurement }: Handing): void {
  const message = messageFor(kept, measurement);
  const prefix = repository?.prefix ?? `${basename(resolve(settingsFromProcess().configFolder))}/`;
  const edited = files.map((file) => ({ ...file, path: prefix + file.path }));
  const diffs = edited.map(unifiedDiff);
  tell(['', message, ...diffs.map((diff) => diff.trimEnd())]);
  if (options.patch !== undefined) {
    const author = (repository && authorAt(repository)) ?? 'triage learn <triage@localhost>';
    writeFileSync(options.patch, patchText(diffs, { message, author, at: new Date() }));
    tell([`✔ ${options.patch}: read it, then git apply ${options.patch}`]);
  }
  if (options.branch !== undefined && repository) {
    const commit = commitToBranch(repository, options.branch, { files: edited, message });
    tell([`✔ branch ${options.branch} at ${commit.slice(0, 12)}, not pushed: git push origin ${options.branch}`]);
  }
  if (options.patch === undefined && options.branch === undefined)
    tell([
      `  nothing was changed; keep it with --branch NAME${repository ? '' : ' (in a Git repository)'} or --patch FILE`,
    ]);
}

function nothingLines(cases: readonly Case[], { min, people, since }: ProposeOptions): readonly string[] {
  const corrections = cases.reduce((sum, { corrected }) => sum + corrected.length, 0);
  if (corrections === 0) return [`✔ nothing to propose: no correction since ${since} that can be learnt from`];
  const [nearest] = cases.filter(({ lacks }) => lacks !== null);
  const missing = nearest ? `; the nearest needs ${nearest.lacks}` : '';
  return [
    `✔ nothing to propose: ${corrections} corrections since ${since}, and it takes ${min} independent ones of one mistake by ${people} people${missing}`,
  ];
}

function tell(lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}
