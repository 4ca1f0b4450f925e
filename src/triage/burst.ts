import { hash } from 'node:crypto';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { BurstLedger } from '../domain/ports/ledger.ts';
import type { Arrival, JoinedBurst, KnownArrival, Sketch } from '../domain/ticket/burst.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { termsOf } from '../domain/ticket/text.ts';

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
  const past = { from: new Date(0).toISOString(), until: timeAt(-withinMs - 1) };
  return { near, before: await ledger.arrivals({ project, ...past, isOrdinary: true, limit: LOOKED_AT }) };
}

/**
 * The tickets that make a burst with this one; empty when too few are like it within the time, or no more than usual.
 * Single link: each must be like this ticket, not like each other.
 */
export function gather(arrival: Arrival, { near, before }: Traffic, rule: Playbook['bursts']): readonly KnownArrival[] {
  const rarity = rarityAmong([...before, ...near.filter(({ burstId }) => burstId === null)]);
  const own = weighed(arrival.sketch, rarity);
  const isAlike = ({ sketch }: Arrival) => likeness(own, sketch, rarity) >= rule.similarity;
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

function hashOf(term: string): number {
  return Number.parseInt(hash('sha256', term).slice(0, 8), 16);
}

/** How rare a term is among what came in (idf): "the" says little in English tickets, "VPN" little to the VPN team. */
function rarityAmong(arrivals: readonly Arrival[]): (term: number) => number {
  const holders = countTerms(arrivals);
  // Few different numbers of holders, and logarithms cost more than looking them up: this runs for hundreds of sketches.
  const logarithms = Float64Array.from({ length: arrivals.length + 1 }, (_, count) =>
    Math.log(1 + (arrivals.length + 1) / (count + 1)),
  );
  return (term) => logarithms[holders(term)] ?? 0;
}

interface Room {
  readonly terms: Uint32Array;
  readonly counts: Uint16Array;
}

/** Where terms are counted, ticket after ticket: hundreds of kilobytes anew for each would cost more than counting. */
let room: Room = { terms: new Uint32Array(0), counts: new Uint16Array(0) };

function roomFor(size: number): Room {
  if (room.terms.length < size) room = { terms: new Uint32Array(size), counts: new Uint16Array(size) };
  const counts = room.counts.subarray(0, size).fill(0);
  return { terms: room.terms, counts };
}

/**
 * How many arrivals have a term, as long as nobody else counts: open addressing with linear probing, for a `Map` takes
 * three times as long.
 */
function countTerms(arrivals: readonly Arrival[]): (term: number) => number {
  const most = arrivals.reduce((sum, { sketch }) => sum + sketch.terms.length, 0);
  const bits = Math.ceil(Math.log2(Math.max(most, 8))) + 1;
  const { terms, counts } = roomFor(2 ** bits);
  const last = 2 ** bits - 1;
  const placeOf = (term: number) => {
    let place = Math.imul(term, FIBONACCI) >>> (32 - bits);
    while (counts[place] !== 0 && terms[place] !== term) place = (place + 1) & last;
    return place;
  };
  for (const { sketch } of arrivals) {
    for (const term of sketch.terms) {
      const place = placeOf(term);
      terms[place] = term;
      counts[place] = (counts[place] ?? 0) + 1;
    }
  }
  return (term) => counts[placeOf(term)] ?? 0;
}

/** 2^32 by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4). */
const FIBONACCI = 0x9e3779b1;

/** A sketch with its weights raised by rarity, and the length of that vector. */
interface Weighed extends Sketch {
  readonly length: number;
}

function weighed({ terms, weights }: Sketch, rarity: (term: number) => number): Weighed {
  const raised = weights.map((weight, place) => weight * rarity(terms[place] ?? 0));
  return { terms, weights: raised, length: lengthOf({ terms, weights }, rarity) };
}

/** The cosine of two sketches; 0 when they share no term. */
function likeness(own: Weighed, other: Sketch, rarity: (term: number) => number): number {
  const shared = product(own, other, rarity);
  return shared === 0 ? 0 : shared / (own.length * lengthOf(other, rarity));
}

/** Over the terms that both have; both are ascending. */
function product(own: Weighed, { terms, weights }: Sketch, rarity: (term: number) => number): number {
  let sum = 0;
  for (let left = 0, right = 0; left < own.terms.length && right < terms.length; ) {
    const difference = (own.terms[left] ?? 0) - (terms[right] ?? 0);
    if (difference === 0) sum += (own.weights[left] ?? 0) * (weights[right] ?? 0) * rarity(own.terms[left] ?? 0);
    if (difference <= 0) left += 1;
    if (difference >= 0) right += 1;
  }
  return sum;
}

function lengthOf({ terms, weights }: Sketch, rarity: (term: number) => number): number {
  let squares = 0;
  for (let place = 0; place < terms.length; place++) {
    const weight = (weights[place] ?? 0) * rarity(terms[place] ?? 0);
    squares += weight * weight;
  }
  return Math.sqrt(squares);
}
