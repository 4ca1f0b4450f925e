import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { type QdrantServer, startQdrantServer } from '../../fakes/qdrant/server.ts';
import { about, ask, idsFor } from '../support/memory-stores.ts';
import { plainly } from '../support/qdrant-stores.ts';
import { east, large, small } from '../support/spaces.ts';

let server: QdrantServer;
beforeEach(async () => {
  server = await startQdrantServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const open = (parts: Partial<Parameters<typeof qdrantMemory>[0]> = {}) =>
  qdrantMemory({ ...plainly, url: server.url, ...parts });
const live = () => server.desk.collections.get(server.desk.aliases.get('triage') ?? '');

describe('a collection that is made', () => {
  test('has sparse words weighted by idf, dense meanings by cosine, and an index for all that is filtered', async () => {
    const memory = await open();
    await memory.put([about('1', 'printer', { embedding: east })]);
    expect(live()?.config).toMatchObject({
      vectors: { meaning: { size: 2, distance: 'Cosine' } },
      sparse_vectors: { words: { modifier: 'idf' } },
      metadata: { schema: 1, model: 'small', dimensions: 2 },
    });
    expect(Object.fromEntries(live()?.indexes ?? [])).toEqual({
      project: 'keyword',
      created: 'datetime',
      audience: 'keyword',
      decided: 'keyword',
      corrected: 'keyword',
      version: 'keyword',
      stamp: 'keyword',
    });
  });

  test.each([
    [1, 1],
    [2, 1],
    [3, 2],
    [5, 3],
  ])('of %i replicas waits for %i to take a write', async (replicas, writes) => {
    await open({ shards: 4, replicas });
    expect(live()?.config).toMatchObject({
      shard_number: 4,
      replication_factor: replicas,
      write_consistency_factor: writes,
    });
  });

  test.each([
    ['scalar' as const, { scalar: { type: 'int8', quantile: 0.99, always_ram: true } }],
    ['binary' as const, { binary: { always_ram: true } }],
    ['off' as const, null],
  ])('is quantised as asked: %s', async (quantization, config) => {
    const memory = await open({ quantization });
    await memory.spaces.open(small);
    const [, building] = [...server.desk.collections.values()];
    expect(building?.config.vectors['meaning']?.['quantization_config']).toEqual(config);
  });

  test('has a name and aliases that begin with the prefix, and another prefix sees nothing of it', async () => {
    const [desk, longer] = [await open(), await open({ prefix: 'triage-next' })];
    await desk.put([about('1', 'printer', { embedding: east })]);
    await desk.spaces.open(large);
    await longer.put([about('2', 'printer')]);
    expect(await idsFor(desk, ask('printer'))).toEqual(['1']);
    expect(await idsFor(longer, ask('printer'))).toEqual(['2']);
    expect([...server.desk.aliases.keys()].sort()).toEqual(['triage', 'triage-next', 'triage.next.3']);
  });
});

describe('a collection that is there already', () => {
  test('is used as it is where the settings ask for nothing', async () => {
    await (await open({ shards: 2, replicas: 2 })).put([about('1', 'printer')]);
    expect(await idsFor(await open(), ask('printer'))).toEqual(['1']);
  });

  test('says what to do for shards and replicas that it does not have', async () => {
    await open();
    const advice: string[] = [];
    await open({ shards: 3, replicas: 2, onAdvice: (one) => advice.push(one) });
    expect(advice).toEqual([
      expect.stringMatching(/1 shards, not QDRANT_SHARDS=3.*QDRANT_PREFIX/),
      expect.stringMatching(/1 replicas, not QDRANT_REPLICAS=2.*cluster/),
    ]);
  });

  test('gets another quantisation in place', async () => {
    await (await open()).put([about('1', 'printer', { embedding: east })]);
    await open({ quantization: 'scalar' });
    expect(live()?.config.vectors['meaning']).toMatchObject({ quantization_config: { scalar: { type: 'int8' } } });
    await open({ quantization: 'off' });
    expect(live()?.config.vectors['meaning']).toMatchObject({ quantization_config: 'Disabled' });
    const changes = server.requests.filter(({ method }) => method === 'PATCH').length;
    await open({ quantization: 'off' });
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(changes);
  });

  test.each([
    ['was made by something else', { vectors: { meaning: { size: 4, distance: 'Cosine' } } }],
    [
      'has words without idf',
      { sparse_vectors: { words: {} }, metadata: { schema: 1, model: null, dimensions: null } },
    ],
    [
      'was made by another version',
      { sparse_vectors: { words: { modifier: 'idf' } }, metadata: { schema: 2, model: null, dimensions: null } },
    ],
    [
      'has other dimensions than it says',
      {
        vectors: { meaning: { size: 4, distance: 'Cosine' } },
        sparse_vectors: { words: { modifier: 'idf' } },
        metadata: { schema: 1, model: 'm', dimensions: 3 },
      },
    ],
  ])('and %s is refused, with what to do', async (_how, config) => {
    server.desk.answer({ method: 'PUT', path: ['collections', 'triage.1.words'], body: config });
    server.desk.aliases.set('triage', 'triage.1.words');
    await expect(open()).rejects.toThrow(/triage\.1\.words.*QDRANT_PREFIX.*triage backfill/s);
    await expect(open()).rejects.toBeInstanceOf(MisconfiguredError);
  });

  test('and has the name of our alias is refused', async () => {
    server.desk.answer({ method: 'PUT', path: ['collections', 'triage'], body: {} });
    await expect(open()).rejects.toThrow(/no alias triage.*QDRANT_PREFIX/s);
  });

  test('and lost its alias is not begun anew', async () => {
    await (await open()).put([about('1', 'printer', { embedding: east })]);
    server.desk.aliases.clear();
    await expect(open()).rejects.toThrow(/no alias triage/);
    expect(server.desk.collections.size).toBe(1);
  });
});
