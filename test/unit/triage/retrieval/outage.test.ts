import { describe, expect, test } from 'vitest';
import type { Question } from '../../../../src/domain/decision/question.ts';
import { MisconfiguredError, TransientError } from '../../../../src/domain/errors.ts';
import type { Recall } from '../../../../src/domain/ports/memory.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import { decide } from '../../../../src/triage/decide.ts';
import { outlasting } from '../../../../src/triage/retrieval/outage.ts';
import { memoryFake } from '../../../fakes/memory.ts';
import { ALL_TARGETS, editableWith, issueWith, playbookWith } from '../../../support/fixtures.ts';
import { noModel, promptWith, replyWith } from '../../../support/model.ts';
import { routingPorts } from '../../../support/routing.ts';

const clock = { now: () => new Date('2026-05-01T09:00:00.000Z') };
const delivery = { deliveryId: 'd-1', attempt: 1, round: 0, overridesHumans: false };
const ports = { embedder: null, ...noModel, ...routingPorts({ clock }), localModel: () => null, delivery };

const away = () => Promise.reject(new TransientError('qdrant did not answer in time'));
const refused = () => Promise.reject(new MisconfiguredError(['Qdrant refuses QDRANT_API_KEY (401)']));
const downWith = (answer: () => Promise<never>): Recall => ({
  nearest: answer,
  pastWork: answer,
  excerpts: answer,
  corrections: answer,
});

const work = { project: 'IT', target: 'assignee', before: '2026-05-01T00:00:00.000Z', limit: 5 };

describe('memory that cannot be asked', () => {
  test.each([
    ['is away', away, /did not answer in time/],
    ['refuses us', refused, /QDRANT_API_KEY/],
  ])('and %s has nothing to say, and why', async (_how, answer, why) => {
    const memory = outlasting(downWith(answer));
    expect(memory.trouble()).toBeNull();
    expect(await memory.pastWork(work)).toEqual([]);
    expect(memory.trouble()).toMatch(why);
  });

  test('is asked once and not again in the same decision', async () => {
    let asked = 0;
    const memory = outlasting(
      downWith(() => {
        asked++;
        return away();
      }),
    );
    await memory.pastWork(work);
    await memory.pastWork(work);
    await expect(memory.excerpts(['1'])).rejects.toThrow();
    expect(asked).toBe(1);
  });

  test('does not let a model be shown half of what it was to be shown', async () => {
    await expect(outlasting(downWith(refused)).excerpts(['1'])).rejects.toBeInstanceOf(TransientError);
    await expect(
      outlasting(downWith(away)).corrections({ targets: ['team'], projects: ['IT'], before: work.before, limit: 1 }),
    ).rejects.toBeInstanceOf(TransientError);
  });

  test('hides no bug of ours', async () => {
    const broken = outlasting(downWith(() => Promise.reject(new TypeError('undefined is not a function'))));
    await expect(broken.pastWork(work)).rejects.toBeInstanceOf(TypeError);
  });
});

/** A model that counts how often it is asked. */
function countingModel() {
  const asked: Question[] = [];
  const model: Model = {
    endpoint: 'main',
    model: 'mini',
    complete: async (question) => {
      asked.push(question);
      return replyWith({ category: 'vpn', category_certainty: 'high', rationale: '' });
    },
  };
  return { model, asked };
}

describe('a decision without memory', () => {
  const issue = issueWith({
    summary: 'vpn is down',
    text: 'since monday',
    reporter: { accountId: 'boss', displayName: 'Boss' },
    editable: editableWith(),
  });
  const playbook = playbookWith({
    targets: {
      priority: { kind: 'priority', mode: 'auto' },
      category: { kind: 'label', prefix: 'cat-', mode: 'auto' },
    },
    taxonomies: { category: ['vpn', 'erp'] },
    // biome-ignore lint/suspicious/noThenProperty: what a rule of the playbook has
    rules: [{ name: 'boss', when: { reporter: ['boss'] }, then: { priority: 'High' } }],
    model: { prompt: 'p.yaml' },
    prompts: { triage: promptWith() },
  });

  test('is made by rules, says that it is degraded and why, and asks no model', async () => {
    const { model, asked } = countingModel();
    const decision = await decide(issue, playbook, { ...ports, endpoints: [model], memory: downWith(away) });
    expect(decision).toMatchObject({ retrieval: 'degraded', degraded: true, evidence: [], asked: null });
    expect(decision.degradedBecause).toBe('past tickets could not be looked up: qdrant did not answer in time');
    expect(decision.verdicts['priority']).toMatchObject({ kind: 'value', value: 'High', rung: 'rule' });
    expect(decision.verdicts['category']).toMatchObject({ kind: 'abstain' });
    expect(asked).toEqual([]);
  });

  test('is not called degraded when memory answers, even that it knows nothing', async () => {
    const { model, asked } = countingModel();
    const decision = await decide(issue, playbook, { ...ports, endpoints: [model], memory: memoryFake() });
    expect(decision).toMatchObject({ retrieval: 'sparse', degraded: false, degradedBecause: null });
    expect(asked).toHaveLength(1);
  });

  test('that loses memory on the way to a person is degraded, too', async () => {
    const memory = { ...memoryFake(), pastWork: away };
    const teams = {
      route: { by: 'category', team: 'team', assignee: 'assignee' },
      teams: {
        Net: { takes: ['vpn'], policy: 'past-resolver' as const, members: [{ accountId: 'ada', name: 'Ada' }] },
      },
    };
    const routed = playbookWith({
      targets: ALL_TARGETS,
      // biome-ignore lint/suspicious/noThenProperty: what a rule of the playbook has
      rules: [{ name: 'boss', when: { reporter: ['boss'] }, then: { category: 'vpn' } }],
      taxonomies: { category: ['vpn', 'erp'] },
      teams,
    });
    const decision = await decide(issue, routed, { ...ports, memory });
    expect(decision.routing).toMatchObject({ team: 'Net', assignee: null });
    expect(decision).toMatchObject({ degraded: true });
  });
});
