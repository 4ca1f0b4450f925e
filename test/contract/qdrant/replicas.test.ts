import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { type Asked, type QdrantServer, startQdrantServer } from '../../fakes/qdrant/server.ts';
import { about, allOf, ask, idsFor } from '../support/memory-stores.ts';
import { plainly } from '../support/qdrant-stores.ts';
import { east, fill, large, missingIds, missingIn, other, small } from '../support/spaces.ts';

let server: QdrantServer;
beforeEach(async () => {
  server = await startQdrantServer();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.violations).toEqual([]);
});

const replica = () => qdrantMemory({ ...plainly, url: server.url });
const collections = () => [...server.desk.collections.keys()].sort();

/** Does something once, right before the first request that this is true of is done. */
function meanwhile(isIt: (asked: Asked) => boolean, act: () => Promise<unknown>): void {
  let isDone = false;
  server.meet(async (asked) => {
    if (isDone || !isIt(asked)) return null;
    isDone = true;
    await act();
    return null;
  });
}

const isSwap = ({ path, body }: Asked) =>
  path === '/collections/aliases' && JSON.stringify(body).includes('rename_alias');
const isWriteTo =
  (number: number) =>
  ({ method, path }: Asked) =>
    method === 'POST' && path.startsWith(`/collections/triage.${number}.`) && path.endsWith('/points/batch');

describe('two replicas that start at once', () => {
  test('share one first collection', async () => {
    const memories = await Promise.all(Array.from({ length: 6 }, replica));
    await Promise.all(memories.map((memory, index) => memory.put([about(String(index), 'printer')])));
    expect(collections()).toEqual(['triage.1.words']);
    expect(await memories[0]?.size()).toBe(6);
  });

  test('and both bring a first vector end with one space and every ticket', async () => {
    const memories = await Promise.all([replica(), replica(), replica()]);
    await Promise.all(
      memories.map((memory, index) => memory.put([about(String(index), 'printer', { embedding: east })])),
    );
    const [memory] = memories;
    expect(memory && (await allOf(memory)).map(({ id }) => id)).toEqual(['0', '1', '2']);
    expect(collections()).toHaveLength(1);
    expect(await memory?.spaces.live()).toEqual(small);
  });
});

describe('with tickets in a space', () => {
  let memory: Memory;
  let second: Memory;

  beforeEach(async () => {
    [memory, second] = [await replica(), await replica()];
    await memory.put(['1', '2', '3'].map((id) => about(id, `printer number ${id}`, { embedding: east })));
  });

  test('two replicas that open the same space build one', async () => {
    await Promise.all([memory.spaces.open(large), second.spaces.open(large)]);
    expect(collections()).toHaveLength(2);
    await Promise.all([fill(memory, large, [1, 0, 0]), fill(second, large, [1, 0, 0])]);
    const completed = await Promise.all([memory.spaces.complete(large), second.spaces.complete(large)]);
    expect(completed).toContain(true);
    expect([await memory.spaces.live(), await second.spaces.building()]).toEqual([large, null]);
    expect(collections()).toHaveLength(1);
  });

  test('two replicas that open different spaces end with one of them, and nothing is left of the other', async () => {
    await Promise.all([memory.spaces.open(large), second.spaces.open(other)]);
    const building = await memory.spaces.building();
    expect([large, other]).toContainEqual(building);
    expect(await second.spaces.building()).toEqual(building);
    expect(await memory.spaces.live()).toEqual(small);
    if (building)
      await fill(
        memory,
        building,
        Array.from({ length: building.dimensions }, () => 1),
      );
    expect(building && (await memory.spaces.complete(building))).toBe(true);
    expect(collections()).toHaveLength(1);
  });

  test('a space that is given up at the moment it would become live does not, and its tickets stay', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    meanwhile(isSwap, () => second.spaces.open(small));
    expect(await memory.spaces.complete(large)).toBe(false);
    expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, null]);
    expect((await allOf(memory)).map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(collections()).toHaveLength(1);
  });

  test('a space that becomes live at the moment it would be given up stays', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    const isGivenUp = ({ body }: Asked) => JSON.stringify(body ?? null).includes('delete_alias');
    meanwhile(isGivenUp, () => second.spaces.complete(large));
    await memory.spaces.open(other);
    expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([large, other]);
    expect((await allOf(memory)).map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  test('a swap whose answer is lost has happened or has not, and the next look tells', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    server.meet((asked) => (isSwap(asked) ? { kind: 'reply', text: '{' } : null));
    await expect(memory.spaces.complete(large)).rejects.toBeInstanceOf(TransientError);
    server.meet(() => null);
    expect(await second.spaces.live()).toEqual(large);
    expect(await second.spaces.complete(large)).toBe(true);
    await second.spaces.open(other);
    expect(collections().map((name) => name.split('.')[1])).toEqual(['3', '4']);
  });

  test('a swap that never reached Qdrant is made up for', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    server.meet((asked) => (isSwap(asked) ? { kind: 'cut' } : null));
    await expect(memory.spaces.complete(large)).rejects.toBeInstanceOf(TransientError);
    server.meet(() => null);
    expect(await memory.spaces.live()).toEqual(small);
    expect(await second.spaces.complete(large)).toBe(true);
  });

  test('a replica that died between a collection and its alias leaves one that the next one uses', async () => {
    const isAlias = ({ path }: Asked) => path === '/collections/aliases';
    server.meet((asked) => (isAlias(asked) ? { kind: 'cut' } : null));
    await expect(memory.spaces.open(large)).rejects.toBeInstanceOf(TransientError);
    server.meet(() => null);
    await second.put([about('4', 'mouse')]);
    await second.spaces.open(large);
    expect(collections()).toHaveLength(2);
    expect(await missingIds(second, large)).toEqual(['1', '2', '3', '4']);
  });

  test('what is put while a space is begun by another replica is in it', async () => {
    meanwhile(isWriteTo(2), () => second.spaces.open(large));
    await memory.put([about('4', 'mouse')]);
    expect(await missingIds(memory, large)).toEqual(['1', '2', '3', '4']);
  });

  test('what is put while another replica completes a space is in what is live then', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    meanwhile(isWriteTo(2), () => second.spaces.complete(large));
    await memory.put([about('4', 'mouse')]);
    expect(await memory.spaces.live()).toEqual(large);
    expect(await idsFor(memory, ask('mouse'))).toEqual(['4']);
  });

  test('what is asked while another replica completes a space is answered from the one that is live then', async () => {
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    meanwhile(
      ({ path }) => path.endsWith('/points/query/batch'),
      () => second.spaces.complete(large),
    );
    expect(await idsFor(memory, ask('number'))).toEqual(['1', '2', '3']);
    expect(collections()).toHaveLength(1);
  });

  test('a ticket without a word goes along into a new space', async () => {
    await memory.put([about('4', '?!', { embedding: east })]);
    await memory.spaces.open(large);
    await fill(memory, large, [1, 0, 0]);
    expect(await memory.spaces.complete(large)).toBe(true);
    expect((await allOf(memory)).map(({ id }) => id)).toEqual(['1', '2', '3', '4']);
  });

  test('what is forgotten while it is copied into a new space does not come back with it', async () => {
    await memory.spaces.open(large);
    meanwhile(isWriteTo(3), () => second.forget(['2']));
    await fill(memory, large, [1, 0, 0]);
    expect(await memory.spaces.complete(large)).toBe(true);
    expect((await allOf(memory)).map(({ id }) => id)).toEqual(['1', '3']);
  });

  test('what is put while it is copied into a new space is there as it was put', async () => {
    await memory.spaces.open(large);
    meanwhile(isWriteTo(3), () => second.put([about('2', 'toner')]));
    await fill(memory, large, [1, 0, 0]);
    await fill(memory, large, [1, 0, 0]);
    expect(await memory.spaces.complete(large)).toBe(true);
    expect(await idsFor(memory, ask('toner'))).toEqual(['2']);
    expect(await idsFor(memory, ask('number'))).toEqual(['1', '3']);
  });

  test('a vector made for words that another replica replaces right then is dropped', async () => {
    await memory.put([about('4', 'mouse')]);
    const [mouse] = await missingIn(memory, small);
    meanwhile(isWriteTo(2), () => second.put([about('4', 'keyboard')]));
    await memory.spaces.store(small, mouse ? [{ ticket: mouse, vector: [0, 1] }] : []);
    expect(await missingIds(memory, small)).toEqual(['4']);
  });

  test('a vector whose ticket is forgotten right then disturbs no other one', async () => {
    await memory.put([about('4', 'mouse'), about('5', 'toner')]);
    const gaps = await missingIn(memory, small);
    meanwhile(isWriteTo(2), () => second.forget(['4']));
    await memory.spaces.store(
      small,
      gaps.map((ticket) => ({ ticket, vector: [0, 1] })),
    );
    expect(await missingIds(memory, small)).toEqual([]);
    expect(await memory.size()).toBe(4);
  });

  test('a crash between words and vectors leaves a ticket that is found by its words and waits for its vector', async () => {
    const Batch = z.object({ operations: z.array(z.looseObject({})) });
    server.meet(({ method, path, body }) => {
      const { operations } = Batch.safeParse(body).data ?? { operations: [] };
      const words = operations.filter((operation) => !('update_vectors' in operation));
      if (words.length === operations.length) return null;
      server.desk.answer({ method, path: path.split('/').slice(1), body: { operations: words } });
      return { kind: 'cut' };
    });
    await expect(memory.put([about('4', 'mouse', { embedding: east })])).rejects.toBeInstanceOf(TransientError);
    server.meet(() => null);
    expect(await idsFor(memory, ask('mouse'))).toEqual(['4']);
    expect(await missingIds(memory, small)).toEqual(['4']);
    await memory.put([about('4', 'mouse', { embedding: east })]);
    expect(await missingIds(memory, small)).toEqual([]);
  });
});
