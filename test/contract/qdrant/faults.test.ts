import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import { MisconfiguredError, TransientError } from '../../../src/domain/errors.ts';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import { type QdrantServer, startQdrantServer, type Trouble } from '../../fakes/qdrant/server.ts';
import { about, ask, idsFor } from '../support/memory-stores.ts';
import { API_KEY, plainly } from '../support/qdrant-stores.ts';
import { east, small } from '../support/spaces.ts';

/** Longer than an honest answer takes on a busy machine. */
const WAIT_MS = 1_000;
const PATIENT_MS = 20_000;
const SECRET = 'the password is hunter2';

let server: QdrantServer;
beforeEach(async () => {
  server = await startQdrantServer({ apiKey: API_KEY });
});
afterEach(() => server[Symbol.asyncDispose]());

const open = (parts: Partial<Parameters<typeof qdrantMemory>[0]> = {}) =>
  qdrantMemory({ ...plainly, url: server.url, apiKey: API_KEY, timeoutMs: WAIT_MS, ...parts });

/** Everything that can be asked, with words that must not come back in an error. */
const questions: readonly (readonly [string, (memory: Memory) => Promise<unknown>])[] = [
  ['nearest', (memory) => memory.nearest(ask(SECRET, { embedding: east }))],
  ['put', (memory) => memory.put([about('1', SECRET, { embedding: east })])],
  ['forget', (memory) => memory.forget(['1'])],
  ['size', (memory) => memory.size()],
  ['tickets', (memory) => Array.fromAsync(memory.tickets())],
  ['ids', (memory) => memory.ids('', 5)],
  ['excerpts', (memory) => memory.excerpts(['1'])],
  [
    'past work',
    (memory) => memory.pastWork({ project: 'IT', target: 'team', before: '2026-06-01T00:00:00Z', limit: 3 }),
  ],
  [
    'corrections',
    (memory) => memory.corrections({ targets: ['team'], projects: ['IT'], before: '2026-06-01T00:00:00Z', limit: 3 }),
  ],
  ['live space', (memory) => memory.spaces.live()],
  ['missing', (memory) => Array.fromAsync(memory.spaces.missing(small))],
  ['complete', (memory) => memory.spaces.complete(small)],
];

/** Of the point endpoints alone, so that what is asked first still works. */
const onPoints =
  (trouble: Trouble) =>
  ({ path }: { readonly path: string }) =>
    path.includes('/points') ? trouble : null;

describe.each<readonly [string, Trouble]>([
  ['hangs', { kind: 'hang' }],
  ['cuts the line', { kind: 'cut' }],
  ['answers 500', { kind: 'status', status: 500, text: `{"status":{"error":"${SECRET}"}}` }],
  ['answers 503 in HTML', { kind: 'status', status: 503, text: `<html>${SECRET}</html>` }],
  ['slows us down', { kind: 'status', status: 429, text: SECRET }],
  ['answers half of its JSON', { kind: 'reply', text: `{"result":{"points":[{"id":1,"payload":{"text":"${SECRET}` }],
])('when Qdrant %s', (_how, trouble) => {
  test.each(questions.filter(([name]) => name !== 'put' && name !== 'forget'))(
    '%s may pass later, and says nothing of a ticket',
    async (_name, question) => {
      const memory = await open();
      await memory.put([about('1', 'printer', { embedding: east })]);
      server.meet(() => trouble);
      const error = await question(memory).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TransientError);
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
      expect(error).not.toHaveProperty('cause');
    },
  );

  test('what is being put or forgotten may pass later, and goes through when it is back', async () => {
    const memory = await open();
    await memory.put([about('1', 'printer')]);
    if (trouble.kind !== 'hang') server.meet(onPoints(trouble));
    else server.meet(() => trouble);
    await expect(memory.put([about('2', 'printer jam')])).rejects.toBeInstanceOf(TransientError);
    await expect(memory.forget(['1'])).rejects.toBeInstanceOf(TransientError);
    server.meet(() => null);
    const other = await open({ timeoutMs: PATIENT_MS });
    await other.put([about('2', 'printer jam')]);
    await other.forget(['1']);
    expect(await idsFor(other, ask('printer'))).toEqual(['2']);
  });
});

describe('when Qdrant is away', () => {
  test('a question is answered with an error within the time a decision waits, and the next ones at once', async () => {
    const memory = await open();
    server.meet(() => ({ kind: 'hang' }));
    const startedAt = performance.now();
    await expect(memory.nearest(ask('printer'))).rejects.toBeInstanceOf(TransientError);
    for (let index = 0; index < 20; index++) await expect(memory.size()).rejects.toBeInstanceOf(TransientError);
    expect(performance.now() - startedAt).toBeLessThan(5 * WAIT_MS);
  });

  test('the service opens all the same, says so, and finds it when it is back', async () => {
    server.meet(() => ({ kind: 'cut' }));
    const advice: string[] = [];
    const memory = await open({ onAdvice: (one) => advice.push(one) });
    expect(advice).toEqual([expect.stringMatching(/without past tickets/)]);
    server.meet(() => null);
    await expect
      .poll(
        () =>
          memory.put([about('1', 'printer')]).then(
            () => true,
            () => false,
          ),
        { timeout: 5_000 },
      )
      .toBe(true);
    expect(await idsFor(memory, ask('printer'))).toEqual(['1']);
  });
});

describe('what nobody but an operator can mend', () => {
  test.each([
    ['a wrong key', { apiKey: 'another one' }],
    ['no key', { apiKey: null }],
  ])('%s stops the start and is named', async (_how, parts) => {
    await expect(open(parts)).rejects.toThrow(/QDRANT_API_KEY/);
    await expect(open(parts)).rejects.toBeInstanceOf(MisconfiguredError);
  });

  test('a Qdrant too old for conditional updates stops the start, and says which is wanted', async () => {
    server.desk.version = '1.16.3';
    await expect(open()).rejects.toThrow(/1\.16\.3.*1\.17/s);
    server.desk.version = '2.0.0';
    expect(await (await open()).size()).toBe(0);
  });

  test('another kind of server stops the start', async () => {
    server.meet(() => ({ kind: 'reply', text: '<html>Welcome to nginx</html>' }));
    await expect(open()).rejects.toThrow(/no Qdrant|JSON/);
  });

  test('a refused request is no passing trouble, and tells nothing of the ticket in it', async () => {
    const memory = await open();
    server.meet(onPoints({ kind: 'status', status: 400, text: `{"status":{"error":"strict mode: ${SECRET}"}}` }));
    const error = await memory.put([about('1', SECRET)]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MisconfiguredError);
    expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
  });
});
