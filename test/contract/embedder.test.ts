import { describe, expect, test } from 'vitest';
import { openaiEmbedder } from '../../src/adapters/openai/embedder.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { startModelServer, vectorFor } from '../fakes/model/server.ts';

const access = (baseUrl: string) => ({ baseUrl, apiKey: 'a-key', model: 'small' });

describe('embedding', () => {
  test('gives one vector per text in order, each with the name of its model', async () => {
    await using server = await startModelServer();
    const texts = ['printer jam', '无法连接打印机', ''];
    expect(await openaiEmbedder(access(server.url)).embed(texts)).toEqual([
      { model: 'small', vector: vectorFor('printer jam') },
      { model: 'small', vector: vectorFor('无法连接打印机') },
      { model: 'small', vector: vectorFor('') },
    ]);
    expect(server.requests.map(({ authorization }) => authorization)).toEqual(['Bearer a-key']);
  });

  test('of nothing asks nobody', async () => {
    await using server = await startModelServer();
    expect(await openaiEmbedder(access(server.url)).embed([])).toEqual([]);
    expect(server.requests).toEqual([]);
  });

  test('of many texts goes in batches and comes back in order', async () => {
    await using server = await startModelServer();
    const texts = Array.from({ length: 150 }, (_, index) => `ticket ${index}`);
    const vectors = (await openaiEmbedder(access(server.url)).embed(texts)).map(({ vector }) => vector);
    expect(vectors).toEqual(texts.map(vectorFor));
    expect(server.requests.map((request) => request.texts.length)).toEqual([64, 64, 22]);
  });

  test('of a very long text sends its beginning', async () => {
    await using server = await startModelServer();
    await openaiEmbedder(access(server.url)).embed(['word '.repeat(100_000)]);
    expect(server.requests[0]?.texts[0]?.length).toBe(8_000);
  });

  test('puts the vectors of a server that answers out of order back in order', async () => {
    await using server = await startModelServer();
    server.trouble('shuffled');
    const [first] = await openaiEmbedder(access(server.url)).embed(['printer jam', 'no network']);
    expect(first?.vector).toEqual(vectorFor('printer jam'));
  });

  test('gets over one bad moment', async () => {
    await using server = await startModelServer();
    server.trouble({ status: 500 });
    const [found] = await openaiEmbedder(access(server.url)).embed(['printer jam']);
    expect(found?.vector).toEqual(vectorFor('printer jam'));
  });

  test.each([
    ['is too busy', [{ status: 429 }, { status: 429 }]],
    ['breaks', [{ status: 500 }, { status: 503 }]],
    ['does not know our key', [{ status: 401 }]],
    ['hangs up', ['reset', 'reset']],
    ['gives too few vectors', ['short']],
    ['answers something else', ['not-json', 'not-json']],
  ] as const)('fails for now when the server %s', async (_what, troubles) => {
    await using server = await startModelServer();
    server.trouble(...troubles);
    await expect(openaiEmbedder(access(server.url)).embed(['printer', 'toner'])).rejects.toThrow(TransientError);
  });

  test('fails for now when there is no server', async () => {
    await expect(openaiEmbedder(access('http://127.0.0.1:1/v1')).embed(['printer'])).rejects.toThrow(TransientError);
  });
});
