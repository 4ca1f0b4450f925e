import { PermanentError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { GlimpsePage, Tracker } from '../../domain/ports/tracker.ts';
import { type HandOverPorts, handOver } from './hand-over.ts';
import { afterLook, earlier, type Field, type Look, later, lookOf, minus, remembersFrom, type Way } from './state.ts';

const MINUTE_MS = 60_000;
/** JQL knows whole minutes. */
const GRAIN_MS = 2 * MINUTE_MS;
/** Pages that Jira gave a token for and then refuses, before it is given up for this run. */
const MAX_REFUSALS = 3;

export interface WalkPorts extends HandOverPorts {
  readonly tracker: Pick<Tracker, 'glimpse' | 'serverTime'>;
  readonly ledger: Pick<Ledger, 'knownIssues'>;
}

/** One project by one of its dates. */
export interface Walk {
  readonly project: string;
  readonly field: Field;
  readonly way: Way;
  /** Nothing before it is ours. */
  readonly from: string;
  /** Ids to look at past the lag of the index. */
  readonly fresh: readonly string[];
  readonly pages: number;
  readonly settleMs: number;
  readonly retentionDays: number;
  /** Keeps how far it came, and what a page brought. */
  readonly keep: (way: Way, step: Step) => Promise<void>;
}

export interface Step {
  readonly looked: number;
  readonly triage: number;
  readonly learn: number;
  readonly missing: number;
}

/**
 * Goes through the issues of a project, oldest first, for as many pages as it may, and hands over what was missed. It goes
 * on where the last run stopped, by time and not by page token: tokens die, and results move while they are paged
 * through. A crash repeats a page and skips none. True when it came to the end. Throws what Jira and the ledger throw.
 */
export async function walkOn(walk: Walk, ports: WalkPorts): Promise<boolean> {
  const startedAt = await ports.tracker.serverTime();
  const oldest = later(walk.from, remembersFrom(startedAt, walk.retentionDays));
  const begun = lookOf(walk.way, startedAt);
  let look: Look = { ...begun, reached: later(begun.reached, oldest) };
  const startedFrom = look.reached;
  let jql = jqlOf(walk, look.reached, startedAt);
  let page: string | null = null;
  for (let [pages, refusals] = [1, 0]; ; pages++) {
    const found = await glimpse(jql, page, { walk, ports });
    if (found === null) {
      if (++refusals > MAX_REFUSALS) throw new PermanentError('Jira refuses its own page tokens again and again');
      [jql, page] = [jqlOf(walk, look.reached, await ports.tracker.serverTime()), null];
      continue;
    }
    look = await takePage(found, look, { walk, ports, oldest });
    if (found.next === null) return true;
    page = found.next;
    // A whole run may lie within one minute, after an import; the next one would begin with the same pages again.
    const isFurther = Date.parse(look.reached) - Date.parse(startedFrom) > GRAIN_MS + MINUTE_MS;
    if (pages >= walk.pages && isFurther) return false;
  }
}

/** Hands over what was missed of a page and keeps how far that is; what cannot be handed over is come back to. */
async function takePage(
  { issues, next }: GlimpsePage,
  look: Look,
  { walk, ports, oldest }: { readonly walk: Walk; readonly ports: WalkPorts; readonly oldest: string },
): Promise<Look> {
  const scene = { now: await ports.tracker.serverTime(), oldest, settleMs: walk.settleMs };
  const { found, triage, missing, trouble } = await handOver(issues, scene, ports);
  const isTaken = trouble === null;
  const times = found.map((issue) => issue[walk.field]);
  const reached: Look = {
    ...look,
    reached: later(look.reached, (isTaken ? issues.at(-1)?.[walk.field] : undefined) ?? look.reached),
    oldestFound: times.reduce<string | null>((oldestYet, at) => earlier(oldestYet ?? at, at), look.oldestFound),
  };
  const isDone = next === null && isTaken;
  const way = isDone ? afterLook(walk.way, reached, walk.settleMs) : { ...walk.way, look: reached };
  await walk.keep(way, { looked: issues.length, triage, learn: found.length - triage, missing });
  if (!isTaken) throw trouble;
  return reached;
}

/** A page; null where Jira does not know its token any more. */
async function glimpse(
  jql: string,
  page: string | null,
  { walk: { fresh }, ports }: { readonly walk: Walk; readonly ports: WalkPorts },
): Promise<GlimpsePage | null> {
  try {
    return await ports.tracker.glimpse({ jql, fresh }, page);
  } catch (error) {
    if (page !== null && error instanceof PermanentError) return null;
    throw error;
  }
}

/**
 * Relative to Jira's own clock: what it takes for an absolute time depends on the zone in the profile of our account. The
 * key is quoted, for some keys are words of JQL.
 */
export function jqlOf({ project, field }: Pick<Walk, 'project' | 'field'>, from: string, now: string): string {
  const minutes = Math.ceil((Date.parse(now) - Date.parse(minus(from, GRAIN_MS))) / MINUTE_MS);
  return `project = "${project}" AND ${field} >= "-${Math.max(minutes, 1)}m" ORDER BY ${field} ASC, key ASC`;
}
