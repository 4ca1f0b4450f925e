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
    expect(vectors).toEqual(texts.map((text) => vectorFor(text)));
    expect(server.requests.map((request) => request.texts.length)).toEqual([64, 64, 22]);
  });

  test('of a very long text sends its beginning', async () => {
    await using server = await startModelServer();
    await openaiEmbedder(access(server.url)).embed(['word '.repeat(100_000)]);
    expect(server.requests[0]?.texts[0]?.length).toBe(8_000);
  });

  test('of long texts sends fewer at once', async () => {
    await using server = await startModelServer();
    const texts = Array.from({ length: 30 }, (_, index) => `${index} `.padEnd(8_000, '打印机卡纸 '));
    const vectors = (await openaiEmbedder(access(server.url)).embed(texts)).map(({ vector }) => vector);
    expect(vectors).toEqual(texts.map((text) => vectorFor(text)));
    expect(server.requests.map((request) => request.texts.length)).toEqual([12, 12, 6]);
  });

  test('never sends half a character', async () => {
    await using server = await startModelServer();
    await openaiEmbedder(access(server.url)).embed([`a${'🖨'.repeat(4_000)}`, '\ud83d']);
    expect(server.requests[0]?.texts.every((text) => text.isWellFormed())).toBe(true);
  });

  test('stamps vectors with another name where one is given', async () => {
    await using server = await startModelServer();
    const embedder = openaiEmbedder({ ...access(server.url), name: 'small+redacted' });
    expect(embedder.model).toBe('small+redacted');
    expect((await embedder.embed(['printer'])).map(({ model }) => model)).toEqual(['small+redacted']);
    expect(openaiEmbedder(access(server.url)).model).toBe('small');
  });

  test.each([400, 413, 422])('sends less when the server refuses with %d, and leaves no text out', async (status) => {
    await using server = await startModelServer();
    server.trouble({ status });
    const texts = ['printer', 'toner', '无法连接打印机'];
    const vectors = (await openaiEmbedder(access(server.url)).embed(texts)).map(({ vector }) => vector);
    expect(vectors).toEqual(texts.map((text) => vectorFor(text)));
    expect(server.requests.map((request) => request.texts.length)).toEqual([3, 2, 1]);
  });

  test('sends less of a text that is refused alone, until it is taken', async () => {
    await using server = await startModelServer();
    server.trouble({ status: 413 }, { status: 413 });
    await openaiEmbedder(access(server.url)).embed(['word '.repeat(1_600)]);
    expect(server.requests.map((request) => request.texts[0]?.length)).toEqual([8_000, 4_000, 2_000]);
  });

  test('fails for now when even a few words are refused, and does not try for ever', async () => {
    await using server = await startModelServer();
    server.always({ status: 400 });
    const texts = Array.from({ length: 64 }, () => 'word '.repeat(1_000));
    await expect(openaiEmbedder(access(server.url)).embed(texts)).rejects.toThrow('answered 400');
    expect(server.requests.length).toBeLessThan(20);
  });

  test('refuses vectors of another length within an answer, across answers and across calls', async () => {
    await using server = await startModelServer();
    const embedder = openaiEmbedder(access(server.url));
    await embedder.embed(['printer']);
    server.trouble('wrong-dimension');
    const refusal = await embedder.embed(['printer']).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TransientError);
    expect(String(refusal)).toMatch(/65.*64/);
    expect((await embedder.embed(['printer'])).length).toBe(1);
    const texts = Array.from({ length: 70 }, (_, index) => `ticket ${index}`);
    server.trouble('wrong-dimension');
    await expect(openaiEmbedder(access(server.url)).embed(texts)).rejects.toThrow(TransientError);
  });

  test('can be given up while the server is silent', async () => {
    await using server = await startModelServer();
    server.trouble('hang');
    const controller = new AbortController();
    const answer = openaiEmbedder(access(server.url)).embed(['printer'], { signal: controller.signal });
    await expect.poll(() => server.requests.length).toBe(1);
    controller.abort();
    await expect(answer).rejects.toThrow(new TransientError('embedding was given up'));
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
