import type { Playbook } from '../domain/playbook/playbook.ts';
import type { BurstLedger } from '../domain/ports/ledger.ts';
import type { Arrival, JoinedBurst, KnownArrival, Sketch } from '../domain/ticket/burst.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { hashOf, termsOf } from '../domain/ticket/text.ts';

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
  const isAlike = ({ sketch }: Arrival) => isLike(own, sketch, { least: rule.similarity, rarity });
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

type Rarity = (term: number) => number;

/** How rare a term is among what came in (idf): "the" says little in English tickets, "VPN" little to the VPN team. */
function rarityAmong(arrivals: readonly Arrival[]): Rarity {
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
    let place = placeIn(term, bits);
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

/** Where a term belongs in a table of 2^bits places. */
function placeIn(term: number, bits: number): number {
  return Math.imul(term, FIBONACCI) >>> (32 - bits);
}

/** A sketch whose terms are quickly found, with what each counts. */
interface Weighed {
  /** Where each term is, counted from one; 0 where none is. Open addressing with linear probing. */
  readonly places: Uint8Array;
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
  readonly rarities: Float64Array;
  readonly length: number;
}

/** Sixteen times the terms of a sketch, so that a term which is not there is seldom looked for twice. */
const PLACE_BITS = 10;
const LAST_PLACE = 2 ** PLACE_BITS - 1;

function weighed({ terms, weights }: Sketch, rarity: Rarity): Weighed {
  const places = new Uint8Array(2 ** PLACE_BITS);
  const rarities = Float64Array.from(terms, rarity);
  for (const [index, term] of terms.entries()) {
    let place = placeIn(term, PLACE_BITS);
    while (places[place] !== 0) place = (place + 1) & LAST_PLACE;
    places[place] = index + 1;
  }
  return { places, terms, weights, rarities, length: lengthOf({ terms, weights }, rarity) };
}

/** Whether the cosine of two sketches is at least so much, above 0. */
function isLike(own: Weighed, other: Sketch, { least, rarity }: { readonly least: number; readonly rarity: Rarity }) {
  const { product, squares } = overlap(own, other);
  // A vector is no shorter than its part over the shared terms; most others are out here, before theirs is weighed.
  if (product === 0 || product < least * own.length * Math.sqrt(squares)) return false;
  return product >= least * own.length * lengthOf(other, rarity);
}

/** Of the terms that both have: the product of the two, and the squares of the other one's weights. */
function overlap({ places, terms: ownTerms, weights: ownWeights, rarities }: Weighed, { terms, weights }: Sketch) {
  let product = 0;
  let squares = 0;
  for (let at = 0; at < terms.length; at++) {
    const term = terms[at] ?? 0;
    let place = placeIn(term, PLACE_BITS);
    let index = (places[place] ?? 0) - 1;
    while (index >= 0 && ownTerms[index] !== term) {
      place = (place + 1) & LAST_PLACE;
      index = (places[place] ?? 0) - 1;
    }
    if (index < 0) continue;
    const rarity = rarities[index] ?? 0;
    const weight = (weights[at] ?? 0) * rarity;
    product += (ownWeights[index] ?? 0) * rarity * weight;
    squares += weight * weight;
  }
  return { product, squares };
}

function lengthOf({ terms, weights }: Sketch, rarity: Rarity): number {
  let squares = 0;
  for (let place = 0; place < terms.length; place++) {
    const weight = (weights[place] ?? 0) * rarity(terms[place] ?? 0);
    squares += weight * weight;
  }
  return Math.sqrt(squares);
}
