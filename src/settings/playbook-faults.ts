import type { Calibration } from '../domain/calibration.ts';
import { modelKey, type Playbook } from '../domain/playbook.ts';
import { ENDPOINTS } from '../domain/question.ts';

/** Where a calibration lies in `config/`: a target's own, or by `modelKey` that of a model's answers. */
export function calibrationPath(name: string): string {
  return `calibration/${name}.json`;
}

/** Faults that no file shows alone: names and values that another file does not know. */
export function crossFaults(playbook: Playbook): string[] {
  return [
    ...nameFaults(playbook),
    ...labelFaults(playbook),
    ...valueFaults(playbook),
    ...featureFaults(playbook),
    ...ruleFaults(playbook),
    ...routeFaults(playbook),
    ...teamFaults(playbook),
    ...promptFaults(playbook),
  ];
}

/** A model's answer has fields of its own beside one per target. */
function nameFaults({ targets }: Playbook): string[] {
  return targets
    .filter(({ name }) => name === 'rationale' || name === 'evidence' || name.endsWith('_certainty'))
    .map(({ name }) => `playbook.yaml targets.${name}: this name cannot be used for a target; choose another`);
}

/** Parents and classes that the taxonomy does not know, and calibrations made for another target. */
function valueFaults(playbook: Playbook): string[] {
  return playbook.targets.flatMap(({ name, values, classes }) => {
    const parents = Object.entries(playbook.taxonomies.get(name)?.values ?? {}).flatMap(([value, { parent }]) => {
      const fault = parent === undefined ? null : valueFault(playbook, name, parent);
      return fault ? [`${values} values."${value}".parent: ${fault}`] : [];
    });
    const unknown = Object.keys(classes).flatMap((value) => {
      const fault = valueFault(playbook, name, value);
      return fault ? [`playbook.yaml targets.${name}.classes: ${fault}`] : [];
    });
    const other = calibrationsOf(name, playbook).flatMap(([key, made]) =>
      made.target === name && key === keyOf(made)
        ? []
        : [`${calibrationPath(key)}: was made for "${keyOf(made)}"; write it anew with triage calibrate`],
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
function promptFaults(playbook: Playbook): string[] {
  const shots = playbook.prompts.triage?.few_shot ?? [];
  const path = `${playbook.model?.prompt} few_shot`;
  if ('from' in shots)
    return (shots.targets ?? []).flatMap((name) => {
      const fault = targetFault(playbook, name);
      return fault === null ? [] : [`${path}.targets: ${fault}`];
    });
  return shots.flatMap(({ summary, answer }) =>
    Object.entries(answer).flatMap(([target, value]) => {
      const fault = targetFault(playbook, target) ?? valueFault(playbook, target, value);
      return fault === null ? [] : [`${path} "${summary}": ${fault}`];
    }),
  );
}

/** A feature that holds the answer would look perfect in training and be empty on new tickets. */
function featureFaults({ targets, classify }: Playbook): string[] {
  return targets
    .filter((target) => classify.features.includes('field' in target ? target.field : target.kind))
    .map(({ name }) => `playbook.yaml classify.features: "${name}" is decided here, so its field cannot be a feature`);
}

/** Jira's labels hold no spaces. */
function labelFaults({ targets, taxonomies }: Playbook): string[] {
  return targets
    .filter(({ kind }) => kind === 'label')
    .flatMap(({ name, values }) =>
      Object.keys(taxonomies.get(name)?.values ?? {})
        .filter((value) => /\s/.test(value))
        .map((value) => `${values} values."${value}": a label cannot hold spaces, and ${name} is a label family`),
    );
}

function ruleFaults(playbook: Playbook): string[] {
  return playbook.rules.flatMap((rule) =>
    Object.entries(rule.then)
      .flatMap(([target, value]) => [
        targetFault(playbook, target) ?? valueFault(playbook, target, value) ?? excludedFault(playbook, target, value),
      ])
      .flatMap((fault) => (fault === null ? [] : [`playbook.yaml rules "${rule.name}": ${fault}`])),
  );
}

function routeFaults(playbook: Playbook): string[] {
  const { route } = playbook.teams;
  const faults = [route?.by, route?.team, route?.assignee]
    .flatMap((name) => (name === undefined ? [] : [targetFault(playbook, name)]))
    .flatMap((fault) => (fault === null ? [] : [`teams.yaml route: ${fault}`]));
  return faults.length > 0 ? faults : unreachedFaults(playbook);
}

function unreachedFaults({ targets, teams: { route } }: Playbook): string[] {
  return targets
    .filter(
      ({ name, mode, decidedBy }) =>
        mode !== 'off' && decidedBy === 'routing' && name !== route?.team && name !== route?.assignee,
    )
    .map(
      ({ name }) =>
        `playbook.yaml targets.${name}: decidedBy is routing, but the route in teams.yaml does not reach it`,
    );
}

function teamFaults(playbook: Playbook): string[] {
  const { route, teams } = playbook.teams;
  const faults: string[] = [];
  const takenBy = new Map<string, string>();
  for (const [team, value] of Object.entries(teams).flatMap(([name, { takes }]) =>
    takes.map((taken) => [name, taken] as const),
  )) {
    const other = takenBy.get(value);
    const fault = other ? `"${value}" is already taken by ${other}` : route && valueFault(playbook, route.by, value);
    if (fault) faults.push(`teams.yaml teams.${team}.takes: ${fault}`);
    takenBy.set(value, team);
  }
  return faults;
}

function targetFault({ targets }: Playbook, name: string): string | null {
  if (targets.some((target) => target.name === name)) return null;
  return `unknown target "${name}", known are ${targets.map((target) => target.name).join(', ')}`;
}

function valueFault({ taxonomies }: Playbook, target: string, value: string): string | null {
  const taxonomy = taxonomies.get(target);
  if (!taxonomy || Object.hasOwn(taxonomy.values, value)) return null;
  return `"${value}" is not in the taxonomy of ${target}: ${Object.keys(taxonomy.values).join(', ')}`;
}

function excludedFault({ targets }: Playbook, name: string, value: string): string | null {
  const classes = targets.find((target) => target.name === name)?.classes ?? {};
  const isExcluded = Object.hasOwn(classes, value) && classes[value]?.exclude === true;
  return isExcluded ? `"${value}" is excluded in targets.${name}.classes, so no rule can decide it` : null;
}
