import { ENDPOINTS } from '../domain/decision/question.ts';
import type { Calibration } from '../domain/playbook/calibration.ts';
import type { Fault } from '../domain/playbook/fault.ts';
import { modelKey, type Playbook } from '../domain/playbook/playbook.ts';
import { targetFault, valueFault } from './playbook-names.ts';
import { teamFaults } from './playbook-team-faults.ts';

const MAIN = 'playbook.yaml';

/** Where a calibration lies in `config/`: a target's own, or by `modelKey` that of a model's answers. */
export function calibrationPath(name: string): string {
  return `calibration/${name}.json`;
}

/** Faults that no file shows alone: names and values that another file does not know. */
export function crossFaults(playbook: Playbook): Fault[] {
  return [
    ...projectFaults(playbook),
    ...nameFaults(playbook),
    ...labelFaults(playbook),
    ...valueFaults(playbook),
    ...featureFaults(playbook),
    ...ruleFaults(playbook),
    ...teamFaults(playbook),
    ...promptFaults(playbook),
  ];
}

function projectFaults({ projects, restrictedProjects }: Playbook): Fault[] {
  return restrictedProjects.flatMap((project, index) =>
    projects.includes(project)
      ? []
      : [at(MAIN, ['restrictedProjects', index], `"${project}" is not among projects: ${projects.join(', ')}`)],
  );
}

/** A model's answer has fields of its own beside one per target. */
function nameFaults({ targets }: Playbook): Fault[] {
  return targets
    .filter(({ name }) => name === 'rationale' || name === 'evidence' || name.endsWith('_certainty'))
    .map(({ name }) => at(MAIN, ['targets', name], 'this name cannot be used for a target; choose another'));
}

/** Parents and classes that the taxonomy does not know, and calibrations made for another target. */
function valueFaults(playbook: Playbook): Fault[] {
  return playbook.targets.flatMap(({ name, values = '', classes }) => {
    const parents = Object.entries(playbook.taxonomies.get(name)?.values ?? {}).flatMap(([value, { parent }]) =>
      parent === undefined ? [] : unless(valueFault(playbook, name, parent), values, ['values', value, 'parent']),
    );
    const unknown = Object.keys(classes).flatMap((value) =>
      unless(valueFault(playbook, name, value), MAIN, ['targets', name, 'classes', value]),
    );
    const other = calibrationsOf(name, playbook).flatMap(([key, made]) =>
      made.target === name && key === keyOf(made)
        ? []
        : [at(calibrationPath(key), ['target'], `made for "${keyOf(made)}"; write it anew with triage calibrate`)],
    );
    return [...parents, ...unknown, ...other];
  });
}

/** What was measured for a target, with the name each file should have. */
function calibrationsOf(target: string, { calibrations, modelCalibrations }: Playbook) {
  const names = [target, ...ENDPOINTS.map((endpoint) => modelKey(target, endpoint))];
  return [...calibrations, ...modelCalibrations].filter(([name]) => names.includes(name));
}

function keyOf({ target, rung }: Calibration): string {
  return rung === 'local' ? target : modelKey(target, rung);
}

/** Examples that teach what nobody may answer. */
function promptFaults(playbook: Playbook): Fault[] {
  const shots = playbook.prompts.triage?.few_shot ?? [];
  const file = playbook.model?.prompt ?? '';
  if ('from' in shots)
    return (shots.targets ?? []).flatMap((name, index) =>
      unless(targetFault(playbook, name), file, ['few_shot', 'targets', index]),
    );
  return shots.flatMap(({ answer }, index) =>
    Object.entries(answer).flatMap(([target, value]) =>
      unless(targetFault(playbook, target) ?? valueFault(playbook, target, value), file, [
        'few_shot',
        index,
        'answer',
        target,
      ]),
    ),
  );
}

/** A feature that holds the answer would look perfect in training and be empty on new tickets. */
function featureFaults({ targets, classify: { features } }: Playbook): Fault[] {
  return features.flatMap((feature, index) =>
    targets
      .filter((target) => feature === ('field' in target ? target.field : target.kind))
      .map(({ name }) =>
        at(MAIN, ['classify', 'features', index], `"${name}" is decided here, so its field cannot be a feature`),
      ),
  );
}

/** Jira's labels hold no spaces. */
function labelFaults({ targets, taxonomies }: Playbook): Fault[] {
  return targets
    .filter(({ kind }) => kind === 'label')
    .flatMap(({ name, values = '' }) =>
      Object.keys(taxonomies.get(name)?.values ?? {})
        .filter((value) => /\s/.test(value))
        .map((value) => at(values, ['values', value], `a label cannot hold spaces, and ${name} is a label family`)),
    );
}

function ruleFaults(playbook: Playbook): Fault[] {
  return playbook.rules.flatMap((rule, index) =>
    Object.entries(rule.then).flatMap(([target, value]) => {
      const fault =
        targetFault(playbook, target) ?? valueFault(playbook, target, value) ?? excludedFault(playbook, target, value);
      return unless(fault, MAIN, ['rules', index, 'then', target]);
    }),
  );
}

function excludedFault({ targets }: Playbook, name: string, value: string): string | null {
  const classes = targets.find((target) => target.name === name)?.classes ?? {};
  const isExcluded = Object.hasOwn(classes, value) && classes[value]?.exclude === true;
  return isExcluded ? `"${value}" is excluded in targets.${name}.classes, so no rule can decide it` : null;
}

function at(file: string, path: Fault['path'], why: string): Fault {
  return { file, path, why };
}

function unless(why: string | null, file: string, path: Fault['path']): Fault[] {
  return why === null ? [] : [at(file, path, why)];
}
