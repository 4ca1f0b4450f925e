import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import type { MemoryQuery, Neighbour } from '../../../domain/ports/memory.ts';
import { isSameSpace, spaceOf } from '../../../domain/ticket/embedding.ts';
import { type Found, fuse, type Hit } from '../../sparse/hits.ts';
import { queryVector } from '../../sparse/vector.ts';
import { answered, type Qdrant } from '../client.ts';
import type { Edition } from '../collections/collections.ts';
import { type CollectionOptions, searchParams } from '../collections/config.ts';
import { MEANING, pointIdOf, readPayload, ShownPayload, visibleIn, WORDS } from '../points.ts';
import type { TermStatistics } from './statistics.ts';

export interface SearchParts {
  readonly qdrant: Qdrant;
  readonly statistics: TermStatistics;
  readonly options: CollectionOptions;
}

/** The most similar tickets of an edition. Words and meaning are asked in one request and joined here, as for PostgreSQL. */
export async function nearestIn(
  edition: Edition,
  query: MemoryQuery,
  parts: SearchParts,
): Promise<readonly Neighbour[]> {
  if (query.projects.length === 0 || query.limit === 0) return [];
  const { name } = edition;
  const [halves, selfScore] = await Promise.all([
    halvesOf(edition, query, parts),
    parts.statistics.selfScore(query.text, name),
  ]);
  return shown(name, fuse(query, { ...halves, selfScore }), parts);
}

async function halvesOf(edition: Edition, query: MemoryQuery, { qdrant, statistics, options }: SearchParts) {
  const { name, space } = edition;
  const { terms } = queryVector(query.text);
  const { embedding } = query;
  const isComparable = space !== null && embedding !== null && isSameSpace(space, spaceOf(embedding));
  const wanted = query.limit * 2;
  const common = { filter: visibleIn(query), limit: wanted + 1, with_payload: ['id'] };
  const searches: Schemas['QueryRequest'][] = [];
  if (terms.length > 0)
    searches.push({ ...common, query: { indices: [...terms], values: Array.from(terms, () => 1) }, using: WORDS });
  if (isComparable) {
    const params = searchParams(await statistics.size(name), options);
    searches.push({ ...common, query: [...embedding.vector], using: MEANING, params });
  }
  const answers = await ask(searches, name, qdrant);
  const hits = await Promise.all(
    searches.map((search, index) =>
      best(wanted, { search, first: answers[index] ?? [], ask: (one) => ask([one], name, qdrant) }),
    ),
  );
  const sparse = terms.length > 0 ? (hits[0] ?? []) : [];
  return { sparse, dense: isComparable ? (hits.at(-1) ?? []) : null };
}

const Named = z.object({ id: z.string() });

async function ask(searches: Schemas['QueryRequest'][], name: string, { quick }: Qdrant): Promise<Hit[][]> {
  if (searches.length === 0) return [];
  const answers = await answered(quick.queryBatch(name, { searches }));
  return answers.map(({ points }) => points.map((point) => ({ id: readPayload(Named, point).id, score: point.score })));
}

/** More tickets than this that all score the same are cut as Qdrant returns them. */
const MOST_ALIKE = 10_000;
const GROWTH = 8;

interface Half {
  readonly search: Schemas['QueryRequest'];
  readonly first: Hit[];
  readonly ask: (search: Schemas['QueryRequest']) => Promise<Hit[][]>;
}

/**
 * The best so many, ties by id. Qdrant promises no order among equal scores, so where the cut goes through such a group
 * it asks for more until all of the group is there.
 */
async function best(wanted: number, { search, first, ask }: Half): Promise<Hit[]> {
  let hits = first;
  for (let limit = wanted + 1; isCutThrough(hits, wanted, limit) && limit < MOST_ALIKE; ) {
    limit = Math.min(limit * GROWTH, MOST_ALIKE);
    hits = (await ask({ ...search, limit }))[0] ?? [];
    if (hits.length < limit) break;
  }
  return hits.toSorted((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1)).slice(0, wanted);
}

function isCutThrough(hits: readonly Hit[], wanted: number, limit: number): boolean {
  const last = hits[wanted - 1];
  return hits.length >= limit && last !== undefined && hits.at(-1)?.score === last.score;
}

/** The tickets behind some hits, in the same order; what was forgotten meanwhile is left out. */
async function shown(name: string, hits: readonly Found[], { qdrant }: SearchParts): Promise<readonly Neighbour[]> {
  if (hits.length === 0) return [];
  const points = await answered(
    qdrant.quick.retrieve(name, {
      ids: hits.map(({ id }) => pointIdOf(id)),
      with_payload: { exclude: ['text', 'people'] },
      with_vector: false,
    }),
  );
  const tickets = new Map(points.map((point) => readPayload(ShownPayload, point)).map((ticket) => [ticket.id, ticket]));
  return hits.flatMap(({ id, score, likeness }) => {
    const ticket = tickets.get(id);
    return ticket ? [{ ticket, similarity: score, likeness }] : [];
  });
}
