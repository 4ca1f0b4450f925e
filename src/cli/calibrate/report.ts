import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Calibration } from '../../domain/calibration.ts';
import type { Outlook } from '../../evaluation/rehearse.ts';

/** Writes a calibration for people to review. */
export function save(path: string, calibration: Calibration): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

/** From this share on, what people left untouched distorts the figures. */
const MACHINE_SHARE = 0.05;

/** What the table does not say by itself. */
export function remarks(outlooks: ReadonlyMap<string, Outlook>): string[] {
  const biased = [...outlooks].filter(([, { of, machine }]) => machine > MACHINE_SHARE * (of + machine));
  return [
    '* of the tickets the cut-offs were chosen on: expect a little less of new ones',
    ...biased.map(
      ([target, { of, machine }]) =>
        `! ${target}: ${machine} of ${of + machine} tickets hold a value that we wrote and nobody touched. They are left out, and with them the easy ones: these figures are too low. Keep the calibration from before going live, or let people confirm a sample.`,
    ),
  ];
}

/** A share in whole percents. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
