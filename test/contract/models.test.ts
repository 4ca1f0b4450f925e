import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresModels } from '../../src/adapters/postgres/models.ts';
import type { ModelStore } from '../../src/domain/ports/model.ts';
import { modelsFake } from '../fakes/models.ts';
import { databases, openMigrated, type TestDatabase } from './support/databases.ts';

/** One store of trained models, looked at by as many replicas as one likes. */
interface Store extends AsyncDisposable {
  /** Empties the store. */
  reset(): Promise<void>;
  replica(): ModelStore;
}

const stores = [
  { name: 'the fake', open: async () => fakeStore() },
  ...databases.map(({ name, open }) => ({ name, open: async () => databaseStore(await openMigrated(open)) })),
];

function fakeStore(): Store {
  let models = modelsFake();
  return {
    reset: async () => {
      models = modelsFake();
    },
    replica: () => models,
    [Symbol.asyncDispose]: async () => {},
  };
}

function databaseStore(database: TestDatabase): Store {
  return {
    reset: () => database.sql.script('truncate triage.models, triage.model_parts'),
    replica: () => postgresModels(database.sql),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

const bytes = (...numbers: readonly number[]) => Uint8Array.from(numbers);

describe.each(stores)('models in $name', ({ open }) => {
  let store: Store;
  let models: ModelStore;

  beforeAll(async () => {
    store = await open();
  });
  beforeEach(async () => {
    await store.reset();
    models = store.replica();
  });
  afterAll(() => store[Symbol.asyncDispose]());

  const loaded = async (version: string) => {
    const found = await models.load(version);
    return found && [...found];
  };

  test('before the first there is none', async () => {
    expect(await models.newest()).toBeNull();
    expect(await models.load('absent')).toBeNull();
  });

  test('the newest is the one saved last, with the time it was stored', async () => {
    const before = Date.now();
    await models.save('b-first', bytes(1));
    await models.save('a-second', bytes(2));
    const newest = await models.newest();
    expect(newest?.version).toBe('a-second');
    expect(newest?.storedAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(Math.abs(Date.parse(newest?.storedAt ?? '') - before)).toBeLessThan(60_000);
  });

  test('a model of several megabytes comes back byte for byte', async () => {
    const saved = randomBytes(1_700_000);
    await models.save('large', saved);
    const back = await store.replica().load('large');
    expect(back?.length).toBe(saved.length);
    expect(saved.equals(back ?? Buffer.alloc(0))).toBe(true);
  });

  test('what is kept does not change with the bytes it was made from', async () => {
    const saved = bytes(1, 2, 3);
    await models.save('v', saved);
    saved[0] = 9;
    expect(await loaded('v')).toEqual([1, 2, 3]);
  });

  test('keeps the last three, and nothing of the others', async () => {
    for (const index of [1, 2, 3, 4, 5]) await models.save(`v${index}`, bytes(index));
    expect(await Promise.all(['v1', 'v2', 'v3', 'v4', 'v5'].map(loaded))).toEqual([null, null, [3], [4], [5]]);
    expect((await models.newest())?.version).toBe('v5');
  });

  test('saving a version again makes it the newest, and drops no other', async () => {
    for (const index of [1, 2, 3]) await models.save(`v${index}`, bytes(index));
    await models.save('v1', bytes(1));
    expect((await models.newest())?.version).toBe('v1');
    expect(await Promise.all(['v1', 'v2', 'v3'].map(loaded))).toEqual([[1], [2], [3]]);
    await models.save('v4', bytes(4));
    expect(await Promise.all(['v1', 'v2', 'v3', 'v4'].map(loaded))).toEqual([[1], null, [3], [4]]);
  });

  test('a version that was dropped may come back', async () => {
    for (const index of [1, 2, 3, 4]) await models.save(`v${index}`, bytes(index));
    await models.save('v1', bytes(1));
    expect([(await models.newest())?.version, await loaded('v1')]).toEqual(['v1', [1]]);
  });

  test('is the same for every replica', async () => {
    await store.replica().save('v', bytes(7));
    expect([(await models.newest())?.version, await loaded('v')]).toEqual(['v', [7]]);
  });

  test('two saves at the same time both end whole', async () => {
    const [one, other] = [randomBytes(1_200_000), randomBytes(1_200_000)];
    await Promise.all([models.save('one', one), store.replica().save('other', other)]);
    expect(Buffer.compare((await models.load('one')) ?? bytes(), one)).toBe(0);
    expect(Buffer.compare((await models.load('other')) ?? bytes(), other)).toBe(0);
  });
});
