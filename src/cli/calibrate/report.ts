import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Calibration } from '../../domain/playbook/calibration.ts';
import type { Rehearsal } from '../../evaluation/rehearse.ts';

/** Writes a calibration for people to review. */
export function save(path: string, calibration: Calibration): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(calibration, null, 2)}\n`);
}

/** From this share on, what people left untouched distorts the figures. */
const MACHINE_SHARE = 0.05;

/** Where tickets come from that can be measured on once the service is live. */
export const MORE =
  'raise controlGroup.share in playbook.yaml, wait until such tickets are finished, and calibrate again';

/** Of the measured tickets, too few to follow what changes on a live desk. */
const FEW = 300;

/** What the table does not say by itself. */
export function remarks({
  outlooks,
  measured,
  treated,
}: Pick<Rehearsal, 'outlooks' | 'measured' | 'treated'>): string[] {
  const biased = [...outlooks].filter(([, { of, machine }]) => machine > MACHINE_SHARE * (of + machine));
  return [
    '* of the tickets the cut-offs were chosen on: expect a little less of new ones',
    ...(treated > 0 ? [leftOut(treated, measured)] : []),
    ...biased.map(
      ([target, { of, machine }]) =>
        `! ${target}: ${machine} of ${of + machine} tickets hold a value that we wrote and nobody touched. They are left out, and with them the easy ones: these figures are too low. Keep the calibration from before going live, or ${MORE}.`,
    ),
  ];
}

function leftOut(treated: number, measured: number): string {
  const why = `${treated} past tickets that we treated taught, but nothing was measured on them, for what people stand behind there depends on what we wrote`;
  if (measured >= FEW) return `${why}; measured on the ${measured} newest others`;
  return `! ${why}; the ${measured} newest others are few: ${MORE}`;
}

/** A share in whole percents. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
