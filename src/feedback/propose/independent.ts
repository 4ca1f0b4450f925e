import type { Burst } from '../../domain/ticket/burst.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { byCode, termsOf } from '../../domain/ticket/text.ts';

/** Shared terms of all terms (Jaccard): from this on two tickets are copies, or one template filled in twice. */
const NEAR_COPY = 0.8;

/** What makes a ticket one of its own is in its first words. */
const LOOKED_AT = 300;

/**
 * Tickets in groups that count as one each: copies and near copies, and members of one burst, are one event told
 * several times. Groups and their members keep the order of the tickets.
 */
export function independent(
  tickets: readonly PastTicket[],
  bursts: readonly Burst[],
): readonly (readonly [PastTicket, ...PastTicket[]])[] {
  const groups = groupsOf(tickets.length);
  uniteNearCopies(rarestFirst(tickets.map(termSet)), groups);
  uniteBursts(tickets, bursts, groups);
  return [...Map.groupBy(tickets.entries(), ([index]) => groups.of(index)).values()].flatMap((members) => {
    const [first, ...others] = members.map(([, ticket]) => ticket);
    return first ? [[first, ...others] as const] : [];
  });
}

interface Groups {
  readonly of: (index: number) => number;
  readonly unite: (one: number, other: number) => void;
}

/** Disjoint sets with halved paths. */
function groupsOf(count: number): Groups {
  const above = Int32Array.from({ length: count }, (_, index) => index);
  const of = (index: number): number => {
    let at = index;
    for (let up = above[at] ?? at; up !== at; up = above[at] ?? at) {
      above[at] = above[up] ?? up;
      at = above[at] ?? at;
    }
    return at;
  };
  return {
    of,
    unite: (one, other) => {
      above[of(one)] = of(other);
    },
  };
}

/** Tickets without a word are all alike. */
function termSet({ summary, text }: PastTicket): ReadonlySet<string> {
  const terms = new Set(termsOf(`${summary}\n${text}`).slice(0, LOOKED_AT));
  return terms.size === 0 ? new Set(['']) : terms;
}

/** In the order that lets few pairs share one of the first terms. */
function rarestFirst(sets: readonly ReadonlySet<string>[]): readonly (readonly string[])[] {
  const holders = new Map<string, number>();
  for (const set of sets) for (const term of set) holders.set(term, (holders.get(term) ?? 0) + 1);
  const count = (term: string) => holders.get(term) ?? 0;
  return sets.map((set) => [...set].sort((one, other) => count(one) - count(other) || byCode(one, other)));
}

/**
 * Sets that are this alike share one of their first terms, so only such pairs are compared (prefix filtering: Bayardo,
 * Ma & Srikant 2007, WWW).
 */
function uniteNearCopies(sets: readonly (readonly string[])[], groups: Groups): void {
  const holders = new Map<string, number[]>();
  const copies = new Map<string, number>();
  for (const [own, terms] of sets.entries()) {
    const copy = copies.get(terms.join(' '));
    if (copy !== undefined) {
      groups.unite(own, copy);
      continue;
    }
    copies.set(terms.join(' '), own);
    const whole = new Set(terms);
    for (const term of terms.slice(0, terms.length - Math.ceil(NEAR_COPY * terms.length) + 1)) {
      const met = holders.get(term) ?? [];
      for (const other of met) {
        if (groups.of(own) !== groups.of(other) && jaccard(whole, sets[other] ?? []) >= NEAR_COPY)
          groups.unite(own, other);
      }
      met.push(own);
      holders.set(term, met);
    }
  }
}

function jaccard(one: ReadonlySet<string>, other: readonly string[]): number {
  const shared = other.filter((term) => one.has(term)).length;
  return shared / (one.size + other.length - shared);
}

function uniteBursts(tickets: readonly PastTicket[], bursts: readonly Burst[], groups: Groups): void {
  const burstOf = new Map(bursts.flatMap(({ id, members }) => members.map((key) => [key, id] as const)));
  const first = new Map<string, number>();
  for (const [index, { key }] of tickets.entries()) {
    const burst = burstOf.get(key);
    if (burst === undefined) continue;
    const other = first.get(burst);
    if (other === undefined) first.set(burst, index);
    else groups.unite(index, other);
  }
}
