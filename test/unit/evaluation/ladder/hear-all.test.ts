import { describe, expect, test } from 'vitest';
import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import type { Question, Reply } from '../../../../src/domain/decision/question.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import { estimate } from '../../../../src/evaluation/ladder/estimate.ts';
import { billOf, type HearAllPorts, hearAll, inParallel } from '../../../../src/evaluation/ladder/hear-all.ts';
import type { Replayed } from '../../../../src/evaluation/replay.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { evidenceWith, issueWith, pastTicketWith, playbookWith } from '../../../support/fixtures.ts';
import { lesson, modelOf } from '../../../support/learnt.ts';
import { promptWith, replyWith } from '../../../support/model.ts';

const playbook = playbookWith({
  targets: { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } },
  taxonomies: { category: ['vpn', 'erp'] },
  model: {
    prompt: 'p.yaml',
    endpoints: { main: { price: { input: 2, output: 10 } } },
    budget: { perDay: { tokens: 1 }, perProject: { tokens: 1 } },
  },
  prompts: { triage: promptWith() },
});
const trained = modelOf([lesson('vpn down', ['vpn']), lesson('erp down', ['erp'])]);

/** A ticket that the local classifier knows nothing about. */
function replayedWith(summary: string): Replayed {
  const candidates = [{ value: 'vpn', confidence: 0.6 }];
  const proposal = {
    rung: 'neighbours',
    candidates,
    proposed: [],
    hasAllowedValue: true,
    signalsFor: null,
    model: null,
  } as const;
  return {
    from: { model: trained, memory: processMemory() },
    ticket: pastTicketWith({ summary }),
    issue: issueWith({ summary }),
    proposals: new Map([['category', proposal]]),
    evidence: [evidenceWith({ values: { category: 'vpn' } })],
    retrieveMs: 0,
    ms: 0,
  };
}

const tickets = (count: number) => Array.from({ length: count }, (_, place) => replayedWith(`ticket ${place}`));
type Ports = HearAllPorts & { readonly answers: ReturnType<typeof answersFake> };

const isOne = (place: number) => `ticket ${place}`.startsWith('ticket 1');
const never = async () => Promise.reject(new Error('nobody was to be asked'));
const whole = replyWith({ evidence: ['E1'], rationale: 'alike', category: 'erp', category_certainty: 'high' });

function portsWith(complete: Model['complete'], parts: Partial<Ports> = {}): Ports {
  return {
    model: { endpoint: 'main', model: 'large', complete },
    answers: answersFake(),
    clock: { now: () => new Date('2026-11-22T08:00:00.000Z') },
    finder: null,
    embedder: null,
    concurrency: 4,
    pauseMs: 0,
    ...parts,
  };
}

describe('asking about many past tickets', () => {
  test('gives every ticket its own answer, in order, whatever the budgets of the day', async () => {
    const all = tickets(20);
    const hearings = await hearAll(
      all,
      playbook,
      portsWith(async () => whole),
    );
    expect(hearings.map(({ replayed }) => replayed)).toEqual(all);
    expect(hearings.every(({ proposals }) => proposals.get('category')?.model?.choice.values[0] === 'erp')).toBe(true);
  });

  test('asks about no more tickets at once than allowed', async () => {
    let [now, most] = [0, 0];
    const complete = async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setImmediate(resolve));
      now--;
      return whole;
    };
    await hearAll(tickets(30), playbook, portsWith(complete, { concurrency: 3 }));
    expect(most).toBe(3);
  });

  test('adds up what it costs; what the book knows costs nothing', async () => {
    const ports = portsWith(async () => whole);
    const all = tickets(10);
    const first = await hearAll(all, playbook, ports);
    const spent = { requests: 10, tokens: { input: 10_000, output: 500 }, money: 0.025 };
    expect(billOf(first, playbook, ports)).toEqual(spent);
    const told: number[] = [];
    const { answers } = ports;
    const again = portsWith(never, { answers, onHeard: ({ requests }) => told.push(requests) });
    const second = await hearAll(all, playbook, again);
    expect(billOf(second, playbook, again)).toEqual({ requests: 0, tokens: { input: 0, output: 0 }, money: 0 });
    expect(second.map(({ tokens }) => tokens)).toEqual(first.map(({ tokens }) => tokens));
    expect(told).toEqual(all.map(() => 0));
  });

  test('asks again about tickets that got no reply, as long as some of them get one', async () => {
    const isDown = new Map<string, number>();
    const complete = async (question: Question): Promise<Reply> => {
      const times = (isDown.get(question.user) ?? 0) + 1;
      isDown.set(question.user, times);
      const failures = question.user.includes('ticket 19') ? 2 : question.user.includes('ticket 1') ? 1 : 0;
      if (times <= failures) throw new TransientError('cannot be reached');
      return whole;
    };
    const hearings = await hearAll(tickets(20), playbook, portsWith(complete));
    expect(hearings.flatMap(({ why }) => why ?? [])).toEqual([]);
    expect(hearings.map(({ requests }) => requests)).toEqual(
      tickets(20).map((_, place) => (place === 19 ? 3 : isOne(place) ? 2 : 1)),
    );
  });

  test('gives up where nobody answers, and pays no second time for what cannot be used', async () => {
    let requests = 0;
    const silent = async () => {
      requests++;
      throw new TransientError('cannot be reached');
    };
    const unheard = await hearAll(tickets(20), playbook, portsWith(silent));
    expect(requests).toBe(20);
    expect(
      unheard.every(({ why, proposals }) => why === 'cannot be reached' && !proposals.get('category')?.model),
    ).toBe(true);

    const refusing = async (question: Question) => {
      requests++;
      return question.user.includes('ticket 1') ? replyWith({}, { end: 'refused', text: '' }) : whole;
    };
    requests = 0;
    const refused = await hearAll(tickets(20), playbook, portsWith(refusing));
    expect(requests).toBe(20);
    expect(refused.filter(({ why }) => why === 'the model refused to answer')).toHaveLength(11);
  });

  test('stops at a fault that is nobody’s outage, and begins nothing new', async () => {
    const begun: number[] = [];
    const work = inParallel([...Array(100).keys()], 4, async (place) => {
      begun.push(place);
      await new Promise((resolve) => setImmediate(resolve));
      if (place === 5) throw new Error('a bug');
    });
    await expect(work).rejects.toThrow('a bug');
    await new Promise((resolve) => setImmediate(resolve));
    const soFar = begun.length;
    await new Promise((resolve) => setImmediate(resolve));
    expect(begun).toHaveLength(soFar);
    expect(soFar).toBeLessThan(14);
  });
});

describe('an estimate', () => {
  test('phrases every question, sends none, and counts those that are answered already', async () => {
    const { answers } = portsWith(never);
    await hearAll(
      tickets(3),
      playbook,
      portsWith(async () => whole, { answers }),
    );
    const before = [...answers.entries.keys()];
    const made = await estimate(tickets(8), playbook, portsWith(never, { answers }));
    expect(made).toMatchObject({ tickets: 8, answered: 3, requests: 5, tokens: { output: 5 * 400 } });
    expect(made.tokens.input).toBeGreaterThan(5 * 20);
    expect(made.money).toBeCloseTo((made.tokens.input * 2 + made.tokens.output * 10) / 1e6, 9);
    expect([...answers.entries.keys()]).toEqual(before);
  });

  test('leaves out tickets that must not be shown to a model', async () => {
    const [secret, open] = tickets(2);
    const restricted = secret && { ...secret, issue: { ...secret.issue, securityLevel: 'Board' } };
    const both = [restricted, open].flatMap((ticket) => ticket ?? []);
    expect(await estimate(both, playbook, portsWith(never))).toMatchObject({ tickets: 1, requests: 1 });
    const [hearing] = await hearAll(
      both,
      playbook,
      portsWith(async () => whole),
    );
    expect(hearing).toMatchObject({ asked: null, requests: 0, why: expect.stringContaining('security level') });
  });
});
