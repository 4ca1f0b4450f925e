import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TransientError } from '../../src/domain/errors.ts';
import type { Embedding } from '../../src/domain/issue.ts';
import type { Memory } from '../../src/domain/ports.ts';
import type { Embeddable, Space } from '../../src/domain/space.ts';
import { about, allOf, ask, idsFor, NO_VECTORS, type Store, stores } from './support/memory-stores.ts';

const small: Space = { model: 'small', dimensions: 2 };
const large: Space = { model: 'large', dimensions: 3 };
/** As long as the small one's, so that only the name keeps them apart. */
const other: Space = { model: 'other', dimensions: 2 };

const east = { model: 'small', vector: [1, 0] };
const north = { model: 'small', vector: [0, 1] };

async function missingIn(memory: Memory, space: Space): Promise<Embeddable[]> {
  return (await Array.fromAsync(memory.spaces.missing(space))).flat();
}

/** Gives every ticket that lacks one a vector. */
async function fill(memory: Memory, space: Space, vector: readonly number[]): Promise<void> {
  for await (const tickets of memory.spaces.missing(space)) {
    await memory.spaces.store(
      space,
      tickets.map((ticket) => ({ ticket, vector })),
    );
  }
}

const missingIds = async (memory: Memory, space: Space) => (await missingIn(memory, space)).map(({ id }) => id).sort();

describe.each(stores)('vectors in $name', ({ open }) => {
  let store: Store;
  let memory: Memory;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await store.reset();
    memory = await store.replica();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  /** Without a word in common with any ticket here: what it finds, it finds by meaning. */
  const meant = (embedding: Embedding) => idsFor(memory, ask('unrelated', { embedding }));

  describe('in a search', () => {
    beforeEach(({ skip }) => skip(!store.comparesVectors, NO_VECTORS));

    test('tickets without a common word are found by their meaning', async () => {
      await memory.put([about('1', 'toner', { embedding: north }), about('2', 'monitor', { embedding: east })]);
      expect(await idsFor(memory, ask('printer', { embedding: north, limit: 1 }))).toEqual(['1']);
    });

    test('the weight decides between words and meaning', async () => {
      await memory.put([about('1', 'printer', { embedding: east }), about('2', 'toner', { embedding: north })]);
      expect(await idsFor(memory, ask('printer', { embedding: north, keywordWeight: 0.9, limit: 1 }))).toEqual(['1']);
      expect(await idsFor(memory, ask('printer', { embedding: north, keywordWeight: 0.1, limit: 1 }))).toEqual(['2']);
    });

    test('similarity is the weighted sum of both halves', async () => {
      await memory.put([about('1', 'printer', { embedding: { model: 'small', vector: [3, 4] } })]);
      const [found] = await memory.nearest(ask('printer', { embedding: east, keywordWeight: 0.5 }));
      expect(found?.similarity).toBeCloseTo(0.5 * 1 + 0.5 * 0.6, 5);
    });

    test('a ticket without a vector is still found by its words', async () => {
      await memory.put([about('1', 'printer'), about('2', 'toner', { embedding: north })]);
      expect((await idsFor(memory, ask('printer', { embedding: east }))).toSorted()).toEqual(['1', '2']);
    });

    test('a vector of the query alone changes nothing about sparse tickets', async () => {
      await memory.put([about('1', 'printer'), about('2', 'printer jam jam')]);
      const sparse = await memory.nearest(ask('printer jam'));
      expect(await memory.nearest(ask('printer jam', { embedding: east }))).toEqual(sparse);
    });

    test('a query of another model meets no vector, not even one as long, and counts as words alone', async () => {
      await memory.put([about('1', 'toner', { embedding: north }), about('2', 'printer', { embedding: east })]);
      const words = await memory.nearest(ask('printer'));
      for (const embedding of [
        { model: 'other', vector: [0, 1] },
        { model: 'small', vector: [0, 1, 0] },
      ]) {
        expect(await memory.nearest(ask('printer', { embedding }))).toEqual(words);
      }
    });
  });

  describe('on their way into a space', () => {
    test('the first vector opens it, and an empty memory has nothing to wait for', async () => {
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([null, null]);
      await memory.put([about('1', 'printer', { embedding: east }), about('2', 'toner')]);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, null]);
      expect(await missingIds(memory, small)).toEqual(['2']);
      expect((await allOf(memory)).map(({ id, embedding }) => [id, embedding])).toEqual([
        ['1', east],
        ['2', null],
      ]);
    });

    test('the first vector beside tickets without any waits for theirs', async () => {
      await memory.put([about('1', 'printer')]);
      await memory.put([about('2', 'toner', { embedding: east })]);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([null, small]);
      expect(await idsFor(memory, ask('unrelated', { embedding: east }))).toEqual([]);
      expect(await missingIds(memory, small)).toEqual(['1']);
    });

    test('a vector of a new model opens a space beside the live one, and leaves that alone', async () => {
      await memory.put([about('1', 'printer', { embedding: east })]);
      await memory.put([about('2', 'toner', { embedding: { model: 'other', vector: [1, 0] } })]);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, other]);
      expect(await missingIds(memory, other)).toEqual(['1']);
      expect(await missingIds(memory, small)).toEqual(['2']);
    });

    test('a third model has no place while one is being built', async () => {
      await memory.put([about('1', 'printer', { embedding: east })]);
      await memory.spaces.open(large);
      await memory.put([about('2', 'toner', { embedding: { model: 'other', vector: [1, 0] } })]);
      expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([small, large]);
      expect(await missingIds(memory, small)).toEqual(['2']);
    });

    test.each([
      ['put', (at: Memory) => at.put([about('2', 'toner', { embedding: { model: 'small', vector: [1, 2, 3] } })])],
      [
        'put with its like',
        (at: Memory) =>
          at.put([
            about('2', 'toner', { embedding: { model: 'new', vector: [1, 2, 3] } }),
            about('3', 'toner', { embedding: { model: 'new', vector: [1, 2] } }),
          ]),
      ],
      [
        'stored',
        async (at: Memory) => {
          const [ticket] = await missingIn(at, large);
          if (ticket) await at.spaces.store(large, [{ ticket, vector: [1, 2] }]);
        },
      ],
    ])('a vector of another length is refused when it is %s, and both lengths are named', async (_how, act) => {
      await memory.put([about('1', 'printer', { embedding: east })]);
      const refusal = await act(memory).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(TransientError);
      expect(String(refusal)).toMatch(/2.*3|3.*2/s);
      expect(await memory.size()).toBe(1);
      expect(await missingIds(memory, small)).toEqual([]);
    });

    test('putting the same words again keeps the vector, putting others makes it count as missing', async () => {
      await memory.put([about('1', 'printer', { embedding: east }), about('2', 'toner', { embedding: east })]);
      await memory.put([about('1', 'printer', { resolution: 'Done' }), about('2', 'toner is empty')]);
      expect(await missingIds(memory, small)).toEqual(['2']);
      expect((await allOf(memory)).map(({ id, embedding }) => [id, embedding])).toEqual([
        ['1', east],
        ['2', null],
      ]);
    });

    test('a vector that comes when its ticket says something else is dropped', async () => {
      await memory.put([about('1', 'printer'), about('2', 'toner')]);
      await memory.spaces.open(small);
      const [printer, toner] = (await missingIn(memory, small)).toSorted((one, two) => (one.id < two.id ? -1 : 1));
      await memory.put([about('1', 'screen flickers')]);
      await memory.forget(['2']);
      await memory.spaces.store(
        small,
        [printer, toner].flatMap((ticket) => (ticket ? [{ ticket, vector: [1, 0] }] : [])),
      );
      expect((await missingIn(memory, small)).map(({ id, summary }) => [id, summary])).toEqual([
        ['1', 'screen flickers'],
      ]);
      expect(await memory.spaces.sample(small)).toBeNull();
    });
  });

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

  test('another replica sees the same spaces', async () => {
    await memory.put([about('1', 'printer', { embedding: east })]);
    const replica = await store.replica();
    await replica.spaces.open(large);
    expect(await memory.spaces.building()).toEqual(large);
    await fill(memory, large, [1, 0, 0]);
    expect(await replica.spaces.complete(large)).toBe(true);
    expect(await memory.spaces.live()).toEqual(large);
  });
});
