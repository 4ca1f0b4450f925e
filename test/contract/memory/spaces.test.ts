import { beforeEach, describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, allOf, ask, idsFor, NO_VECTORS, type Store, stores } from '../support/memory-stores.ts';
import { east, fill, large, missingIds, missingIn, north, other, small } from '../support/spaces.ts';

describe.each(stores)('vectors in $name', ({ open }) => {
  let store: Store;
  let memory: Memory;

  freshEachTime(open, async (opened) => {
    store = opened;
    memory = await opened.replica();
  });

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
