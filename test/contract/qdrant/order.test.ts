import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { type QdrantServer, startQdrantServer } from '../../fakes/qdrant/server.ts';
import { about, allOf, ask, idsFor } from '../support/memory-stores.ts';
import { plainly } from '../support/qdrant-stores.ts';
import { east } from '../support/spaces.ts';

let server: QdrantServer;
let memory: Memory;
beforeEach(async () => {
  server = await startQdrantServer();
  memory = await qdrantMemory({ ...plainly, url: server.url });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  expect(server.violations).toEqual([]);
});

const numbers = (count: number, from = 1_000) => Array.from({ length: count }, (_, index) => String(from + index));
const MOMENT = '2026-01-01T00:00:00.000Z';

describe('where Qdrant promises no order', () => {
  test('a moment with more tickets than a page is told by id, between what was before and after it', async () => {
    const [before, after] = ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.001Z'];
    const tickets = [
      ...numbers(3, 9_000).map((id) => about(id, 'printer', { created: before })),
      ...numbers(430).map((id) => about(id, 'printer', { created: MOMENT })),
      ...numbers(3, 100).map((id) => about(id, 'printer', { created: after })),
    ];
    await memory.put(tickets.toReversed());
    expect((await allOf(memory)).map(({ id }) => id)).toEqual(tickets.map(({ id }) => id));
  });

  test('the newest of one moment are those with the highest ids, whatever the limit cuts through', async () => {
    const corrected = { category: { value: 'printing', by: 'human' as const, insteadOf: 'network' } };
    await memory.put(numbers(60).map((id) => about(id, 'printer', { created: MOMENT, values: corrected })));
    const query = { targets: ['category'], projects: ['IT'], before: '2026-06-01T00:00:00Z', limit: 7 };
    const newest = numbers(60).toReversed().slice(0, 7);
    expect((await memory.corrections(query)).map(({ id }) => id)).toEqual(newest);
    const work = await memory.pastWork({ project: 'IT', target: 'category', before: query.before, limit: 59 });
    expect(work).toHaveLength(59);
  });

  test.each([
    ['words', ask('printer', { limit: 3 })],
    ['meaning', ask('unrelated', { embedding: east, limit: 3 })],
    ['both', ask('printer', { embedding: east, limit: 3 })],
  ])('of hundreds that are the same by %s the lowest ids come first', async (_by, query) => {
    await memory.put(numbers(300).map((id) => about(id, 'printer', { embedding: east })));
    expect(await idsFor(memory, query)).toEqual(['1000', '1001', '1002']);
  });

  test('ids that are no numbers are all gone through, once each', async () => {
    const ids = ['DESK-1', 'desk-1', 'ä', '7', '12', '９'];
    await memory.put(ids.map((id) => about(id, 'printer')));
    const seen: string[] = [];
    for (let after = ''; ; after = seen.at(-1) ?? '') {
      const page = await memory.ids(after, 2);
      if (page.length === 0) break;
      seen.push(...page.map(({ id }) => id));
    }
    expect(seen.toSorted()).toEqual(ids.toSorted());
    expect(seen.slice(0, 2)).toEqual(['12', '7']);
  });
});

describe('how rare words are', () => {
  const copy = ask('printer jam on floor three');
  const likeness = async (of = memory) => (await of.nearest(copy))[0]?.likeness;

  test('follows what is put, replaced and forgotten here', async () => {
    await memory.put([about('1', 'printer jam on floor three')]);
    expect(await likeness()).toBeCloseTo(1, 5);
    await memory.put(numbers(40).map((id) => about(id, `printer number ${id} on a floor`)));
    expect(await likeness()).toBeCloseTo(1, 5);
    await memory.forget(numbers(40));
    expect(await likeness()).toBeCloseTo(1, 5);
  });

  test('is asked for once, and then known', async () => {
    await memory.put([about('1', 'printer jam on floor three')]);
    await memory.nearest(copy);
    const before = server.requests.length;
    await memory.nearest(copy);
    const asked = server.requests.slice(before).map(({ path }) => path.split('/').slice(3).join('/'));
    expect(asked.filter((path) => path === 'points/query/batch')).toHaveLength(1);
  });

  test('takes one request for both halves', async () => {
    await memory.put([about('1', 'printer jam on floor three', { embedding: east })]);
    await memory.nearest({ ...copy, embedding: east });
    const before = server.requests.length;
    await memory.nearest({ ...copy, embedding: east });
    const batches = server.requests.slice(before).filter(({ path }) => path.endsWith('/points/query/batch'));
    expect(batches.map(({ body }) => body)).toMatchObject([
      { searches: [{ using: 'words' }, { using: 'meaning', params: { exact: true } }] },
    ]);
  });
});

test('many and long tickets are put in requests that Qdrant takes', async () => {
  const word = (index: number) => `word${(index * 7919) % 100_000}`;
  const long = Array.from({ length: 4_000 }, (_, index) => word(index)).join(' ');
  await memory.put(numbers(120).map((id) => about(id, `printer ${id}`, { text: `${long} ${id}` })));
  expect(await memory.size()).toBe(120);
  const sizes = server.requests.map(({ body }) => JSON.stringify(body ?? '').length);
  expect(Math.max(...sizes)).toBeLessThan(32 * 1024 * 1024);
});
