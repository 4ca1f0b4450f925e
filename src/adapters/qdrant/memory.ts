import { randomUUID } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { messageOf, TransientError } from '../../domain/errors.ts';
import type { Excerpt, Memory, Whereat } from '../../domain/ports/memory.ts';
import { isSameSpace, spaceOf, spacesFor } from '../../domain/ticket/embedding.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { answered, lookingAgain, openClient, type Qdrant, type QdrantOptions } from './client.ts';
import { Collections, type Edition } from './collections/collections.ts';
import type { CollectionOptions } from './collections/config.ts';
import { readCorrections, readTickets, readWork } from './history.ts';
import { payloadOf, pointIdOf, readPayload, wordsOf } from './points.ts';
import { byId } from './scroll.ts';
import { nearestIn } from './search/search.ts';
import { TermStatistics } from './search/statistics.ts';
import { qdrantSpaces, vectorOperations, withVersions } from './spaces/spaces.ts';

export interface QdrantMemoryOptions extends QdrantOptions, CollectionOptions {
  /** Told what an operator should know, and do. */
  readonly onAdvice: (advice: string) => void;
}

/**
 * Past tickets in Qdrant. When it is away this opens all the same, so that decisions go on without past tickets. Throws
 * `MisconfiguredError` when it is no Qdrant that can be used.
 */
export async function qdrantMemory({ onAdvice, ...options }: QdrantMemoryOptions): Promise<Memory> {
  const qdrant = openClient(options);
  const collections = new Collections(qdrant, options);
  const spaces = qdrantSpaces(qdrant, collections);
  const statistics = new TermStatistics(qdrant);
  try {
    for (const advice of await collections.adjust()) onAdvice(advice);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    onAdvice(`${messageOf(error)}: until it is back, decisions are made without past tickets`);
  }
  /** What reads the live collection, again when another one took its place meanwhile. */
  const live = <T>(read: (edition: Edition) => Promise<T>) =>
    lookingAgain(async () => await read((await collections.look()).live));
  return {
    put: async (tickets) => {
      await spacesFor(
        tickets.flatMap(({ embedding }) => embedding ?? []),
        spaces,
      );
      await put(tickets, collections, qdrant);
      statistics.noticePut(tickets);
    },
    forget: async (ids) => {
      const points = [...new Set(ids.map(pointIdOf))];
      if (points.length === 0) return;
      const request = { wait: true, ordering: 'medium' as const, points };
      await collections.everywhere(async ({ name }) => void (await answered(qdrant.patient.delete(name, request))));
      statistics.noticeForgotten();
    },
    nearest: (query) => live((edition) => nearestIn(edition, query, { qdrant, statistics, options })),
    warmUp: async () => {},
    size: () => live(async ({ name }) => (await answered(qdrant.quick.count(name, { exact: true }))).count),
    tickets: () => readTickets(collections, qdrant),
    ids: (after, limit) => live(({ name }) => idsAfter(after, { client: qdrant.quick, collection: name, page: limit })),
    excerpts: (ids) => live(({ name }) => excerptsOf(ids, name, qdrant)),
    pastWork: (query) => live(({ name }) => readWork(query, name, qdrant)),
    corrections: (query) => live(({ name }) => readCorrections(query, name, qdrant)),
    spaces,
  };
}

/** Tickets per request: Qdrant takes 32 MB at once, and a ticket may have a hundred kilobytes of text. */
const PAGE = 50;

/** A ticket that comes twice is stored as it came last. */
async function put(tickets: readonly PastTicket[], collections: Collections, { patient }: Qdrant): Promise<void> {
  const stored = [...new Map(tickets.map((ticket) => [ticket.id, ticket])).values()].map((ticket) => ({
    ticket,
    payload: payloadOf(ticket, randomUUID()),
  }));
  for (let start = 0; start < stored.length; start += PAGE) {
    const some = stored.slice(start, start + PAGE);
    await collections.everywhere(async ({ name, space }) => {
      const operations = [...wordOperations(some), ...vectorOperations(dueIn(space, some))];
      await answered(patient.batchUpdate(name, { wait: true, ordering: 'medium', operations }));
    });
  }
}

interface Stored {
  readonly ticket: PastTicket;
  readonly payload: ReturnType<typeof payloadOf>;
}

/**
 * Where the words are other ones, or nothing was there, the whole point is replaced, and its vector is gone with it;
 * else only what else is known of the ticket. Qdrant tells which while it writes, so two replicas cannot mix.
 */
function wordOperations(stored: readonly Stored[]): Schemas['UpdateOperation'][] {
  const points = stored.map(({ ticket, payload }) => ({
    id: pointIdOf(ticket.id),
    payload,
    vector: wordsOf(ticket),
  }));
  const { must } = withVersions(stored.map(({ payload }) => payload.version));
  return [
    { upsert: { points, update_filter: { must_not: must ?? null } } },
    ...stored.map(({ payload }) => ({ set_payload: { payload, filter: withVersions([payload.version]) } })),
  ];
}

function dueIn(space: Edition['space'], stored: readonly Stored[]) {
  return stored.flatMap(({ ticket: { id, embedding }, payload: { version } }) =>
    space && embedding && isSameSpace(space, spaceOf(embedding)) ? [{ id, version, vector: embedding.vector }] : [],
  );
}

const Where: z.ZodType<Whereat> = z.object({
  id: z.string(),
  project: z.string(),
  securityLevel: z.string().nullable(),
});

/** In the order of the ids where they are numbers, as Jira's are. */
async function idsAfter(after: string, walk: Pick<Parameters<typeof byId>[0], 'client' | 'collection' | 'page'>) {
  for await (const points of byId({ ...walk, fields: ['id', 'project', 'securityLevel'] }, after))
    return points.map((point) => readPayload(Where, point));
  return [];
}

const Said: z.ZodType<Excerpt> = z.object({ id: z.string(), text: z.string(), people: z.array(z.string()) });

async function excerptsOf(ids: readonly string[], name: string, { quick }: Qdrant): Promise<readonly Excerpt[]> {
  if (ids.length === 0) return [];
  const request = { ids: [...new Set(ids.map(pointIdOf))], with_payload: ['id', 'text', 'people'], with_vector: false };
  const found = (await answered(quick.retrieve(name, request))).map((point) => readPayload(Said, point));
  const byTicket = new Map(found.map((excerpt) => [excerpt.id, excerpt]));
  return ids.flatMap((id) => byTicket.get(id) ?? []);
}
