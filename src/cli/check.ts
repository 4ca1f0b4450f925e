import type { Playbook } from '../domain/playbook.ts';
import type { Target } from '../domain/target.ts';
import { scoringKey } from '../learning/lesson.ts';
import { loadPlaybook } from '../settings/playbook-store.ts';

/** `triage check`: every fault of `config/`, or its revision and what each target would do. */
export function runCheck(config: string): void {
  const playbook = loadPlaybook(config, null);
  process.stdout.write(`✔ revision ${playbook.revision}: ${playbook.projects.join(', ')}\n`);
  for (const target of playbook.targets) {
    process.stdout.write(`  ${target.name} (${target.mode}): ${basisOf(target, playbook)}\n`);
  }
  process.stdout.write(`  ${modelLine(playbook)}\n`);
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
