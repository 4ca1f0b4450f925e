import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { Embedder } from '../../../../src/domain/ports/model.ts';
import { retrieve } from '../../../../src/triage/retrieval/retrieve.ts';
import { memoryFake } from '../../../fakes/memory.ts';
import { vectorFor } from '../../../fakes/model/server.ts';
import { calibrationWith, issueWith, pastTicketWith, playbookWith } from '../../../support/fixtures.ts';

const embedder: Embedder = {
  model: 'm',
  embed: async (texts) => texts.map((text) => ({ model: 'm', vector: vectorFor(text) })),
};

async function memoryOf(...tickets: readonly Parameters<typeof pastTicketWith>[0][]) {
  const memory = memoryFake();
  await memory.put(tickets.map(pastTicketWith));
  return memory;
}

const printer = { summary: 'printer jam', text: '' };
const issue = issueWith({ id: '1', summary: 'printer broken', text: 'jam', created: '2026-05-01T00:00:00.000Z' });

describe('retrieving', () => {
  test('gives past tickets with their values, best first', async () => {
    const memory = await memoryOf(
      { id: '2', summary: 'printer', text: 'far away' },
      { id: '3', ...printer, values: { category: { value: 'printing', by: 'human' } } },
      { id: '4', summary: 'screen', text: '' },
    );
    const { evidence, mode } = await retrieve(issue, playbookWith(), { memory, embedder: null });
    expect(mode).toBe('sparse');
    expect(evidence.map(({ id }) => id)).toEqual(['3', '2']);
    expect(evidence[0]).toEqual({
      id: '3',
      key: 'IT-3',
      summary: 'printer jam',
      similarity: 1,
      likeness: expect.any(Number),
      isRestricted: false,
      isSimilar: false,
      resolution: null,
      values: { category: 'printing' },
    });
  });

  test('looks at as many as the playbook says, in its projects', async () => {
    const memory = await memoryOf(
      { id: '2', ...printer },
      { id: '3', ...printer },
      { id: '4', ...printer, project: 'HR' },
    );
    const ports = { memory, embedder: null };
    const idsWith = async (draft: Parameters<typeof playbookWith>[0]) =>
      (await retrieve(issue, playbookWith(draft), ports)).evidence.map(({ id }) => id);
    expect(await idsWith({ retrieval: { topK: 1 } })).toEqual(['2']);
    expect(await idsWith({ projects: ['IT', 'HR'] })).toEqual(['2', '3', '4']);
    expect(await idsWith({ projects: ['HR'] })).toEqual(['4']);
  });

  test('never finds the issue itself, a newer one, or a restricted one of another project', async () => {
    const memory = await memoryOf(
      { id: '1', ...printer },
      { id: '2', ...printer, created: '2026-05-01T00:00:00.000Z' },
      { id: '3', ...printer, created: '2026-06-01T00:00:00.000Z' },
      { id: '4', ...printer, project: 'HR', securityLevel: 'Board' },
    );
    const { evidence } = await retrieve(issue, playbookWith({ projects: ['IT', 'HR'] }), { memory, embedder: null });
    expect(evidence).toEqual([]);
  });

  test('tickets of restricted projects are evidence in their own project alone, and never to be shown', async () => {
    const memory = await memoryOf(
      { id: '2', ...printer },
      { id: '3', ...printer, project: 'HR' },
      { id: '4', ...printer, project: 'LAW' },
    );
    const playbook = playbookWith({ projects: ['IT', 'HR', 'LAW'], restrictedProjects: ['HR', 'LAW'] });
    const seenFrom = async (project: string) => {
      const { evidence } = await retrieve({ ...issue, project }, playbook, { memory, embedder: null });
      return evidence.map(({ id, isRestricted }) => [id, isRestricted]).toSorted();
    };
    expect(await seenFrom('IT')).toEqual([['2', false]]);
    expect(await seenFrom('HR')).toEqual([
      ['2', false],
      ['3', true],
    ]);
  });

  test('halves the weight of a ticket with every half-life, and ranks by it', async () => {
    const memory = await memoryOf(
      { id: '2', ...printer, created: '2026-03-02T00:00:00.000Z' },
      { id: '3', ...printer, created: '2026-04-01T00:00:00.000Z' },
    );
    const playbook = playbookWith({ retrieval: { recencyHalfLifeDays: 30 } });
    const { evidence } = await retrieve(issue, playbook, { memory, embedder: null });
    expect(evidence.map(({ id }) => id)).toEqual(['3', '2']);
    expect(evidence.map(({ similarity }) => similarity)).toEqual([0.5, 0.25]);
  });

  test('says how alike each one is, whatever its rank and its age', async () => {
    const memory = await memoryOf(
      { id: '2', summary: issue.summary, text: issue.text },
      { id: '3', summary: 'printer', text: '', created: '2026-04-30T00:00:00.000Z' },
      { id: '4', summary: 'screen flickers', text: '' },
    );
    const playbook = playbookWith({ retrieval: { recencyHalfLifeDays: 1 } });
    const { evidence } = await retrieve(issue, playbook, { memory, embedder: null });
    expect(evidence.map(({ id }) => id)).toEqual(['3', '2']);
    expect(evidence[1]?.likeness).toBeCloseTo(1, 5);
    expect(evidence[0]?.likeness).toBeLessThan(0.6);
  });

  test('calls the same thing what is as alike as the strictest calibration demands', async () => {
    const memory = await memoryOf(
      { id: '2', summary: issue.summary, text: issue.text, resolution: 'Duplicate' },
      { id: '3', summary: 'printer', text: '' },
    );
    const similarWith = async (...measured: readonly (number | null)[]) => {
      const calibrations = new Map(
        measured.map((similarFrom, index) => [`target${index}`, calibrationWith({ similarFrom })] as const),
      );
      const { evidence } = await retrieve(issue, playbookWith({ calibrations }), { memory, embedder: null });
      return evidence.filter(({ isSimilar }) => isSimilar).map(({ id, resolution }) => [id, resolution]);
    };
    const same = ['2', 'Duplicate'];
    expect(await similarWith()).toEqual([]);
    expect(await similarWith(null)).toEqual([]);
    expect(await similarWith(0.01)).toEqual([same, ['3', null]]);
    expect(await similarWith(0.01, 0.99, null)).toEqual([same]);
  });

  test('leaves out what we wrote ourselves: our guesses would confirm themselves', async () => {
    const memory = await memoryOf({
      id: '2',
      ...printer,
      values: { category: { value: 'printing', by: 'machine' }, component: { value: 'Office', by: 'human' } },
    });
    const { evidence } = await retrieve(issue, playbookWith(), { memory, embedder: null });
    expect(evidence[0]?.values).toEqual({ component: 'Office' });
    expect(evidence[0]?.weakValues).toEqual({ category: 'printing' });
  });

  test('uses vectors when there is an embedder, and says so', async () => {
    const ticket = { id: '2', summary: 'completely different words', text: '' };
    const memory = await memoryOf({ ...ticket, embedding: { model: 'm', vector: vectorFor('printer broken\njam') } });
    const { evidence, mode } = await retrieve(issue, playbookWith(), { memory, embedder });
    expect([mode, evidence.map(({ id }) => id)]).toEqual(['hybrid', ['2']]);
  });

  test('goes on with keywords when the embedder fails, and says so', async () => {
    const broken: Embedder = {
      model: 'm',
      embed: async () => {
        throw new TransientError('embeddings: 503');
      },
    };
    const { mode } = await retrieve(issue, playbookWith(), { memory: memoryFake(), embedder: broken });
    expect(mode).toBe('degraded');
  });
});
