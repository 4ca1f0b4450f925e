import { randomUUID } from 'node:crypto';
import { PermanentError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { fieldOf, partsOf, type Target } from '../domain/playbook/target.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';
import type { Tracker } from '../domain/ports/tracker.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { lookUpMembers } from './members.ts';

/** Issue types of a project have fields and values of their own; so many of each project are looked at. */
const SAMPLES = 5;
/** Allowed values shown to whoever looks for the new name of a retired one. */
const SHOWN = 20;

export interface LivePorts {
  readonly tracker: Pick<Tracker, 'fields' | 'search' | 'issue' | 'person'>;
  readonly ledger: Pick<Ledger, 'pullBrake'>;
  readonly clock: Clock;
}

export interface LiveFindings {
  /** Targets switched off now because their field is gone. */
  readonly switchedOff: readonly SwitchedOff[];
  /** Values that the playbook names and Jira allows nowhere any more, by target; empty where all is well. */
  readonly retired: Readonly<Record<string, readonly string[]>>;
  /** For people, one line each. */
  readonly warnings: readonly string[];
}

export interface SwitchedOff {
  readonly target: string;
  readonly why: string;
}

/**
 * Holds the playbook against the site as it is today. A target whose custom field is gone is switched off until a person
 * switches it on again, the others go on; as long as a project shows us no issue nobody can tell, so that it is only
 * told. Values that were renamed or retired and people who left are only told as well: nothing they stand for can be
 * written any more. Reads a few recent issues of each project. Throws what Jira throws.
 */
export async function liveCheck(playbook: Playbook, ports: LivePorts): Promise<LiveFindings> {
  const { samples, unseen, warnings } = await lookAround(playbook.projects, ports.tracker);
  const known = await ports.tracker.fields();
  const gone = playbook.targets.filter((target) => isGone(target, known, samples));
  // Jira lists no fields of projects that it does not show us.
  const switchedOff = unseen.length > 0 ? [] : await switchOff(gone, ports);
  const here = playbook.targets.filter(({ mode }) => mode !== 'off').filter((target) => !gone.includes(target));
  const looks = here.map((target) => [target, retiredOf(target, playbook, samples)] as const);
  const members = await lookUpMembers(playbook, ports.tracker);
  return {
    switchedOff,
    retired: Object.fromEntries(looks.map(([{ name }, { values }]) => [name, values])),
    warnings: [
      ...warnings,
      ...(unseen.length > 0 ? gone.map((target) => perhapsGone(target, unseen)) : []),
      ...missingFeatures(playbook, known),
      ...looks.flatMap(([{ name }, retired]) => retirement(name, retired)),
      ...members.faults.map(({ path, why }) => `teams.yaml ${path.join('.')}: ${why}`),
      ...members.warnings,
    ],
  };
}

/** Recent issues of every project, and the projects that show us none. */
async function lookAround(projects: readonly string[], tracker: LivePorts['tracker']) {
  const samples: Issue[] = [];
  const unseen: string[] = [];
  const warnings: string[] = [];
  for (const project of projects) {
    try {
      const recent = await recentIssues(project, tracker);
      samples.push(...recent);
      if (recent.length === 0) unseen.push(project);
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      unseen.push(project);
      warnings.push(`Jira does not show us project ${project}: ${error.message}`);
    }
  }
  return { samples, unseen, warnings };
}

/** An open one, and the newest of each issue type, among the newest of a project; read whole, with what may be written. */
async function recentIssues(project: string, tracker: LivePorts['tracker']): Promise<readonly Issue[]> {
  const { issues } = await tracker.search(`project = "${project}" ORDER BY created DESC`, null);
  const open = issues.find(({ isFinished }) => !isFinished);
  const newestByType = new Map(issues.toReversed().map((issue) => [issue.issueType, issue]));
  const chosen = new Set([...(open ? [open] : []), ...newestByType.values()].map(({ id }) => id));
  const read = [];
  for (const id of [...chosen].slice(0, SAMPLES)) read.push(await tracker.issue(id));
  return read.filter((issue) => issue !== null);
}

/** A field that an issue still offers is there, whatever the list says that we are shown. */
function isGone(target: Target, known: ReadonlyMap<string, string>, samples: readonly Issue[]): boolean {
  if (!('field' in target) || target.mode === 'off' || known.has(target.field)) return false;
  return !samples.some(({ editable }) => editable.has(target.field));
}

function perhapsGone(target: Target, unseen: readonly string[]): string {
  return `${target.name}: Jira does not list field ${fieldOf(target)}, and shows us no issue of ${unseen.join(', ')} either; look whether the field is gone or our account lost its rights`;
}

async function switchOff(gone: readonly Target[], { ledger, clock }: LivePorts): Promise<readonly SwitchedOff[]> {
  const pulled: SwitchedOff[] = [];
  for (const target of gone) {
    const why = `Jira has no field ${fieldOf(target)} any more; put the new id into the playbook, then switch the target on again`;
    const isNew = await ledger.pullBrake({
      id: randomUUID(),
      target: target.name,
      value: null,
      kind: 'field-gone',
      why,
      pulledAt: clock.now().toISOString(),
    });
    if (isNew) pulled.push({ target: target.name, why });
  }
  return pulled;
}

function missingFeatures({ classify }: Playbook, known: ReadonlyMap<string, string>): string[] {
  return classify.features
    .filter((feature) => feature.startsWith('customfield_') && !known.has(feature))
    .map((feature) => `Jira has no field ${feature} any more, which classify.features names`);
}

interface Retired {
  readonly values: readonly string[];
  readonly allowed: readonly string[];
}

/** Where no issue offers the field, or one of them takes anything, nothing can be said. */
function retiredOf(target: Target, playbook: Playbook, samples: readonly Issue[]): Retired {
  const offers = samples.flatMap(({ editable }) => editable.get(fieldOf(target)) ?? []);
  const allowed = new Set(offers.flatMap((offer) => offer.allowed ?? []));
  const isKnown = offers.length > 0 && offers.every((offer) => offer.allowed !== null) && allowed.size > 0;
  if (!isKnown || target.kind === 'assignee') return { values: [], allowed: [] };
  const named = new Set(namedValues(target, playbook).flatMap((value) => partsOf(target, value)));
  return { values: [...named].filter((value) => !allowed.has(value)), allowed: [...allowed] };
}

/** Every value that the playbook may write to a target, or goes by. */
function namedValues(target: Target, { taxonomies, rules, teams, calibrations, modelCalibrations }: Playbook) {
  const { name, classes } = target;
  const { route } = teams;
  const measured = [...calibrations.values(), ...modelCalibrations.values()].filter((made) => made.target === name);
  return [
    ...Object.keys(taxonomies.get(name)?.values ?? {}),
    ...Object.keys(classes),
    ...rules.flatMap(({ then }) => (Object.hasOwn(then, name) ? (then[name] ?? []) : [])),
    ...(route?.by === name ? Object.values(teams.teams).flatMap(({ takes }) => takes) : []),
    ...(route?.team === name ? Object.keys(teams.teams) : []),
    ...measured.flatMap(({ cutOffs }) => cutOffs.classes.map(({ value }) => value)),
  ];
}

function retirement(target: string, { values, allowed }: Retired): string[] {
  if (values.length === 0) return [];
  const listed = allowed.slice(0, SHOWN).join(', ') + (allowed.length > SHOWN ? ', …' : '');
  return [`${target}: Jira does not allow ${values.join(', ')} any more; allowed are ${listed}`];
}
