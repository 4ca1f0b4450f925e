import type { QdrantClient, Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { answered } from './client.ts';
import { pointIdOf, readPayload } from './points.ts';

export interface Walk {
  readonly client: QdrantClient;
  readonly collection: string;
  readonly filter?: Schemas['Filter'];
  /** Fields to bring along. */
  readonly fields: readonly string[];
  readonly vectors?: readonly string[];
  /** Points per request. */
  readonly page: number;
}

/** Points in the order of their ids, in pages, after the point of this ticket. */
export async function* byId(walk: Walk, after = ''): AsyncGenerator<readonly Schemas['Record'][]> {
  const start = after === '' ? null : pointIdOf(after);
  let offset: string | null = start;
  do {
    // Qdrant begins with the point of the offset itself, if there is one.
    const limit: number = walk.page + (offset !== null && offset === start ? 1 : 0);
    const request = { ...asked(walk), limit, ...(offset === null ? {} : { offset }) };
    const answer: Page = await answered(walk.client.scroll(walk.collection, request));
    const found = answer.points.filter(({ id }) => id !== start).slice(0, walk.page);
    if (found.length > 0) yield found;
    offset = Offset.parse(answer.next_page_offset);
  } while (offset !== null);
}

type Page = Schemas['ScrollResult'];

/** All our points have UUIDs. */
const Offset = z.string().nullable().catch(null);

export interface Aged {
  readonly point: Schemas['Record'];
  readonly id: string;
  readonly created: string;
}

const Age = z.object({ id: z.string(), created: z.string() });

/**
 * Points by the time their tickets were created and, at the same time, by id, in pages. Qdrant promises no order within
 * a moment, so a moment is given when all of it is there.
 */
export async function* byAge(walk: Walk, direction: 'asc' | 'desc'): AsyncGenerator<readonly Aged[]> {
  const sign = direction === 'asc' ? 1 : -1;
  const inOrder = (some: readonly Aged[]) => some.toSorted((one, other) => sign * compare(one, other));
  for (let last: string | null = null; ; ) {
    const beyond: Schemas['DatetimeRange'] = direction === 'asc' ? { gt: last } : { lt: last };
    const found = await inTime({ ...walk, filter: within(walk.filter, last === null ? null : beyond) }, direction);
    if (found.length < walk.page) {
      if (found.length > 0) yield inOrder(found);
      return;
    }
    const edge = found.at(-1)?.created ?? '';
    const whole = found.filter(({ created }) => created !== edge);
    yield inOrder(whole.length > 0 ? whole : await ofMoment(walk, edge));
    last = whole.at(-1)?.created ?? edge;
  }
}

/** The first of them in this direction. */
export async function firstByAge(walk: Walk, direction: 'asc' | 'desc', limit: number): Promise<readonly Aged[]> {
  const found: Aged[] = [];
  if (limit === 0) return found;
  for await (const page of byAge(walk, direction)) {
    found.push(...page);
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

async function inTime(walk: Walk, direction: 'asc' | 'desc'): Promise<Aged[]> {
  const order_by = { key: 'created', direction };
  const { points } = await answered(
    walk.client.scroll(walk.collection, { ...asked(walk), limit: walk.page, order_by }),
  );
  return points.map(aged);
}

/** Everything created at this time, however much it is. */
async function ofMoment(walk: Walk, time: string): Promise<Aged[]> {
  const filter = within(walk.filter, { gte: time, lte: time });
  return (await Array.fromAsync(byId({ ...walk, filter }))).flat().map(aged);
}

function aged(point: Schemas['Record']): Aged {
  return { point, ...readPayload(Age, point) };
}

function compare(one: Aged, other: Aged): number {
  if (one.created !== other.created) return one.created < other.created ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

function within(filter: Schemas['Filter'] | undefined, range: Schemas['DatetimeRange'] | null): Schemas['Filter'] {
  const conditions = [...(filter ? [filter] : []), ...(range ? [{ key: 'created', range }] : [])];
  return { must: conditions };
}

function asked({ filter, fields, vectors = [] }: Walk) {
  return {
    with_payload: [...fields],
    with_vector: vectors.length > 0 ? [...vectors] : false,
    ...(filter ? { filter } : {}),
  };
}
