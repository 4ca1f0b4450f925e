import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { Embedder } from '../../../src/domain/ports/model.ts';
import { cosine, queryEmbedder, vectorCheck } from '../../../src/domain/ticket/embedding.ts';
import { buildSpace } from '../../../src/upkeep/embed.ts';
import { embedderFake } from '../../fakes/embedder.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { pastTicketWith } from '../../support/fixtures.ts';

async function memoryOf(embedder: Embedder | null): Promise<Memory> {
  const memory = memoryFake();
  await memory.put(
    ['1', '2', '3', '4'].map((id) => pastTicketWith({ id, summary: `printer ${id}`, text: '打印机卡纸' })),
  );
  if (embedder) await buildSpace({ spaces: memory.spaces, embedder });
  return memory;
}

const none = () => null;

describe('a question', () => {
  test('is embedded with the configured model when the live space is its own', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    const queries = queryEmbedder({ spaces, embedder: embedderFake('small'), embedderFor: none });
    expect((await queries.embed(['printer'])).map(({ model }) => model)).toEqual(['small']);
    expect(queries.model).toBe('small');
  });

  test('is embedded with the old model while the new space is being built, and with the new one afterwards', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    const large = embedderFake('large');
    const queries = queryEmbedder({ spaces, embedder: large, embedderFor: (model) => embedderFake(model) });
    await buildSpace({ spaces, embedder: large }, { budgetMs: -1 });
    expect((await queries.embed(['printer'])).map(({ model }) => model)).toEqual(['small']);
    expect(queries.model).toBe('small');
    await buildSpace({ spaces, embedder: large });
    expect((await queries.embed(['printer'])).map(({ model }) => model)).toEqual(['large']);
    expect(queries.model).toBe('large');
  });

  test('has no vector before past tickets have', async () => {
    const { spaces } = await memoryOf(null);
    const queries = queryEmbedder({ spaces, embedder: embedderFake('small'), embedderFor: none });
    await expect(queries.embed(['printer'])).rejects.toThrow(TransientError);
    expect(queries.model).toBe('small');
  });

  test('has no vector when nobody serves the old model any more', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    const queries = queryEmbedder({ spaces, embedder: embedderFake('large'), embedderFor: none });
    await expect(queries.embed(['printer'])).rejects.toThrow(TransientError);
  });

  test('has no vector when another model answers to the old name, as many servers let it', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    const embedderFor = (model: string) => embedderFake(model, { meaning: 'whatever is loaded' });
    const queries = queryEmbedder({ spaces, embedder: embedderFake('large'), embedderFor });
    await expect(queries.embed(['printer'])).rejects.toThrow('another model answers as small');
  });

  test('gets its vector again as soon as the right model is back', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    let meaning = 'another';
    const embedder: Embedder = { model: 'small', embed: (texts) => embedderFake('small', { meaning }).embed(texts) };
    const queries = queryEmbedder({ spaces, embedder, embedderFor: none });
    await expect(queries.embed(['printer'])).rejects.toThrow(TransientError);
    meaning = 'small';
    expect(await queries.embed(['printer'])).toHaveLength(1);
  });

  test('has no vector when it would have another length than the live ones', async () => {
    const { spaces } = await memoryOf(embedderFake('small'));
    let dimensions = 16;
    const embedder: Embedder = { model: 'small', embed: (texts) => embedderFake('small', { dimensions }).embed(texts) };
    const queries = queryEmbedder({ spaces, embedder, embedderFor: none });
    await queries.embed(['printer']);
    dimensions = 24;
    await expect(queries.embed(['printer'])).rejects.toThrow(/24.*16/);
  });
});

describe('checking vectors', () => {
  test('lets those through that are as long as the first', () => {
    const check = vectorCheck('small');
    expect(() =>
      check([
        [1, 2],
        [3, 4],
      ]),
    ).not.toThrow();
    expect(() => check([])).not.toThrow();
    expect(() => check([[1, 2, 3]])).toThrow(/3.*2/);
  });

  test.each([
    ['nothing', []],
    ['what is no number', [Number.NaN, 1]],
    ['what has no end', [1, Number.POSITIVE_INFINITY]],
  ])('refuses %s', (_what, vector) => {
    expect(() => vectorCheck('small')([vector])).toThrow(TransientError);
  });
});

describe('the cosine', () => {
  test('is 1 for the same direction, -1 for the opposite, 0 without one', () => {
    expect(cosine([1, 2], [2, 4])).toBeCloseTo(1);
    expect(cosine([1, 2], [-1, -2])).toBeCloseTo(-1);
    expect(cosine([0, 0], [1, 2])).toBe(0);
  });
});
