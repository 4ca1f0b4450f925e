import type { Sketch } from '../domain/ticket/burst.ts';

/** What a term counts. */
type Rarity = (term: number) => number;

export interface Company {
  /** What ordinarily comes in: it says which terms are rare. */
  readonly among: readonly Sketch[];
  /** The lowest cosine at which two sketches are alike, above 0. */
  readonly least: number;
}

/** Whether another sketch is like this one, by the cosine of the two with their terms raised by rarity. */
export function likeTo(sketch: Sketch, { among, least }: Company): (other: Sketch) => boolean {
  const rarity = rarityAmong(among);
  const own = weighed(sketch, rarity);
  return (other) => isLike(own, other, { least, rarity });
}

/** How rare a term is among what came in (idf): "the" says little in English tickets, "VPN" little to the VPN team. */
function rarityAmong(sketches: readonly Sketch[]): Rarity {
  const holders = countTerms(sketches);
  // Few different numbers of holders, and logarithms cost more than looking them up: this runs for hundreds of sketches.
  const logarithms = Float64Array.from({ length: sketches.length + 1 }, (_, count) =>
    Math.log(1 + (sketches.length + 1) / (count + 1)),
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
 * How many sketches have a term, as long as nobody else counts: open addressing with linear probing, for a `Map` takes
 * three times as long.
 */
function countTerms(sketches: readonly Sketch[]): (term: number) => number {
  const most = sketches.reduce((sum, { terms: { length } }) => sum + length, 0);
  const bits = Math.ceil(Math.log2(Math.max(most, 8))) + 1;
  const { terms, counts } = roomFor(2 ** bits);
  const last = 2 ** bits - 1;
  const placeOf = (term: number) => {
    let place = placeIn(term, bits);
    while (counts[place] !== 0 && terms[place] !== term) place = (place + 1) & last;
    return place;
  };
  for (const sketch of sketches) {
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

interface Bar {
  readonly least: number;
  readonly rarity: Rarity;
}

function isLike(own: Weighed, other: Sketch, { least, rarity }: Bar): boolean {
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
