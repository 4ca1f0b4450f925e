import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEmbedding } from '../../src/compose/embedding.ts';
import { remember } from '../../src/feedback/learn.ts';
import { buildSpace } from '../../src/upkeep/embed.ts';
import { startModelServer } from '../fakes/model/server.ts';
import { issueWith, playbookWith } from '../support/fixtures.ts';
import { ask, NO_VECTORS, type Store, stores } from './support/memory-stores.ts';

const playbook = playbookWith();
const finished = (summary: string) =>
  issueWith({ isFinished: true, status: 'Done', summary, text: '', labels: ['cat-printing'] });
const summaries = ['printer jam 卡纸', 'toner is empty', 'screen flickers', 'Drucker druckt nicht'];

describe.each(stores)('changing the embedding model, in $name', ({ open }) => {
  let store: Store;
  beforeAll(async () => {
    store = await open();
  });
  beforeEach(() => store.reset());
  afterAll(() => store[Symbol.asyncDispose]());

  test('leaves no question without an answer, and sends none to the wrong vectors', async ({ skip }) => {
    skip(!store.comparesVectors, NO_VECTORS);
    const embeddingModels = { old: { dimensions: 16 }, new: { dimensions: 24 } };
    await using server = await startModelServer({ embeddingModels });
    const memory = await store.replica();
    const { spaces } = memory;
    const source = (model: string) => ({ baseUrl: server.url, apiKey: 'a-key', model });
    const nearestTo = async (text: string, model: string) => {
      await using embedding = await openEmbedding(source(model), { spaces });
      const [vector = null] = await embedding.queries.embed([text]);
      const found = await memory.nearest(ask('', { embedding: vector, keywordWeight: 0, limit: 1 }));
      return { model: vector?.model, summary: found[0]?.ticket.summary };
    };

    const before = await openEmbedding(source('old'), { spaces });
    await remember(summaries.map(finished), playbook, { memory, embedder: before.tickets });
    expect(await spaces.live()).toEqual({ model: 'old', dimensions: 16 });

    const after = await openEmbedding(source('new'), { spaces });
    expect(after.queries.model).toBe('old');
    await remember([finished('mouse is dead')], playbook, { memory, embedder: after.tickets });
    expect(await spaces.building()).toEqual({ model: 'new', dimensions: 24 });
    expect(await nearestTo('toner is empty', 'new')).toEqual({ model: 'old', summary: 'toner is empty' });

    expect(await buildSpace({ spaces, embedder: after.tickets })).toMatchObject({ embedded: 4, isComplete: true });
    expect(await nearestTo('toner is empty', 'new')).toEqual({ model: 'new', summary: 'toner is empty' });
    expect(await nearestTo('mouse is dead', 'new')).toEqual({ model: 'new', summary: 'mouse is dead' });
  });

  test('to other texts for the same model is a change of space as well', async () => {
    await using server = await startModelServer();
    const { spaces, ...memory } = await store.replica();
    const source = { baseUrl: server.url, apiKey: 'a-key', model: 'small' };
    const textOf = ({ summary }: { readonly summary: string }) => summary.replace('Kim', '…');
    const plain = await openEmbedding(source, { spaces });
    const redacted = await openEmbedding(source, { spaces, textOf, recipe: 'redacted' });
    await remember([finished('Kim’s printer jams')], playbook, {
      memory: { ...memory, spaces },
      embedder: plain.tickets,
    });
    await buildSpace({ spaces, embedder: redacted.tickets, textOf });
    expect(await spaces.live()).toEqual({ model: 'small+redacted', dimensions: 64 });
    expect(server.requests.flatMap(({ texts }) => texts).at(-1)).toBe('…’s printer jams');
    expect((await redacted.queries.embed(['printer'])).map(({ model }) => model)).toEqual(['small+redacted']);
  });
});
