import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { assertLength, isSameSpace } from '../../../domain/ticket/embedding.ts';
import type { Embeddable, NewVector, Space, VectorSpaces } from '../../../domain/ticket/space.ts';
import { answered, lookingAgain, OutrunError, type Qdrant } from '../client.ts';
import type { Collections, Edition } from '../collections/collections.ts';
import { EmbeddablePayload, lengthOf, MEANING, pointIdOf, readPayload, vectorOf } from '../points.ts';
import { byId } from '../scroll.ts';
import { align } from './align.ts';

/** As many as one embedding request takes, so that a crash loses no more than that. */
const PAGE = 64;
const EMBEDDABLE = ['id', 'summary', 'text', 'people', 'version'];
const WITHOUT_VECTOR: Schemas['Filter'] = { must_not: [{ has_vector: MEANING }] };

/**
 * Vectors of past tickets, one collection per space. A point loses its vector when its words change, because it is then
 * replaced as a whole; so a vector is always one of the present words.
 */
export function qdrantSpaces(qdrant: Qdrant, collections: Collections): VectorSpaces {
  return {
    live: async () => (await collections.look()).live.space,
    building: async () => (await collections.look()).building?.space ?? null,
    open: (space) => collections.open(space),
    missing: (space) => missingIn(space, { qdrant, collections }),
    store: async (space, vectors) => {
      for (const { vector } of vectors) assertLength(space, vector);
      await lookingAgain(async () => {
        const edition = await editionOf(space, collections);
        if (edition && vectors.length > 0) await store(edition, vectors, qdrant);
      });
    },
    complete: (space) => lookingAgain(() => complete(space, { qdrant, collections })),
    sample: async (space) => {
      const edition = await editionOf(space, collections);
      return edition && sample(edition, qdrant);
    },
  };
}

async function editionOf(space: Space, collections: Collections): Promise<Edition | null> {
  const { live, building } = await collections.look();
  return [live, building].find((edition) => edition?.space && isSameSpace(edition.space, space)) ?? null;
}

interface Parts {
  readonly qdrant: Qdrant;
  readonly collections: Collections;
}

async function* missingIn(space: Space, { qdrant, collections }: Parts): AsyncGenerator<readonly Embeddable[]> {
  const { live } = await collections.look();
  const edition = await editionOf(space, collections);
  const walk = { client: qdrant.patient, fields: EMBEDDABLE, page: PAGE };
  try {
    if (edition && edition.name !== live.name) await align(live, edition, qdrant);
    const pages = byId(
      edition ? { ...walk, collection: edition.name, filter: WITHOUT_VECTOR } : { ...walk, collection: live.name },
    );
    for await (const points of pages) yield points.map((point) => readPayload(EmbeddablePayload, point));
  } catch (error) {
    // It was given up or replaced: nothing is missing in what is gone.
    if (!(error instanceof OutrunError)) throw error;
  }
}

const Versioned = z.object({ version: z.string() });

/** Vectors go to tickets whose words are still the same; Qdrant looks at that once more when it writes. */
async function store({ name }: Edition, vectors: readonly NewVector[], { patient }: Qdrant): Promise<void> {
  const ids = vectors.map(({ ticket }) => pointIdOf(ticket.id));
  const there = await answered(patient.retrieve(name, { ids, with_payload: ['version'], with_vector: false }));
  const versions = new Set(there.map((point) => readPayload(Versioned, point).version));
  const due = vectors.filter(({ ticket }) => versions.has(ticket.version));
  if (due.length === 0) return;
  const operations = vectorOperations(due.map(({ ticket, vector }) => ({ ...ticket, vector })));
  await answered(patient.batchUpdate(name, { wait: true, ordering: 'medium', operations }));
}

/** What gives points vectors of their present words. Qdrant answers 404 when one of them is gone. */
export function vectorOperations(
  due: readonly { readonly id: string; readonly version: string; readonly vector: readonly number[] }[],
): Schemas['UpdateOperation'][] {
  if (due.length === 0) return [];
  const points = due.map(({ id, vector }) => ({ id: pointIdOf(id), vector: { [MEANING]: [...vector] } }));
  const update_filter = withVersions(due.map(({ version }) => version));
  return [...lengthOperations(due), { update_vectors: { points, update_filter } }];
}

function lengthOperations(
  due: readonly { readonly version: string; readonly vector: readonly number[] }[],
): Schemas['UpdateOperation'][] {
  const versionsByLength = Map.groupBy(due, ({ vector }) => lengthOf(vector));
  return [...versionsByLength].map(([length, some]) => ({
    set_payload: { payload: { length }, filter: withVersions(some.map(({ version }) => version)) },
  }));
}

/** The tickets with these words. */
export function withVersions(versions: readonly string[]): Schemas['Filter'] {
  return { must: [{ key: 'version', match: { any: [...versions] } }] };
}

async function complete(space: Space, { qdrant, collections }: Parts): Promise<boolean> {
  const { live } = await collections.look();
  const edition = await editionOf(space, collections);
  if (!edition) return false;
  const isLive = edition.name === live.name;
  if (!isLive && !(await isAligned(live, edition, qdrant))) return false;
  const { count } = await answered(qdrant.patient.count(edition.name, { filter: WITHOUT_VECTOR, exact: true }));
  if (count > 0) return false;
  return isLive || (await collections.swap(edition));
}

/** Enough for what came in during the first; what comes in all the time waits for the next attempt. */
const PASSES = 3;

async function isAligned(live: Edition, building: Edition, qdrant: Qdrant): Promise<boolean> {
  for (let pass = 0; pass < PASSES; pass++) {
    if ((await align(live, building, qdrant)) === 0) return true;
  }
  return false;
}

async function sample({ name: collection }: Edition, { quick: client }: Qdrant): Promise<NewVector | null> {
  const filter: Schemas['Filter'] = { must: [{ has_vector: MEANING }] };
  const walk = { client, collection, filter, fields: [...EMBEDDABLE, 'length'], vectors: [MEANING], page: 1 };
  for await (const [point] of byId(walk)) {
    const vector = point && vectorOf(point);
    if (vector) return { ticket: readPayload(EmbeddablePayload, point), vector };
  }
  return null;
}
