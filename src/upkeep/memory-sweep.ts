import { PermanentError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Memory, Whereat } from '../domain/ports/memory.ts';
import type { Tracker, Whereabouts } from '../domain/ports/tracker.ts';

/** As many as Jira tells the whereabouts of at once. */
const PAGE = 100;
/** 50 requests; at one run every ten minutes 100,000 tickets take less than four hours. */
const PAGES_PER_RUN = 50;
const CURSOR = 'sweep-memory';

export interface SweepPorts {
  readonly memory: Pick<Memory, 'ids' | 'forget'>;
  readonly tracker: Pick<Tracker, 'whereabouts' | 'count'>;
  readonly ledger: Pick<Ledger, 'cursor' | 'setCursor'>;
}

export interface Sweep {
  readonly looked: number;
  readonly forgotten: number;
  /** Jira could not look these up just now; they stay, and have their next turn in the next round. */
  readonly unclear: number;
  /** Every ticket in memory has had its turn; the next run begins anew. */
  readonly isRoundDone: boolean;
  /** Projects of the playbook of which Jira shows us nothing: their tickets stay in memory until somebody looks into it. */
  readonly hidden: readonly string[];
}

/**
 * Takes out of memory what is not where it was remembered: deleted, out of our sight, moved, or with another security
 * level. One run looks at a stretch and the next goes on there, whoever runs it. Throws what Jira throws; what was looked
 * at until then is done.
 */
export async function sweepMemory(playbook: Playbook, ports: SweepPorts, pages = PAGES_PER_RUN): Promise<Sweep> {
  const isHidden = hiddenProjects(playbook, ports.tracker);
  const hidden = new Set<string>();
  let after = (await ports.ledger.cursor(CURSOR)) ?? '';
  let [looked, forgotten, unclear, isRoundDone] = [0, 0, 0, false];
  for (let page = 0; page < pages && !isRoundDone; page++) {
    const remembered = await ports.memory.ids(after, PAGE);
    const elsewhere = await moved(remembered, playbook, ports.tracker);
    const told = elsewhere.filter(({ place }) => place !== null);
    const lost: string[] = [];
    for (const { ticket, place } of told) {
      if (!place && (await isHidden(ticket.project))) hidden.add(ticket.project);
      else lost.push(ticket.id);
    }
    if (lost.length > 0) await ports.memory.forget(lost);
    looked += remembered.length;
    forgotten += lost.length;
    unclear += elsewhere.length - told.length;
    after = remembered.at(-1)?.id ?? '';
    isRoundDone = remembered.length < PAGE;
    await ports.ledger.setCursor(CURSOR, isRoundDone ? null : after);
  }
  return { looked, forgotten, unclear, isRoundDone, hidden: [...hidden] };
}

/** Those that are not where they were remembered, with where they are now: gone when absent, null when Jira cannot tell. */
async function moved(remembered: readonly Whereat[], playbook: Playbook, tracker: SweepPorts['tracker']) {
  if (remembered.length === 0) return [];
  const now = await tracker.whereabouts(remembered.map(({ id }) => id));
  return remembered
    .map((ticket) => ({ ticket, place: now.get(ticket.id) }))
    .filter(({ ticket, place }) => !isStill(ticket, place, playbook));
}

function isStill(remembered: Whereat, now: Whereabouts | null | undefined, { projects }: Playbook): boolean {
  if (!now || !projects.includes(now.project)) return false;
  return now.project === remembered.project && now.securityLevel === remembered.securityLevel;
}

/**
 * Whether a project we triage seems empty to us. Then it is more likely that our account lost its rights there than that
 * every ticket was deleted, and memory must not go with them. Asked once per project and run, and only if one is missing.
 */
function hiddenProjects({ projects }: Playbook, tracker: Pick<Tracker, 'count'>) {
  const known = new Map<string, Promise<boolean>>();
  return (project: string): Promise<boolean> => {
    if (!projects.includes(project)) return Promise.resolve(false);
    const asked = known.get(project) ?? isEmpty(project, tracker);
    known.set(project, asked);
    return asked;
  };
}

/** Jira refuses a query about a project that it does not show us. */
async function isEmpty(project: string, tracker: Pick<Tracker, 'count'>): Promise<boolean> {
  try {
    return (await tracker.count(`project = "${project}"`)) === 0;
  } catch (error) {
    if (error instanceof PermanentError) return true;
    throw error;
  }
}
