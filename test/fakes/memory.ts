import { documentVector, queryVector, type SparseVector } from '../../src/adapters/sparse/vector.ts';
import type { CorrectionQuery, Memory, MemoryQuery } from '../../src/domain/ports/memory.ts';
import type { Embedding, PastTicket } from '../../src/domain/ticket/issue.ts';
import { isEqual, sizeOf, spacesFake } from './spaces.ts';

interface Kept {
  /** With the vector it was put with. */
  readonly ticket: PastTicket;
  readonly sparse: SparseVector;
}

/** Small, so that a few tickets already make several pages. */
const PAGE = 20;

/** Past tickets in a map, ranked by going through all of them: slow, short, and what the adapters must agree with. */
export function memoryFake(): Memory {
  const kept = new Map<string, Kept>();
  const spaces = spacesFake(() => [...kept.values()].map(({ ticket }) => ticket));
  return {
    spaces,
    put: async (tickets) => {
      const embeddings = tickets.flatMap(({ embedding }) => embedding ?? []);
      await spaces.offer(embeddings);
      for (const ticket of tickets) {
        kept.set(ticket.id, { ticket, sparse: documentVector(`${ticket.summary}\n${ticket.text}`) });
        if (ticket.embedding) spaces.keep(ticket, ticket.embedding);
      }
    },
    forget: async (ids) => {
      for (const id of ids) kept.delete(id);
      spaces.drop(ids);
    },
    nearest: async (query) => {
      const visible = [...kept.values()].filter(({ ticket }) => isVisible(ticket, query));
      const score = sparseScore(query, [...kept.values()]);
      const sparse = ranked(query, visible, ({ sparse }) => score(sparse));
      const { embedding } = query;
      const isComparable = embedding && isEqual(await spaces.live(), sizeOf(embedding));
      const dense = isComparable
        ? ranked(query, visible, ({ ticket }) => similarity(spaces.liveVector(ticket), embedding))
        : null;
      const copy = score(documentVector(query.text)) ?? 0;
      return fused(query, { sparse, dense, copy }).flatMap(({ id, similarity, likeness }) => {
        const found = kept.get(id);
        if (!found) return [];
        const { embedding: _, text: __, people: ___, ...ticket } = found.ticket;
        return [{ ticket, similarity, likeness }];
      });
    },
    size: async () => kept.size,
    warmUp: async () => {},
    tickets: async function* () {
      const live = await spaces.live();
      const all = [...kept.values()]
        .map(({ ticket }) => {
          const vector = spaces.liveVector(ticket);
          return { ...ticket, embedding: live && vector ? { model: live.model, vector } : null };
        })
        .sort(byAge);
      for (let start = 0; start < all.length; start += PAGE) yield all.slice(start, start + PAGE);
    },
    ids: async (after, limit) =>
      [...kept.values()]
        .map(({ ticket: { id, project, securityLevel } }) => ({ id, project, securityLevel }))
        .filter(({ id }) => id > after)
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit),
    pastWork: async ({ project, target, before, limit }) =>
      [...kept.values()]
        .map(({ ticket }) => ticket)
        .filter((ticket) => ticket.project === project && Date.parse(ticket.created) < Date.parse(before))
        .sort(byAge)
        .reverse()
        .flatMap(({ values, created, context }) => {
          const truth = Object.hasOwn(values, target) ? values[target] : undefined;
          if (!truth) return [];
          const { reporter = null, component = null } = context;
          return [{ value: truth.value, by: truth.by, createdMs: Date.parse(created), reporter, component }];
        })
        .slice(0, limit),
    excerpts: async (ids) =>
      ids.flatMap((id) => {
        const found = kept.get(id)?.ticket;
        return found ? [{ id, text: found.text, people: found.people }] : [];
      }),
    corrections: async (query) =>
      [...kept.values()]
        .map(({ ticket: { embedding: _, ...ticket } }) => ticket)
        .filter((ticket) => isCorrection(ticket, query))
        .sort(byAge)
        .reverse()
        .slice(0, query.limit),
  };
}

function isCorrection(ticket: Omit<PastTicket, 'embedding'>, query: CorrectionQuery): boolean {
  const corrected = Object.entries(ticket.values).flatMap(([name, { insteadOf }]) => (insteadOf ? [name] : []));
  return (
    corrected.some((name) => query.targets.includes(name)) &&
    ticket.securityLevel === null &&
    query.projects.includes(ticket.project) &&
    Date.parse(ticket.created) < Date.parse(query.before)
  );
}

function isVisible(ticket: PastTicket, query: MemoryQuery): boolean {
  return (
    ticket.id !== query.excludeId &&
    query.projects.includes(ticket.project) &&
    Date.parse(ticket.created) < Date.parse(query.before) &&
    (ticket.securityLevel === null ||
      (ticket.project === query.readerProject && ticket.securityLevel === query.readerLevel))
  );
}

type Aged = Pick<PastTicket, 'id' | 'created'>;

function byAge(one: Aged, other: Aged): number {
  return Date.parse(one.created) - Date.parse(other.created) || (one.id < other.id ? -1 : 1);
}

type Score = readonly [id: string, score: number];

/** The best twice-the-limit of one half, as both halves are cut before they are joined. */
function ranked(query: MemoryQuery, visible: readonly Kept[], score: (kept: Kept) => number | null): Score[] {
  return visible
    .flatMap((kept): Score[] => {
      const value = score(kept);
      return value === null ? [] : [[kept.ticket.id, value]];
    })
    .sort(byScore)
    .slice(0, query.limit * 2);
}

function byScore([leftId, left]: Score, [rightId, right]: Score): number {
  return right - left || leftId.localeCompare(rightId);
}

/** BM25 with Lucene's idf over everything kept; null without a common term. */
function sparseScore(query: MemoryQuery, all: readonly Kept[]): (document: SparseVector) => number | null {
  const { terms } = queryVector(query.text);
  const weightOf = (vector: SparseVector, term: number) => vector.weights[vector.terms.indexOf(term)];
  const idf = new Map(
    [...terms].map((term) => {
      const frequency = all.filter(({ sparse }) => weightOf(sparse, term) !== undefined).length;
      return [term, Math.log(1 + (all.length - frequency + 0.5) / (frequency + 0.5))] as const;
    }),
  );
  return (document) => {
    let sum: number | null = null;
    for (const term of terms) {
      const weight = weightOf(document, term);
      if (weight !== undefined) sum = (sum ?? 0) + (idf.get(term) ?? 0) * weight;
    }
    return sum;
  };
}

function similarity(vector: Embedding['vector'] | null, { vector: other }: Embedding): number | null {
  if (!vector) return null;
  const dot = (one: readonly number[], two: readonly number[]) =>
    one.reduce((sum, value, index) => sum + value * (two[index] ?? 0), 0);
  return dot(vector, other) / Math.sqrt(dot(vector, vector) * dot(other, other));
}

interface Halves {
  readonly sparse: readonly Score[];
  readonly dense: readonly Score[] | null;
  /** What a copy of the query would score by its words. */
  readonly copy: number;
}

function fused(query: MemoryQuery, { sparse, dense, copy }: Halves) {
  const byWords = new Map(sparse);
  const byMeaning = new Map(dense);
  const weight = dense ? query.keywordWeight : 1;
  const best = sparse[0]?.[1] ?? 1;
  return [...new Set([...byWords.keys(), ...byMeaning.keys()])]
    .map((id) => {
      const words = byWords.get(id) ?? 0;
      const meaning = (1 - weight) * (byMeaning.get(id) ?? 0);
      const share = copy > 0 ? Math.min(words / copy, 1) : 0;
      return {
        id,
        similarity: (weight * words) / best + meaning,
        likeness: weight * share + Math.max(meaning, 0),
      };
    })
    .sort((left, right) => right.similarity - left.similarity || left.id.localeCompare(right.id))
    .slice(0, query.limit);
}
