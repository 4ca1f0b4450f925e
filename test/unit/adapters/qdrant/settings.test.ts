import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openClient } from '../../../../src/adapters/qdrant/client.ts';
import { searchParams } from '../../../../src/adapters/qdrant/collections/config.ts';
import { Names } from '../../../../src/adapters/qdrant/collections/names.ts';
import { violationOf } from '../../../fakes/qdrant/openapi-check.ts';
import { sharedFile } from '../../../support/shared.ts';

const options = { prefix: 'triage', shards: null, replicas: null };

describe('how meanings are searched', () => {
  test('few of them are all compared', () => {
    expect(searchParams(20_000, { ...options, quantization: 'binary' })).toEqual({ exact: true });
  });

  test('many of them by the graph, and what was found by rounded vectors is compared by the real ones', () => {
    expect(searchParams(20_001, { ...options, quantization: 'off' })).toEqual({ hnsw_ef: 256 });
    expect(searchParams(100_000, { ...options, quantization: 'scalar' })).toMatchObject({
      quantization: { rescore: true, oversampling: 2 },
    });
    expect(searchParams(100_000, { ...options, quantization: 'binary' })).toMatchObject({
      quantization: { rescore: true, oversampling: 4 },
    });
  });
});

describe('the names of collections', () => {
  const names = new Names('triage');

  test('tell spaces apart by model and length', () => {
    const spaces = [null, { model: 'm', dimensions: 2 }, { model: 'm', dimensions: 3 }, { model: 'n', dimensions: 2 }];
    const all = spaces.map((space) => names.collection(7, space));
    expect(new Set(all).size).toBe(4);
    expect(all.map((name) => names.numberOf(name))).toEqual([7, 7, 7, 7]);
  });

  test.each(['triage', 'triage.next.3', 'triage-2.1.words', 'other.1.words', 'triage.1.words.2', 'triage.x.words'])(
    '%s is none of ours',
    (name) => {
      expect(names.numberOf(name)).toBeNull();
    },
  );
});

describe('where Qdrant listens', () => {
  test.each([
    ['http://qdrant', 'http://qdrant:6333'],
    ['https://qdrant.example.com', 'https://qdrant.example.com:6333'],
    ['https://qdrant.example.com:443', 'https://qdrant.example.com:443'],
    ['http://qdrant:80/memory', 'http://qdrant:80/memory'],
    ['https://10.0.0.7:6334', 'https://10.0.0.7:6334'],
  ])('%s is asked at %s', (url, address) => {
    expect(openClient({ url, apiKey: null }).quick).toMatchObject({ _restUri: address });
  });
});

describe.skipIf(!existsSync(sharedFile('data/openapi/qdrant.1.19.json')))('the check of requests', () => {
  const scroll = (body: unknown, query = {}) =>
    violationOf({ method: 'POST', path: '/collections/triage.1.words/points/scroll', query, body });

  test('lets through what the document says', () => {
    expect(scroll({ limit: 3, filter: { must: [{ key: 'project', match: { value: 'IT' } }] } })).toBeNull();
  });

  test.each([
    ['a field that does not exist', { limits: 3 }, {}],
    ['a misspelt field deep inside', { filter: { must: [{ key: 'project', match: { values: 'IT' } }] } }, {}],
    ['a condition that is none', { filter: { must: [{ has_idd: [] }] } }, {}],
    ['a number that is a text', { limit: '3' }, {}],
    ['an id that is no UUID', { offset: 'DESK-1' }, {}],
    ['a query parameter that does not exist', {}, { limit: '3' }],
    ['no body', undefined, {}],
  ])('does not let through %s', (_what, body, query) => {
    expect(scroll(body, query)).not.toBeNull();
  });

  test('does not let through an endpoint that does not exist', () => {
    expect(violationOf({ method: 'POST', path: '/collections/x/point', query: {}, body: {} })).toMatch(
      /not documented/,
    );
  });
});
