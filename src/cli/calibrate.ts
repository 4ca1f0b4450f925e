import { join } from 'node:path';
import { processMemory } from '../adapters/sparse/memory.ts';
import { compose } from '../compose.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import type { Calibration } from '../domain/playbook/calibration.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Memory } from '../domain/ports/memory.ts';
import type { PastTicket } from '../domain/ticket/issue.ts';
import { isUntreated } from '../evaluation/measure/treated.ts';
import { type Outlook, type Rehearsal, rehearse } from '../evaluation/rehearse.ts';
import { table } from '../evaluation/report/text-table.ts';
import { MIN_TICKETS } from '../learning/lesson.ts';
import { settingsFromProcess } from '../settings/env.ts';
import { calibrationPath } from '../settings/playbook-faults.ts';
import { type AskingOptions, askingFor, meansOf } from './asking/open.ts';
import { calibrateModel, type ModelChoice } from './calibrate/model.ts';
import { MORE, percent, remarks, save } from './calibrate/report.ts';
import { showProgress } from './progress.ts';

export interface CalibrateOptions extends AskingOptions, ModelChoice {
  /** Whose answers are measured: the local classifier's, or those of a model behind it. */
  readonly rung: 'local' | 'model';
}

/** `triage calibrate`: measures on past tickets how far the classifier can be trusted, and writes it to `config/`. */
export async function runCalibrate(options: CalibrateOptions): Promise<void> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const playbook = context.playbook();
  refuseUnknown(options.target, playbook);
  // Whoever cannot be asked is told so before the long rehearsal.
  const asking = options.rung === 'model' ? await askingFor(playbook, meansOf(options, { ...context, tell })) : null;
  const history = await historyOf(context.memory);
  refuseTooFew(history);
  using bar = showProgress('rehearsing', 'past tickets');
  const rehearsal = await rehearse(history, playbook, { openMemory: processMemory, onProgress: bar.update });
  bar.stop();
  if (asking) return await calibrateModel({ rehearsal, history, context }, asking, options);
  report(rehearsal, options, context.settings.configFolder);
}

function refuseUnknown(only: string | undefined, { targets }: Playbook): void {
  if (only === undefined || targets.some(({ name }) => name === only)) return;
  const known = targets.map(({ name }) => name).join(', ');
  throw new MisconfiguredError([`--target ${only} is not in the playbook; it has: ${known}`]);
}

function refuseTooFew(history: readonly PastTicket[]): void {
  const measurable = history.filter(isUntreated).length;
  if (measurable >= MIN_TICKETS) return;
  const treated = history.length - measurable;
  if (history.length < MIN_TICKETS) {
    throw new MisconfiguredError([
      `memory holds ${history.length} past tickets, calibrating needs ${MIN_TICKETS}; load more: triage backfill --jql "project = …"`,
    ]);
  }
  throw new MisconfiguredError([
    `of ${history.length} past tickets we treated ${treated}, and nothing can be measured on those; calibrating needs ${MIN_TICKETS} others: ${MORE}. Until then keep the calibrations you have`,
  ]);
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function report(rehearsal: Rehearsal, { target: only, out }: CalibrateOptions, config: string): void {
  const { calibrations, outlooks } = rehearsal;
  const rows: string[][] = [];
  for (const [target, calibration] of calibrations) {
    if (only !== undefined && target !== only) continue;
    if (calibration) save(join(out ?? config, calibrationPath(target)), calibration);
    rows.push(rowOf(target, calibration, outlooks.get(target)));
  }
  tell(table(['TARGET', 'TRIED ON', 'RIGHT', 'WOULD BE WRITTEN*', 'RIGHT OF THESE*', 'FILE'], rows));
  for (const remark of remarks(rehearsal)) tell(remark);
  if (rows.some((row) => row.at(-1)?.endsWith('.json')))
    tell('Read the files and commit them: a service that follows this folder decides by them within seconds.');
}

/** Every past ticket with its text, oldest first. */
export async function historyOf(memory: Memory): Promise<readonly PastTicket[]> {
  const history: PastTicket[] = [];
  for await (const page of memory.tickets()) history.push(...page);
  return history;
}

function rowOf(target: string, calibration: Calibration | null, outlook: Outlook | undefined): string[] {
  if (!calibration || !outlook) return [target, '–', '–', 'nothing', '–', 'none: too few past tickets to measure on'];
  const { of, written, right } = outlook;
  return [
    target,
    `${of}`,
    percent(calibration.data.accuracy),
    percent(written / of),
    written === 0 ? '–' : percent(right / written),
    calibrationPath(target),
  ];
}
