import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processMemory } from '../adapters/sparse/memory.ts';
import { compose } from '../compose.ts';
import type { Calibration } from '../domain/calibration.ts';
import { MisconfiguredError } from '../domain/errors.ts';
import type { PastTicket } from '../domain/issue.ts';
import type { Memory } from '../domain/ports.ts';
import { type Outlook, rehearse } from '../evaluation/rehearse.ts';
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
  const { calibrations, outlooks } = await rehearse(history, playbook, {
    openMemory: processMemory,
    onProgress: bar.update,
  });
  bar.stop();
  const rows: string[][] = [];
  for (const [target, calibration] of calibrations) {
    if (only !== undefined && target !== only) continue;
    if (calibration) save(join(out ?? context.settings.configFolder, calibrationPath(target)), calibration);
    rows.push(rowOf(target, calibration, outlooks.get(target)));
  }
  process.stdout.write(
    `${table(['TARGET', 'TRIED ON', 'RIGHT', 'WOULD BE WRITTEN*', 'RIGHT OF THESE*', 'FILE'], rows)}\n`,
  );
  for (const remark of remarks(outlooks)) process.stdout.write(`${remark}\n`);
  if (rows.some((row) => row.at(-1)?.endsWith('.json')))
    process.stdout.write('Read the files, commit them, and restart: from then on these cut-offs decide.\n');
}

/** From this share on, what people left untouched distorts the figures. */
const MACHINE_SHARE = 0.05;

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

/** What the table does not say by itself. */
function remarks(outlooks: ReadonlyMap<string, Outlook>): string[] {
  const biased = [...outlooks].filter(([, { of, machine }]) => machine > MACHINE_SHARE * (of + machine));
  return [
    '* of the tickets the cut-offs were chosen on: expect a little less of new ones',
    ...biased.map(
      ([target, { of, machine }]) =>
        `! ${target}: ${machine} of ${of + machine} tickets hold a value that we wrote and nobody touched. They are left out, and with them the easy ones: these figures are too low. Keep the calibration from before going live, or let people confirm a sample.`,
    ),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
