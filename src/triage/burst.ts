import type { Playbook } from '../domain/playbook/playbook.ts';
import type { BurstLedger } from '../domain/ports/ledger.ts';
import type { Arrival, JoinedBurst, KnownArrival, Sketch } from '../domain/ticket/burst.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { hashOf, termsOf } from '../domain/ticket/text.ts';
import { likeTo } from './likeness.ts';

/** What else came in: around a ticket, and earlier, outside of bursts. */
export interface Traffic {
  readonly near: readonly KnownArrival[];
  readonly before: readonly KnownArrival[];
}

/** Arrivals looked at of each kind; their transfer is most of the cost, 1 ms a hundred in PGlite. */
const LOOKED_AT = 150;

/**
 * A burst is this many times what ordinary traffic lets expect, or passwords to reset and nightly alerts would be one
 * all day. Measured on a real desk, 15 tickets at a time: bursts by mere chance fell from 39 to 4, no outage was lost.
 */
const SURGE = 6;

const MINUTE_MS = 60_000;

/**
 * Records that this ticket came in and, when enough tickets of its project that came in around it are like it, unites
 * them in one burst. Null: it stands alone. Running it twice counts the ticket once. Times are Jira's, so a backlog
 * worked off at once neither makes a burst nor hides one.
 */
export async function noticeBurst(
  issue: Issue,
  { bursts: rule }: Playbook,
  { ledger }: { readonly ledger: BurstLedger },
): Promise<JoinedBurst | null> {
  if (rule.tickets === 0) return null;
  const { id: issueId, key: issueKey, project, created: at } = issue;
  const arrival = { issueId, issueKey, project, at, sketch: sketchOf(issue) };
  // Recorded before looking: of tickets decided at the same moment, the last one sees all.
  await ledger.recordArrival(arrival);
  const alike = gather(arrival, await trafficAround(arrival, rule, ledger), rule);
  if (alike.length === 0) return null;
  return ledger.joinBurst({ project, issueIds: [issueId, ...alike.map((other) => other.issueId)] });
}

async function trafficAround(
  { issueId, project, at }: Arrival,
  { tickets, withinMinutes }: Playbook['bursts'],
  ledger: BurstLedger,
): Promise<Traffic> {
  const withinMs = withinMinutes * MINUTE_MS;
  const timeAt = (offsetMs: number) => new Date(Date.parse(at) + offsetMs).toISOString();
  const window = { from: timeAt(-withinMs), until: timeAt(withinMs) };
  const around = await ledger.arrivals({ project, ...window, isOrdinary: false, limit: LOOKED_AT + 1 });
  const near = around.filter((other) => other.issueId !== issueId).slice(0, LOOKED_AT);
  if (near.length + 1 < tickets) return { near, before: [] };
  // To the whole minute, so that the tickets of a flood ask the same.
  const past = { from: new Date(0).toISOString(), until: wholeMinute(timeAt(-withinMs - 1)) };
  return { near, before: await ledger.arrivals({ project, ...past, isOrdinary: true, limit: LOOKED_AT }) };
}

function wholeMinute(time: string): string {
  return new Date(Math.floor(Date.parse(time) / MINUTE_MS) * MINUTE_MS).toISOString();
}

/**
 * The tickets that make a burst with this one; empty when too few are like it within the time, or no more than usual.
 * Single link: each must be like this ticket, not like each other.
 */
export function gather(arrival: Arrival, { near, before }: Traffic, rule: Playbook['bursts']): readonly KnownArrival[] {
  const ordinary = [...before, ...near.filter(({ burstId }) => burstId === null)];
  const isLike = likeTo(arrival.sketch, { among: ordinary.map(({ sketch }) => sketch), least: rule.similarity });
  const isAlike = ({ sketch }: Arrival) => isLike(sketch);
  const alike = near.filter(isAlike);
  if (!isDense([arrival, ...alike], rule)) return [];
  const usualShare = before.filter(isAlike).length / Math.max(1, before.length);
  return alike.length + 1 >= SURGE * usualShare * (near.length + 1) ? alike : [];
}

/** Whether enough of them came in within the time. */
function isDense(arrivals: readonly Arrival[], { tickets, withinMinutes }: Playbook['bursts']): boolean {
  const times = arrivals.map(({ at }) => Date.parse(at)).sort((one, other) => one - other);
  return times.slice(tickets - 1).some((time, index) => time - (times[index] ?? 0) <= withinMinutes * MINUTE_MS);
}

const SKETCH_TERMS = 64;

/** The cause of a ticket is in its title and its first words; logs and signatures follow. */
const TITLE_WEIGHT = 2;
const BODY_TERMS = 60;

/** A ticket's words, bounded whatever its length; hashed, because they are compared and never read. */
export function sketchOf({ summary, text }: Pick<Issue, 'summary' | 'text'>): Sketch {
  const counts = new Map<string, number>();
  const count = (term: string, weight: number) => counts.set(term, (counts.get(term) ?? 0) + weight);
  for (const term of termsOf(summary).slice(0, SKETCH_TERMS)) count(term, TITLE_WEIGHT);
  for (const term of termsOf(text).slice(0, BODY_TERMS)) count(term, 1);
  const heaviest = [...counts].sort(([, one], [, other]) => other - one).slice(0, SKETCH_TERMS);
  const weights = new Map(heaviest.map(([term, times]) => [hashOf(term), Math.log2(1 + times)]));
  const terms = Uint32Array.from(weights.keys()).sort();
  return { terms, weights: Float32Array.from(terms, (term) => weights.get(term) ?? 0) };
}
