import { join } from 'node:path';
import type { Context } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import { modelKey, type Playbook } from '../../domain/playbook/playbook.ts';
import type { Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { estimate } from '../../evaluation/ladder/estimate.ts';
import type { Hearing } from '../../evaluation/ladder/hear.ts';
import { hearAll } from '../../evaluation/ladder/hear-all.ts';
import { type ModelOutlook, measureModel, reaching } from '../../evaluation/ladder/rehearse-model.ts';
import { embedderOf, type Rehearsal } from '../../evaluation/rehearse.ts';
import { modelVerdictWords } from '../../evaluation/report/ladder/words.ts';
import { table } from '../../evaluation/report/text-table.ts';
import { recipeOf } from '../../learning/lesson.ts';
import { calibrationPath } from '../../settings/playbook-faults.ts';
import type { Asking } from '../asking/open.ts';
import { percent, remarks, save } from './report.ts';

export interface Rehearsed {
  readonly rehearsal: Rehearsal;
  readonly history: readonly PastTicket[];
  readonly context: Context;
}

export interface ModelChoice {
  /** Only this target. */
  readonly target?: string;
  /** Instead of `config/`. */
  readonly out?: string;
  /** At most so many tickets, the newest ones. */
  readonly sample: number;
}

/** `triage calibrate --rung model`: measures how far a model's answers can be trusted on what reaches it. */
export async function calibrateModel(
  { rehearsal, history, context }: Rehearsed,
  asking: Asking,
  { target: only, out, sample }: ModelChoice,
): Promise<void> {
  const playbook = withLocal(context.playbook(), rehearsal);
  const decided = recipeOf(playbook).targets;
  const targets = playbook.targets.filter(
    ({ name }) => decided.includes(name) && (only === undefined || only === name),
  );
  const hearings = await heard(reaching(rehearsal.tried, targets, { playbook, sample }), playbook, asking);
  const { model } = asking.ports;
  const measured = targets.map((target) => ({
    target,
    file: calibrationPath(modelKey(target.name, model.endpoint)),
    ...measureModel(hearings, { target, playbook, model, embedder: embedderOf(history) }),
  }));
  for (const { calibration, file } of measured) {
    if (calibration) save(join(out ?? context.settings.configFolder, file), calibration);
  }
  const rows = measured.map(({ target, file, calibration, outlook }) => rowOf(target, outlook, calibration && file));
  const lines = [
    table(HEADER, rows),
    ...measured.flatMap(({ target, outlook }) => verdictOn(target, outlook)),
    ...failures(hearings),
    ...remarks(rehearsal),
    ...uncommitted(targets, context.playbook()),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (measured.some(({ calibration }) => calibration))
    process.stdout.write(
      'Read the files and commit them: a service that follows this folder decides by them within seconds.\n',
    );
}

/** Behind the calibrations that are in force, for they decide what reaches the model; just measured where there are none. */
function withLocal(playbook: Playbook, { calibrations }: Rehearsal): Playbook {
  const measured = [...calibrations].flatMap(([name, made]) => (made ? [[name, made] as const] : []));
  return { ...playbook, calibrations: new Map([...measured, ...playbook.calibrations]) };
}

async function heard(tickets: ReturnType<typeof reaching>, playbook: Playbook, { ports, finish }: Asking) {
  if (tickets.length === 0) {
    throw new MisconfiguredError([
      'no past ticket reaches the model: the local classifier is sure of all, or none may be sent',
    ]);
  }
  await ports.agree(await estimate(tickets, playbook, ports));
  try {
    return await hearAll(tickets, playbook, ports);
  } finally {
    finish();
  }
}

const HEADER = [
  'TARGET',
  'TRIED ON',
  'LOCAL ALONE RIGHT',
  'MODEL ALONE RIGHT',
  'BOTH RIGHT',
  'WOULD BE WRITTEN*',
  'RIGHT OF THESE*',
  'FILE',
];

function rowOf({ name }: Target, outlook: ModelOutlook, file: string | null): string[] {
  const { of, localAlone, modelAlone, both, written, right } = outlook;
  return [
    name,
    `${of}`,
    ...[localAlone, modelAlone, both].map((n) => (of === 0 ? '–' : `${n} (${percent(n / of)})`)),
    of === 0 || file === null ? 'nothing' : percent(written / of),
    written === 0 || file === null ? '–' : percent(right / written),
    file ?? 'none: too few answers to measure on',
  ];
}

/** Whether asking was worth it, each ticket judged by what was measured on the others. */
function verdictOn({ name }: Target, { of, beatsLocal }: ModelOutlook): string[] {
  return of === 0 ? [] : [`${name}: on these ${of} tickets ${modelVerdictWords(beatsLocal)}`];
}

function failures(hearings: readonly Hearing[]): string[] {
  const reasons = Map.groupBy(
    hearings.flatMap(({ why }) => why ?? []),
    (why) => why,
  );
  if (reasons.size === 0) return [];
  const counted = [...reasons].map(([why, all]) => `${all.length}× ${why}`).join('; ');
  return [`! left out, for they got no answer: ${counted}. The same command asks for these again.`];
}

function uncommitted(targets: readonly Target[], { calibrations }: Playbook): string[] {
  return targets
    .filter(({ name, targetPrecision }) => targetPrecision > 0 && !calibrations.has(name))
    .map(
      ({ name }) =>
        `! ${name}: the local classifier has no calibration in force; run triage calibrate and commit its file as well, or other tickets reach the model than these`,
    );
}
