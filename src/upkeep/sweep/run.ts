import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import { beginning, FIELDS, type Field, type ProjectState, readState, type Way, writeState } from './state.ts';
import { jqlOf, type Step } from './walk.ts';

export interface SweepReport {
  /** Issues, each of them up to twice: by when it was created and by when it was changed. */
  readonly looked: number;
  /** New tickets that nobody had told us of, handed over for triage. */
  readonly triage: number;
  /** Changes that nobody had told us of, handed over to be learnt from. */
  readonly learn: number;
  /** New tickets that could not be handed over. */
  readonly missing: number;
  /** Every project was gone through to the end. */
  readonly isComplete: boolean;
  /** About how many issues are left for the next run. */
  readonly remaining: number;
  /** Projects that Jira does not let us search, with why. */
  readonly hidden: Readonly<Record<string, string>>;
}

export interface RunPorts {
  readonly tracker: Pick<Tracker, 'serverTime' | 'count'>;
  readonly ledger: Pick<Ledger, 'cursor' | 'setCursor'>;
  readonly clock: Clock;
}

interface Place {
  readonly project: string;
  readonly field: Field;
}

/** One run of a sweep: how far each project is, and what it came to. */
export interface SweepRun {
  /** Who waited longest comes first, for Jira may stop us before the last one. */
  readonly projects: readonly string[];
  at(place: Place): { readonly from: string; readonly way: Way };
  /** Keeps how far one walk came, for whoever runs next. */
  keep(place: Place, way: Way, step: Step): Promise<void>;
  /** Its walk did not come to the end. */
  leave(place: Place): void;
  hide(project: string, why: string): void;
  end(): Promise<SweepReport>;
}

/** Takes up where the last run stopped; a project that is new begins now. */
export async function beginRun(names: readonly string[], ports: RunPorts): Promise<SweepRun> {
  const { ledger, tracker, clock } = ports;
  const states = await statesOf(names, ports);
  const sums = { looked: 0, triage: 0, learn: 0, missing: 0 };
  const left: Place[] = [];
  const hidden: Record<string, string> = {};
  const stateOf = (project: string) => {
    const state = states.get(project);
    if (!state) throw new Error(`project ${project} is not part of this sweep`);
    return state;
  };
  return {
    projects: [...states].sort(([, one], [, other]) => sweptTo(one) - sweptTo(other)).map(([name]) => name),
    at: ({ project, field }) => ({ from: stateOf(project).from, way: stateOf(project)[field] }),
    keep: async (place, way, step) => {
      const before = stateOf(place.project);
      states.set(place.project, { ...before, [place.field]: way });
      sums.looked += step.looked;
      sums.triage += step.triage;
      sums.learn += step.learn;
      sums.missing += step.missing;
      await keepWay(place, { before, way, missing: sums.missing }, ledger);
    },
    leave: (place) => void left.push(place),
    hide: (project, why) => {
      hidden[project] = why;
    },
    end: async () => {
      const isComplete = left.length === 0 && Object.keys(hidden).length === 0;
      const kept = await readState(ledger);
      const completedAt = isComplete ? clock.now().toISOString() : kept.completedAt;
      await writeState({ ...kept, missing: sums.missing, completedAt }, ledger);
      const rest = left.map((place) => ({ ...place, way: stateOf(place.project)[place.field] }));
      return { ...sums, isComplete, hidden, remaining: await countRest(rest, tracker) };
    },
  };
}

/** Of these projects and no others; what begins is kept at once, or a first run that fails would begin again later. */
async function statesOf(names: readonly string[], { ledger, tracker }: RunPorts): Promise<Map<string, ProjectState>> {
  const kept = await readState(ledger);
  const states = new Map<string, ProjectState>();
  for (const name of new Set(names)) states.set(name, kept.projects[name] ?? beginning(await tracker.serverTime()));
  const known = new Set(Object.keys(kept.projects));
  if (known.symmetricDifference(states).size > 0)
    await writeState({ ...kept, projects: Object.fromEntries(states) }, ledger);
  return states;
}

/** Where another run, or somebody who wants it to look back, changed it meanwhile, theirs stands: a look too many is none too few. */
async function keepWay(
  { project, field }: Place,
  { before, way, missing }: { readonly before: ProjectState; readonly way: Way; readonly missing: number },
  ledger: RunPorts['ledger'],
): Promise<void> {
  const kept = await readState(ledger);
  const theirs = kept.projects[project] ?? before;
  const isOurs = JSON.stringify(theirs[field]) === JSON.stringify(before[field]);
  const next = { ...theirs, [field]: isOurs ? way : theirs[field] };
  await writeState({ ...kept, missing, projects: { ...kept.projects, [project]: next } }, ledger);
}

function sweptTo(state: ProjectState): number {
  return Math.min(...FIELDS.map((field) => Date.parse(state[field].sweptTo)));
}

/** By Jira's estimate, and without what comes in meanwhile. */
async function countRest(rest: readonly (Place & { readonly way: Way })[], tracker: RunPorts['tracker']) {
  let count = 0;
  for (const { way, ...place } of rest)
    count += await tracker.count(jqlOf(place, way.look?.reached ?? way.sweptTo, await tracker.serverTime()));
  return count;
}
