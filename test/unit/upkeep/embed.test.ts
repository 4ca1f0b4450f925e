import { beforeEach, describe, expect, test } from 'vitest';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { Embedder } from '../../../src/domain/ports/model.ts';
import { buildSpace } from '../../../src/upkeep/embed.ts';
import { embedderFake } from '../../fakes/embedder.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { pastTicketWith } from '../../support/fixtures.ts';

const tickets = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    pastTicketWith({ id: String(index), summary: `printer ${index}`, text: `Drucker ${index} 打印机` }),
  );

const modelsOf = async (memory: Memory) =>
  (await Array.fromAsync(memory.tickets())).flat().map(({ embedding }) => embedding?.model ?? null);

describe('building a space', () => {
  let memory: Memory;
  beforeEach(async () => {
    memory = memoryFake();
    await memory.put(tickets(8));
  });

  test('gives every past ticket a vector, and lets searches use them', async () => {
    const build = await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    expect(build).toEqual({ embedded: 8, isComplete: true, trouble: null });
    expect(await memory.spaces.live()).toEqual({ model: 'small', dimensions: 16 });
    expect(await modelsOf(memory)).toEqual(Array.from({ length: 8 }, () => 'small'));
  });

  test('of an empty memory is done at once', async () => {
    const empty = memoryFake();
    const build = await buildSpace({ spaces: empty.spaces, embedder: embedderFake('small') });
    expect(build).toEqual({ embedded: 0, isComplete: true, trouble: null });
  });

  test('that is complete already asks no endpoint', async () => {
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    const embedder = embedderFake('small');
    const build = await buildSpace({ spaces: memory.spaces, embedder });
    expect(build).toEqual({ embedded: 0, isComplete: true, trouble: null });
    expect(embedder.texts).toEqual([]);
  });

  test('of another model leaves the old one in use until it is complete', async () => {
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    const large = embedderFake('large', { dimensions: 24 });
    large.answers = 2;
    const stopped = await buildSpace({ spaces: memory.spaces, embedder: large });
    expect(stopped).toEqual({ embedded: 3, isComplete: false, trouble: 'the endpoint is busy' });
    expect(await memory.spaces.live()).toEqual({ model: 'small', dimensions: 16 });
    large.answers = Number.POSITIVE_INFINITY;
    const done = await buildSpace({ spaces: memory.spaces, embedder: large });
    expect(done).toEqual({ embedded: 5, isComplete: true, trouble: null });
    expect(await memory.spaces.live()).toEqual({ model: 'large', dimensions: 24 });
    expect(new Set(await modelsOf(memory))).toEqual(new Set(['large']));
  });

  test('goes back to the old model when that is configured again', async () => {
    const small = embedderFake('small');
    await buildSpace({ spaces: memory.spaces, embedder: small });
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('large') }, { budgetMs: -1 });
    await memory.put([pastTicketWith({ id: 'new', summary: 'mouse' })]);
    const back = await buildSpace({ spaces: memory.spaces, embedder: small });
    expect(back).toEqual({ embedded: 1, isComplete: true, trouble: null });
    expect([await memory.spaces.live(), await memory.spaces.building()]).toEqual([
      { model: 'small', dimensions: 16 },
      null,
    ]);
  });

  test('makes up for tickets that came without a vector', async () => {
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    await memory.put([pastTicketWith({ id: 'new', summary: 'mouse' })]);
    const embedder = embedderFake('small');
    expect(await buildSpace({ spaces: memory.spaces, embedder })).toMatchObject({ embedded: 1, isComplete: true });
    expect((await modelsOf(memory)).every((model) => model === 'small')).toBe(true);
  });

  test('stops when its time is up, and goes on in the next run', async () => {
    const ports = { spaces: memory.spaces, embedder: embedderFake('small') };
    const first = await buildSpace(ports, { budgetMs: -1 });
    expect(first).toMatchObject({ isComplete: false, trouble: null });
    expect(first.embedded).toBeGreaterThan(0);
    const second = await buildSpace(ports);
    expect(first.embedded + second.embedded).toBe(8);
    expect(second.isComplete).toBe(true);
  });

  test('stops when it is given up', async () => {
    const ports = { spaces: memory.spaces, embedder: embedderFake('small') };
    const controller = new AbortController();
    const build = await buildSpace(ports, { signal: controller.signal, onProgress: () => controller.abort() });
    expect(build.embedded).toBeLessThan(8);
    expect(build.isComplete).toBe(false);
  });

  test('tells how far it came', async () => {
    const seen: number[] = [];
    await buildSpace(
      { spaces: memory.spaces, embedder: embedderFake('small') },
      { onProgress: (embedded) => seen.push(embedded) },
    );
    expect(seen.at(-1)).toBe(8);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
  });

  test('embeds what it is told to of each ticket', async () => {
    const embedder = embedderFake('small');
    await buildSpace({ spaces: memory.spaces, embedder, textOf: ({ summary }) => summary.toUpperCase() });
    expect(embedder.texts).toContain('PRINTER 7');
    expect(embedder.texts.some((text) => text.includes('Drucker'))).toBe(false);
  });

  test('refuses vectors of another length than the space, and names both', async () => {
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    await memory.put([pastTicketWith({ id: 'new', summary: 'mouse' })]);
    const build = await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small', { dimensions: 24 }) });
    expect(build).toMatchObject({ embedded: 0, isComplete: false });
    expect(build.trouble).toMatch(/24.*16/);
    expect(await memory.spaces.live()).toEqual({ model: 'small', dimensions: 16 });
  });

  test('refuses another model that answers to the same name with vectors as long', async () => {
    await buildSpace({ spaces: memory.spaces, embedder: embedderFake('small') });
    await memory.put([pastTicketWith({ id: 'new', summary: 'mouse' })]);
    const impostor = embedderFake('small', { meaning: 'other' });
    const build = await buildSpace({ spaces: memory.spaces, embedder: impostor });
    expect(build).toMatchObject({ embedded: 0, isComplete: false });
    expect(build.trouble).toMatch('another model answers as small');
  });

  test('does not hide a bug behind the endpoint’s troubles', async () => {
    const embedder: Embedder = {
      model: 'small',
      embed: async () => {
        throw new TypeError('a bug');
      },
    };
    await expect(buildSpace({ spaces: memory.spaces, embedder })).rejects.toThrow(TypeError);
  });
});
