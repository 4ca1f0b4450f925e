import { beforeEach, describe, expect, test } from 'vitest';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { Embedding } from '../../../src/domain/ticket/issue.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, allOf, ask, idsFor, NO_VECTORS, type Store, stores } from '../support/memory-stores.ts';
import { east, fill, large, missingIds, missingIn, north, other, small } from '../support/spaces.ts';

describe.each(stores)('a change of model in $name', ({ open }) => {
  let store: Store;
  let memory: Memory;

  freshEachTime(open, async (opened) => {
    store = opened;
    memory = await opened.replica();
  });

  /** Without a word in common with any ticket here: what it finds, it finds by meaning. */
  const meant = (embedding: Embedding) => idsFor(memory, ask('unrelated', { embedding }));

  describe('when the model changes', () => {
    beforeEach(async () => {
      await memory.put([
        about('1', 'printer', { embedding: north, text: 'eats paper', people: ['Kim'] }),
        about('2', 'toner', { embedding: east }),
        about('3', 'screen', { embedding: east }),
      ]);
    });

    test('the new space is built beside the old one, which answers until nothing is missing', async ({ skip }) => {
      await memory.spaces.open(large);
      const [first, ...others] = await missingIn(memory, large);
      if (first) await memory.spaces.store(large, [{ ticket: first, vector: [1, 0, 0] }]);
      expect(await memory.spaces.complete(large)).toBe(false);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, large]);
      await memory.spaces.store(
        large,
        others.map((ticket) => ({ ticket, vector: [0, 0, 1] })),
      );
      expect(await memory.spaces.live()).toEqual(small);
      expect(await memory.spaces.complete(large)).toBe(true);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([large, null]);
      expect((await allOf(memory)).map(({ embedding }) => embedding?.model)).toEqual(['large', 'large', 'large']);
      skip(!store.comparesVectors, NO_VECTORS);
      expect((await meant({ model: 'large', vector: [1, 0, 0] }))[0]).toBe(first?.id);
      expect(await meant(north)).toEqual([]);
    });

    test('until then questions find by the old model and none by the new', async ({ skip }) => {
      skip(!store.comparesVectors, NO_VECTORS);
      await memory.spaces.open(other);
      await fill(memory, other, [0, 1]);
      expect((await meant(north))[0]).toBe('1');
      expect(await meant({ model: 'other', vector: [0, 1] })).toEqual([]);
      await memory.spaces.complete(other);
      expect(await meant(north)).toEqual([]);
      expect((await meant({ model: 'other', vector: [0, 1] })).toSorted()).toEqual(['1', '2', '3']);
    });

    test('what is missing says all that is embedded', async () => {
      await memory.spaces.open(large);
      const [printer] = (await missingIn(memory, large)).filter(({ id }) => id === '1');
      expect(printer).toEqual({
        id: '1',
        summary: 'printer',
        text: 'eats paper',
        people: ['Kim'],
        version: expect.any(String),
      });
    });

    test('a ticket that comes in meanwhile, or is reworded, has to be waited for', async () => {
      await memory.spaces.open(large);
      await fill(memory, large, [1, 0, 0]);
      await memory.put([about('2', 'toner leaks', { embedding: east }), about('4', 'mouse')]);
      expect(await memory.spaces.complete(large)).toBe(false);
      expect(await missingIds(memory, large)).toEqual(['2', '4']);
      await memory.forget(['4']);
      await memory.put([about('2', 'toner leaks', { embedding: { model: 'large', vector: [0, 1, 0] } })]);
      expect(await memory.spaces.complete(large)).toBe(true);
    });

    test('going on after a crash loses nothing that was stored', async () => {
      await memory.spaces.open(large);
      const [first] = await missingIn(memory, large);
      if (first) await memory.spaces.store(large, [{ ticket: first, vector: [1, 0, 0] }]);
      memory = await store.replica();
      await memory.spaces.open(large);
      expect(await missingIn(memory, large)).toHaveLength(2);
      await fill(memory, large, [1, 0, 0]);
      expect(await memory.spaces.complete(large)).toBe(true);
    });

    test('going back to the old model before the swap gives the new space up', async ({ skip }) => {
      await memory.spaces.open(large);
      await fill(memory, large, [1, 0, 0]);
      await memory.put([about('4', 'mouse')]);
      await memory.spaces.open(small);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, null]);
      expect(await memory.spaces.complete(large)).toBe(false);
      expect(await missingIds(memory, small)).toEqual(['4']);
      await fill(memory, small, [0, 1]);
      expect(await memory.spaces.complete(small)).toBe(true);
      expect(await memory.spaces.live()).toEqual(small);
      skip(!store.comparesVectors, NO_VECTORS);
      expect((await meant(north)).slice(0, 2).toSorted()).toEqual(['1', '4']);
    });

    test('a space that was given up may be built after all', async () => {
      await memory.spaces.open(large);
      await fill(memory, large, [1, 0, 0]);
      await memory.spaces.open(other);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, other]);
      await memory.spaces.open(large);
      await fill(memory, large, [0, 1, 0]);
      expect(await memory.spaces.complete(large)).toBe(true);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([large, null]);
    });

    test('a space that nobody opened takes nothing and is never complete', async () => {
      const tickets = await missingIn(memory, large);
      expect(tickets).toHaveLength(3);
      await memory.spaces.store(
        large,
        tickets.map((ticket) => ({ ticket, vector: [1, 0, 0] })),
      );
      expect(await memory.spaces.complete(large)).toBe(false);
      expect(await memory.spaces.sample(large)).toBeNull();
    });

    test('the same model with vectors of another length is another space', async ({ skip }) => {
      const longer = { model: 'small', dimensions: 3 };
      await memory.spaces.open(longer);
      await fill(memory, longer, [0, 0, 1]);
      expect(await memory.spaces.complete(longer)).toBe(true);
      expect(await memory.spaces.live()).toEqual(longer);
      skip(!store.comparesVectors, NO_VECTORS);
      expect(await meant(north)).toEqual([]);
    });

    test('forgetting a ticket takes its vectors from every space', async () => {
      await memory.spaces.open(large);
      await fill(memory, large, [1, 0, 0]);
      await memory.forget(['1', '2', '3']);
      expect(await memory.spaces.sample(small)).toBeNull();
      expect(await memory.spaces.sample(large)).toBeNull();
      await memory.put([about('1', 'printer', { text: 'eats paper' })]);
      expect(await missingIds(memory, small)).toEqual(['1']);
      expect(await missingIds(memory, large)).toEqual(['1']);
    });

    test('a sample is a ticket with the vector it was stored with', async () => {
      const sample = await memory.spaces.sample(small);
      const vectors = new Map([['1', north.vector]]);
      expect(sample?.vector).toEqual(vectors.get(sample?.ticket.id ?? '') ?? east.vector);
      expect(await memory.excerpts([sample?.ticket.id ?? ''])).toHaveLength(1);
    });
  });

  test('a space of many tickets is built and completed in one go', async () => {
    await memory.put(Array.from({ length: 1_200 }, (_, index) => about(String(index), `printer number ${index}`)));
    await memory.spaces.open(small);
    const ids = new Set((await missingIn(memory, small)).map(({ id }) => id));
    expect(ids.size).toBe(1_200);
    await fill(memory, small, [1, 0]);
    expect(await missingIn(memory, small)).toEqual([]);
    expect(await memory.spaces.complete(small)).toBe(true);
    await memory.put([about('7', 'toner')]);
    expect(await missingIds(memory, small)).toEqual(['7']);
    expect(await memory.spaces.complete(small)).toBe(false);
    expect(await memory.spaces.live()).toEqual(small);
  });
});
