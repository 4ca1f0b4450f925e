import { describe, expect, test } from 'vitest';
import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { Model } from '../../../../src/domain/ports.ts';
import type { Reply } from '../../../../src/domain/question.ts';
import { estimate } from '../../../../src/evaluation/ladder/estimate.ts';
import { billOf, type HearAllPorts, hearAll, inParallel } from '../../../../src/evaluation/ladder/hear-all.ts';
import type { Replayed } from '../../../../src/evaluation/replay.ts';
import { evidenceWith, issueWith, pastTicketWith, playbookWith } from '../../../support/fixtures.ts';
import { modelOf } from '../../../support/learnt.ts';
import { answersFake } from '../../../fakes/answers.ts';
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
const trained = modelOf([]);

/** A ticket that the local classifier knows nothing about. */
function replayedWith(summary: string): Replayed {
  const candidates = [{ value: 'vpn', confidence: 0.6 }];
  const proposal = { rung: 'neighbours', candidates, proposed: [], hasAllowedValue: true, signalsFor: null, model: null } as const;
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
const whole = replyWith({ evidence: ['E1'], rationale: 'alike', category: 'erp', category_certainty: 'high' });

function portsWith(complete: Model['complete'], parts: Partial<HearAllPorts> = {}): HearAllPorts {
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
    const hearings = await hearAll(all, playbook, portsWith(async () => whole));
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

  test('adds up what it costs, and the same book gives the same answers for nothing', async () => {
    const ports = portsWith(async () => whole);
    const all = tickets(10);
    const first = await hearAll(all, playbook, ports);
    expect(billOf(first, playbook, ports)).toEqual({
      requests: 10,
      tokens: { input: 10_000, output: 500 },
      money: 0.025,
    });
    const again = await hearAll(all, playbook, portsWith(async () => Promise.reject(new Error('asked again')), ports));
    expect(billOf(again, playbook, ports).requests).toBe(10);
  });
});
