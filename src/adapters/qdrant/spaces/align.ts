import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { answered, type Qdrant } from '../client.ts';
import type { Edition } from '../collections/collections.ts';
import { readPayload, WORDS, wordsIn } from '../points.ts';
import { byId } from '../scroll.ts';

/** Points compared at once, by their stamps alone. */
const WINDOW = 1_000;
/** Points copied at once, with all they hold. */
const COPIED = 50;

const Stamped = z.object({ stamp: z.string() });

/**
 * Gives the edition that is built what the live one has, and takes from it what the live one has no more; returns how
 * many points it changed. What is put or forgotten meanwhile goes to both, so nothing newer is replaced: an absent point
 * is only inserted, and one that is there only while it is as it was seen.
 */
export async function align(live: Edition, building: Edition, qdrant: Qdrant): Promise<number> {
  const { patient: client } = qdrant;
  const stamps = { client, fields: ['stamp'], page: WINDOW };
  let changed = 0;
  for await (const points of byId({ ...stamps, collection: live.name })) {
    const there = await stampsOf(points, building, qdrant);
    const stale = points.filter((point) => there.get(String(point.id)) !== readPayload(Stamped, point).stamp);
    for (let start = 0; start < stale.length; start += COPIED) {
      await copy(stale.slice(start, start + COPIED), there, { from: live.name, to: building.name, qdrant });
    }
    changed += stale.length;
  }
  for await (const points of byId({ ...stamps, collection: building.name })) {
    const still = await stampsOf(points, live, qdrant);
    const gone = points.map(({ id }) => id).filter((id) => !still.has(String(id)));
    if (gone.length > 0) await answered(client.delete(building.name, { wait: true, points: gone }));
    changed += gone.length;
  }
  return changed;
}

async function stampsOf(
  points: readonly Schemas['Record'][],
  { name }: Edition,
  { patient }: Qdrant,
): Promise<ReadonlyMap<string, string>> {
  const ids = points.map(({ id }) => id);
  const found = await answered(patient.retrieve(name, { ids, with_payload: ['stamp'], with_vector: false }));
  return new Map(found.map((point) => [String(point.id), readPayload(Stamped, point).stamp]));
}

interface Route {
  readonly from: string;
  readonly to: string;
  readonly qdrant: Qdrant;
}

/** Without vectors of meaning: those of the live edition are of another model. */
async function copy(
  points: readonly Schemas['Record'][],
  seen: ReadonlyMap<string, string>,
  { from, to, qdrant: { patient } }: Route,
): Promise<void> {
  const ids = points.map(({ id }) => id);
  const whole = await answered(patient.retrieve(from, { ids, with_payload: true, with_vector: [WORDS] }));
  const copies = whole.map((point) => {
    const { length: _, ...payload } = point.payload ?? {};
    return { id: point.id, payload, vector: wordsIn(point) };
  });
  const known = copies.filter(({ id }) => seen.has(String(id)));
  const stamps = known.flatMap(({ id }) => seen.get(String(id)) ?? []);
  const absent = copies.filter(({ id }) => !seen.has(String(id)));
  const update_filter = { must: [{ key: 'stamp', match: { any: stamps } }] };
  const operations: Schemas['UpdateOperation'][] = [
    ...(absent.length > 0 ? [{ upsert: { points: absent, update_mode: 'insert_only' as const } }] : []),
    ...(known.length > 0 ? [{ upsert: { points: known, update_mode: 'update_only' as const, update_filter } }] : []),
  ];
  if (operations.length > 0) await answered(patient.batchUpdate(to, { wait: true, ordering: 'medium', operations }));
}
