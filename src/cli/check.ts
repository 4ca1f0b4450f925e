import { MARK_KEY } from '../adapters/jira/issue-schema.ts';
import { readChecked } from '../compose/playbook/edition.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Target } from '../domain/playbook/target.ts';
import { scoringKey } from '../learning/lesson.ts';

/** `triage check`: every fault of `config/`, or its revision and what each target would do. */
export async function runCheck(config: string): Promise<void> {
  const { playbook } = await readChecked(config, null);
  process.stdout.write(`✔ revision ${playbook.revision}: ${playbook.projects.join(', ')}\n`);
  for (const target of playbook.targets) {
    process.stdout.write(`  ${target.name} (${target.mode}): ${basisOf(target, playbook)}\n`);
  }
  process.stdout.write(`  ${modelLine(playbook)}\n`);
  for (const hint of hintsFor(playbook)) process.stdout.write(`  hint: ${hint}\n`);
}

/** What is no fault and yet perhaps not what was meant. */
export function hintsFor({ targets, writeBack }: Playbook): readonly string[] {
  const suggesting = targets.filter(isSuggesting).map(({ name }) => name);
  if (suggesting.length === 0 || writeBack.note !== 'off') return [];
  return [
    `suggestions for ${suggesting.join(', ')} stand in the issue property ${MARK_KEY} alone, where few agents look; writeBack.note: suggestions puts them into an internal note`,
  ];
}

/** The target or one of its classes is suggested and not written. */
function isSuggesting({ mode, classes }: Target): boolean {
  if (mode === 'off' || mode === 'shadow') return false;
  return mode === 'suggest' || Object.values(classes).some(({ atMost }) => atMost === 'suggest');
}

/** Whether a model would be asked, if the environment names an endpoint. */
function modelLine({ model, prompts, modelCalibrations }: Playbook): string {
  if (!model || !prompts.triage) return 'no language model is asked';
  const measured = [...modelCalibrations.keys()].join(', ') || 'nothing yet, so it only suggests';
  return `a language model is asked where the local classifier is less sure than ${model.skipModelAbove}, by prompt ${prompts.triage.hash}; measured: ${measured}`;
}

function basisOf({ name, mode, decidedBy, targetPrecision }: Target, playbook: Playbook): string {
  if (mode === 'off') return 'not decided';
  if (decidedBy === 'routing') return 'by teams.yaml';
  const calibration = playbook.calibrations.get(name);
  if (!calibration) return 'by rules alone; past tickets only suggest until triage calibrate has measured them';
  const stale =
    calibration.recipe === scoringKey(playbook) ? '' : '; IGNORED, for the playbook has changed since: calibrate again';
  const { tickets, to } = calibration.data;
  return `right ${targetPrecision * 100} % of the time, by a calibration on ${tickets} tickets up to ${to.slice(0, 10)}${stale}`;
}
