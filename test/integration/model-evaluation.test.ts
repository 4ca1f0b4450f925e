import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileAnswers } from '../../src/adapters/files/answers.ts';
import { openaiModel } from '../../src/adapters/openai/model.ts';
import { processMemory } from '../../src/adapters/sparse/memory.ts';
import type { Playbook } from '../../src/domain/playbook/playbook.ts';
import { withModelOf } from '../../src/evaluation/adopt.ts';
import { playbookOf, readTickets, split, VALUE } from '../../src/evaluation/dataset.ts';
import { type Evaluation, evaluate } from '../../src/evaluation/evaluate.ts';
import type { AskingPorts } from '../../src/evaluation/ladder/climb.ts';
import { modelIn } from '../../src/evaluation/ladder/rungs.ts';
import type { LadderResult } from '../../src/evaluation/result.ts';
import { loadPlaybook } from '../../src/settings/playbook-store.ts';
import type { Brain } from '../fakes/model/brain/brain.ts';
import { scripted } from '../fakes/model/brain/scripted.ts';
import { type ModelServer, startModelServer } from '../fakes/model/server.ts';
import { componentRows } from '../support/desk.ts';

const CONFIG = fileURLToPath(new URL('../../config', import.meta.url));

const rows = componentRows();
const desk = loadPlaybook(CONFIG, null);
const reading = readTickets(rows, { target: 'component', features: {} });
const parts = split(reading.tickets, { order: 'file', shares: [60, 20, 20] });
const bare = playbookOf(reading.tickets, [], 42);

/** The shipped prompt on the desk's tickets; a target that promises little, so that something is sure enough. */
function playbookWith({ skip = 0.97, precision = 0.8 } = {}): Playbook {
  const playbook = withModelOf(bare, desk, 'the system concerned');
  return {
    ...playbook,
    model: { ...modelIn(playbook), skipModelAbove: skip },
    targets: playbook.targets.map((target) => ({ ...target, targetPrecision: precision })),
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-triage-evaluation-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function askingFor(server: ModelServer, book = 'answers.jsonl'): AskingPorts {
  const settings = { ...modelIn(playbookWith()).endpoints.main, retries: 0, breaker: { faults: 1_000, seconds: 1 } };
  return {
    model: openaiModel({ endpoint: 'main', baseUrl: server.url, apiKey: 'a-key', model: 'large', settings }),
    answers: fileAnswers(join(folder, book)),
    clock: { now: () => new Date('2026-11-22T08:00:00.000Z') },
    finder: null,
    embedder: null,
    concurrency: 8,
    pauseMs: 0,
    agree: async () => {},
  };
}

function judged(rung: LadderResult['rung'] | 'local', playbook: Playbook, asking?: AskingPorts): Promise<Evaluation> {
  return evaluate(
    { set: 'desk', target: VALUE, playbook, split: parts, ...(rung === 'local' ? {} : { rung }) },
    { openMemory: processMemory, ...(asking ? { asking } : {}) },
  );
}

const ladderOf = ({ result }: Evaluation) => {
  if (!result.ladder) throw new Error('no model was asked');
  return result.ladder;
};
const methodOf = ({ result }: Evaluation, name: string) => result.methods.find((method) => method.name === name);

/** Every figure that does not say how long something took or who was asked. */
function figuresOf({ result, cases }: Evaluation) {
  const { ladder: _, training: __, significance: ___, methods, ...rest } = result;
  const triage = methods.find(({ name }) => name === 'triage');
  const guesses = cases.map(({ values, confidence, isSure, written }) => ({ values, confidence, isSure, written }));
  return { ...rest, triage: { ...triage, msPerTicket: 0 }, guesses };
}

const truths = new Map(rows.map(({ title, component }) => [title, component]));
/** Knows every answer, or says that none is offered. */
const allKnowing: Brain = ({ user }) => {
  const shown = user.slice(user.lastIndexOf('<data')).split('\n')[1] ?? '';
  const value = truths.get(shown) ?? 'none_of_these';
  return { evidence: [], rationale: 'I know', value, value_certainty: 'high' };
};

describe('judging with a model as a rung', () => {
  test('asks every ticket once; again costs nothing and gives the same figures', async () => {
    await using server = await startModelServer();
    const first = await judged('ladder', playbookWith(), askingFor(server));
    const sent = server.requests.length;
    expect(ladderOf(first)).toMatchObject({ asked: 156, answered: 156, failed: {}, model: 'large-2026-08-06' });
    expect(sent).toBeLessThanOrEqual(156);
    expect(server.inFlight.max).toBeLessThanOrEqual(8);
    const again = await judged('ladder', playbookWith(), askingFor(server));
    expect(server.requests).toHaveLength(sent);
    expect(figuresOf(again)).toEqual(figuresOf(first));
    expect(ladderOf(again)).toEqual({ ...ladderOf(first), cached: 156 });
    expect(methodOf(again, 'model')?.msPerTicket).toBeNaN();
    const other = await judged('model', playbookWith(), askingFor(server));
    expect(server.requests).toHaveLength(sent);
    expect(ladderOf(other).curve).toEqual(ladderOf(first).curve);
  });

  test('shows more tickets asked and more tokens spent for every step up the curve', async () => {
    await using server = await startModelServer();
    const { curve, skipModelAbove, tokens } = ladderOf(await judged('ladder', playbookWith(), askingFor(server)));
    expect(curve.map((point) => point.skipModelAbove)).toEqual(
      [...new Set(curve.map((point) => point.skipModelAbove))].sort((one, other) => one - other),
    );
    expect(curve.map((point) => point.skipModelAbove)).toContain(skipModelAbove);
    for (const figure of ['askedShare', 'inputTokensPerTicket', 'moneyPerTicket'] as const) {
      const climbing = curve.map((point) => point[figure]);
      expect(climbing).toEqual(climbing.toSorted((one, other) => one - other));
    }
    expect(curve[0]?.askedShare).toBeLessThan(curve.at(-1)?.askedShare ?? 0);
    expect(curve.at(-1)?.inputTokensPerTicket).toBeCloseTo(tokens.inputMean, -2);
  });

  test('tells a model that knows every answer from one that never has one', async () => {
    await using knowing = await startModelServer({ brain: allKnowing });
    const best = await judged('ladder', playbookWith(), askingFor(knowing));
    const { beatsLocal, recommendedSkip, without, curve } = ladderOf(best);
    const offered = methodOf(best, 'model')?.accuracy ?? 0;
    expect(offered).toBeGreaterThan(0.9);
    expect(methodOf(best, 'triage')?.accuracy).toBeGreaterThan(methodOf(best, 'local')?.accuracy ?? 1);
    expect(beatsLocal).toMatchObject({ method: 'triage', against: 'local' });
    expect(beatsLocal.p).toBeLessThan(0.001);
    expect(without.accuracy).toBe(methodOf(best, 'local')?.accuracy);
    expect(curve.map(({ skipModelAbove }) => skipModelAbove)).toContain(recommendedSkip);

    const nothing: Brain = () => ({ evidence: [], rationale: '', value: 'none_of_these', value_certainty: 'high' });
    await using silent = await startModelServer({ brain: nothing });
    const worst = await judged('model', playbookWith(), askingFor(silent, 'none.jsonl'));
    expect(methodOf(worst, 'model')).toMatchObject({ accuracy: 0 });
    expect(ladderOf(worst)).toMatchObject({ answered: 156, recommendedSkip: null });
  });

  test('hears what it would cost before anything is sent, and may stop there', async () => {
    await using server = await startModelServer();
    const asking = { ...askingFor(server), agree: async () => Promise.reject(new Error('too dear')) };
    await expect(judged('ladder', playbookWith(), asking)).rejects.toThrow('too dear');
    expect(server.requests).toHaveLength(0);
  });

  test('asks again about tickets that an outage swallowed', async () => {
    await using server = await startModelServer();
    server.trouble(...Array.from({ length: 20 }, () => ({ status: 503 })));
    expect(ladderOf(await judged('ladder', playbookWith(), askingFor(server)))).toMatchObject({
      answered: 156,
      failed: {},
    });
  });
});

describe('an endpoint that fails for every ticket', () => {
  const troubles = [
    'refuse',
    'content-filter',
    'empty',
    'cut-json',
    'not-json',
    'no-choices',
    'too-long',
    'unauthorized',
    { status: 500 },
    { status: 429 },
  ] as const;

  test('leaves exactly the figures of the local classifier, whatever it fails with', async () => {
    const locals = new Map<number, ReturnType<typeof figuresOf>>();
    const localFor = async (precision: number) => {
      const known = locals.get(precision) ?? figuresOf(await judged('local', playbookWith({ precision })));
      locals.set(precision, known);
      return known;
    };
    const setting = {
      trouble: fc.constantFrom(...troubles),
      skip: fc.constantFrom(0, 0.6, 0.97, 1),
      precision: fc.constantFrom(0, 0.8, 0.95),
      rung: fc.constantFrom('ladder', 'model'),
    } as const;
    await fc.assert(
      fc.asyncProperty(fc.record(setting), async ({ trouble, skip, precision, rung }) => {
        await using server = await startModelServer();
        server.always(trouble);
        const evaluation = await judged(rung, playbookWith({ skip, precision }), askingFor(server, 'never.jsonl'));
        expect(figuresOf(evaluation)).toEqual(await localFor(precision));
        const { asked, answered, failed, beatsLocal } = ladderOf(evaluation);
        expect([asked, answered, Object.values(failed).reduce((sum, n) => sum + n, 0)]).toEqual([156, 0, 156]);
        expect(beatsLocal).toMatchObject({ gained: 0, lost: 0, p: 1 });
      }),
      { numRuns: 5 },
    );
  });

  test('and an answer outside of what was offered counts as none', async () => {
    const answer = { evidence: ['E99'], rationale: 'x', value: 'something else', value_certainty: 'sure' };
    await using server = await startModelServer({
      brain: scripted(Array.from({ length: 400 }, () => answer)),
      enforce: false,
    });
    const evaluation = await judged('ladder', playbookWith(), askingFor(server));
    expect(ladderOf(evaluation).failed).toEqual({ 'the answer was not one of those offered': 156 });
    expect(figuresOf(evaluation)).toEqual(figuresOf(await judged('local', playbookWith())));
  });
});
