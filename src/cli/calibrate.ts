import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processMemory } from '../adapters/sparse/memory.ts';
import { compose } from '../compose.ts';
import type { Calibration } from '../domain/calibration.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import type { PastTicket } from '../domain/issue.ts';
import type { Memory } from '../domain/ports.ts';
import { rehearse } from '../evaluation/rehearse.ts';
import { table } from '../evaluation/report/text-table.ts';
import { MIN_TICKETS } from '../learning/lesson.ts';
import { settingsFromProcess } from '../settings/env.ts';
import { calibrationPath } from '../settings/playbook-faults.ts';
import { showProgress } from './progress.ts';

export interface CalibrateOptions {
  readonly target?: string;
  /** Instead of `config/`, where that cannot be written to. */
  readonly out?: string;
}

/** `triage calibrate`: measures on past tickets how far the classifier can be trusted, and writes it to `config/`. */
export async function runCalibrate({ target: only, out }: CalibrateOptions): Promise<void> {
  await using context = await compose({ ...settingsFromProcess(), logLevel: 'warn' });
  const playbook = context.playbook();
  if (only !== undefined && !playbook.targets.some(({ name }) => name === only)) {
    const known = playbook.targets.map(({ name }) => name).join(', ');
    throw new MisconfiguredError([`--target ${only} is not in the playbook; it has: ${known}`]);
  }
  const history = await historyOf(context.memory);
  if (history.length < MIN_TICKETS) {
    throw new MisconfiguredError([
      `memory holds ${history.length} past tickets, calibrating needs ${MIN_TICKETS}; load more: triage backfill --jql "project = …"`,
    ]);
  }
  const bar = showProgress('rehearsing', 'past tickets');
  const { calibrations, written } = await rehearse(history, playbook, {
    openMemory: processMemory,
    onProgress: bar.update,
  });
  bar.stop();
  const rows: string[][] = [];
  for (const [target, calibration] of calibrations) {
    if (only !== undefined && target !== only) continue;
    if (calibration) save(join(out ?? context.settings.configFolder, calibrationPath(target)), calibration);
    rows.push(rowOf(target, calibration, written.get(target)));
  }
  process.stdout.write(
    `${table(['TARGET', 'TRIED ON', 'RIGHT', 'WOULD BE WRITTEN', 'RIGHT OF THESE', 'FILE'], rows)}\n`,
  );
  process.stdout.write('Read the files, commit them, and restart: from then on these cut-offs decide.\n');
}

/** Every past ticket with its text, oldest first. */
export async function historyOf(memory: Memory): Promise<readonly PastTicket[]> {
  const history: PastTicket[] = [];
  for await (const page of memory.tickets()) history.push(...page);
  return history;
}

function save(path: string, calibration: Calibration): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

function rowOf(
  target: string,
  calibration: Calibration | null,
  written: { readonly n: number; readonly right: number } | undefined,
): string[] {
  if (!calibration) return [target, '–', '–', 'nothing', '–', 'none: too few past tickets to measure on'];
  const { tickets, accuracy } = calibration.data;
  const { n, right } = written ?? { n: 0, right: 0 };
  return [
    target,
    `${tickets}`,
    percent(accuracy),
    percent(n / tickets),
    n === 0 ? '–' : percent(right / n),
    calibrationPath(target),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
