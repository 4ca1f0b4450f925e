import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { StoredWrite } from '../../../src/domain/decision/delivery.ts';
import type { Issue, Provenance } from '../../../src/domain/ticket/issue.ts';
import { follow, type RememberPorts, remember } from '../../../src/feedback/learn.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { BOT, decisionWith, issueWith, type PlaybookDraft, playbookWith, writeWith } from '../../support/fixtures.ts';
import { type Desk, deskWith } from '../support/tracker.ts';
import { at, change, NOW } from './support/judged.ts';

const clock = { now: () => NOW };
const id = '10001';
const mark: Provenance = { decisionId: 'd-1', revision: 'r', at: at(60), values: { category: 'network' } };
const written = change(['labels', null, 'cat-network'], 60, BOT);
const corrected = change(['labels', 'cat-network', 'cat-mail'], 90, 'ada');
const isOurs: Partial<Issue> = { id, created: at(0), labels: ['cat-network'], mark, changes: [written] };
const isTheirs: Partial<Issue> = { ...isOurs, labels: ['cat-mail'], changes: [corrected, written] };
const done = { isFinished: true, status: 'Done' };

interface Scene {
  readonly decision?: Partial<Decision> | null;
  readonly write?: Partial<StoredWrite>;
  readonly playbook?: PlaybookDraft;
  readonly areWritesOn?: boolean;
}

/** A desk where we wrote the category `network` on one ticket. */
async function sceneOf(issue: Partial<Issue>, { decision = {}, write, playbook = {}, areWritesOn = true }: Scene = {}) {
  const ledger = ledgerFake({ now: () => new Date(at(60)) });
  const tracker = deskWith(issueWith(issue));
  const ports = { tracker, ledger, memory: memoryFake(), embedder: null, clock, areWritesOn };
  const config = playbookWith(playbook);
  if (decision !== null) {
    await ledger.recordDecision(
      decisionWith({ id: 'd-1', issueId: id, values: { category: 'network' }, decidedAt: at(1), ...decision }),
    );
    const changes = { category: { before: null, after: 'network' } };
    await ledger.recordWrite(writeWith({ decisionId: 'd-1', issueId: id, changes, ...write }));
  }
  return {
    ...ports,
    look: (intent: 'learn' | 'forget' = 'learn') => follow({ issueId: id, intent }, config, ports),
    outcomes: async () => (await ledger.story('IT-10001')).outcomes,
    remembered: async () => (await Array.fromAsync(ports.memory.tickets())).flat(),
    rememberNow: (more: Partial<RememberPorts> = {}) => remember([tracker.now(id)], config, { ...ports, ...more }),
  };
}

describe('looking at a ticket that we decided', () => {
  test('records what people made of it while it is open, and puts nothing into memory', async () => {
    const scene = await sceneOf(isTheirs);
    const { end, outcomes } = await scene.look();
    expect(end).toEqual({ state: 'learned' });
    expect(outcomes).toMatchObject([
      { target: 'category', result: 'overridden', to: 'mail', by: 'ada', isFinished: false },
    ]);
    expect(await scene.outcomes()).toEqual(outcomes);
    expect(await scene.remembered()).toEqual([]);
  });

  test('remembers it with its end, and marks it as treated', async () => {
    const scene = await sceneOf({ ...isTheirs, ...done });
    await scene.look();
    expect(await scene.outcomes()).toMatchObject([{ result: 'overridden', isFinished: true }]);
    expect(await scene.remembered()).toMatchObject([
      { id, isTreated: true, values: { category: { value: 'mail', by: 'human', insteadOf: 'network' } } },
    ]);
  });

  test('after it was moved to another project judges nothing and forgets it', async () => {
    const scene = await sceneOf({ ...isTheirs, ...done });
    await scene.look();
    scene.tracker.change(id, { project: 'HR', labels: [] });
    expect(await scene.look()).toEqual({ end: { state: 'forgotten' }, outcomes: [] });
    expect(await scene.remembered()).toEqual([]);
    expect(await scene.outcomes()).toMatchObject([{ result: 'overridden', to: 'mail' }]);
  });

  test('in whatever order and however often ends with the same as one look at the end', async () => {
    const steps: readonly ((desk: Desk) => void)[] = [
      (desk) => desk.change(id, isTheirs),
      (desk) => desk.change(id, { ...isTheirs, ...done }),
      (desk) => desk.change(id, isOurs),
      (desk) => desk.change(id, { ...isOurs, ...done }),
      (desk) => desk.change(id, { ...isOurs, ...done, securityLevel: 'Staff' }),
    ];
    const stepwise = fc.array(fc.record({ step: fc.nat({ max: steps.length - 1 }), looks: fc.nat({ max: 2 }) }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(stepwise, async (path) => {
        const scene = await sceneOf(isOurs);
        const alone = await sceneOf(isOurs);
        for (const { step, looks } of path) {
          steps[step]?.(scene.tracker);
          steps[step]?.(alone.tracker);
          for (let look = 0; look < looks; look++) await scene.look();
        }
        await scene.look();
        await alone.look();
        expect(await scene.outcomes()).toEqual(await alone.outcomes());
        const isFinished = scene.tracker.now(id).isFinished;
        if (isFinished) expect(await scene.remembered()).toEqual(await alone.remembered());
      }),
      { numRuns: 50 },
    );
  });
});

describe('looking at a ticket that we did not decide', () => {
  test('while it is open does nothing, and says so', async () => {
    const scene = await sceneOf({ id, labels: ['cat-mail'], changes: [corrected] }, { decision: null });
    expect(await scene.look()).toEqual({
      end: { state: 'ignored', reason: 'not finished, and nothing of ours to judge' },
      outcomes: [],
    });
  });

  test('remembers it as untreated when it is finished', async () => {
    const scene = await sceneOf({ id, labels: ['cat-mail'], ...done }, { decision: null });
    await scene.look();
    expect((await scene.remembered())[0]?.isTreated ?? false).toBe(false);
  });
});

describe('what leaves memory', () => {
  const remembered = async (issue: Partial<Issue> = {}) => {
    const scene = await sceneOf({ id, labels: ['cat-mail'], ...done, ...issue }, { decision: null });
    await scene.rememberNow();
    expect(await scene.memory.size()).toBe(1);
    return scene;
  };
  const restricted = change(['security', null, 'Staff'], 300, 'ada');

  test.each<[what: string, parts: Partial<Issue>]>([
    ['opened again', { isFinished: false, changes: [change(['resolution', 'Done', null], 300, 'ada')] }],
    [
      'opened again by its status alone',
      { isFinished: false, changes: [change(['status', 'Done', 'To Do'], 300, 'ada')] },
    ],
    ['opened again long ago', { isFinished: false, isHistoryWhole: false }],
    ['restricted later', { securityLevel: 'Staff', changes: [restricted] }],
    ['restricted more', { securityLevel: 'Staff', changes: [change(['security', 'Desk', 'Staff'], 300, 'ada')] }],
    ['restricted, and nobody knows when', { securityLevel: 'Staff', isHistoryWhole: false }],
    ['moved', { project: 'HR', changes: [change(['Key', 'IT-1', 'HR-1'], 300, 'ada')] }],
    ['emptied', { labels: [] }],
  ])('is a ticket that was %s', async (_what, parts) => {
    const scene = await remembered();
    scene.tracker.change(id, { changes: [], ...parts });
    expect((await scene.look()).end).toEqual({ state: 'forgotten' });
    expect(await scene.memory.size()).toBe(0);
  });

  test('is a ticket that is gone, or was deleted', async () => {
    const gone = await remembered();
    gone.tracker.remove(id);
    expect((await gone.look()).end).toEqual({ state: 'forgotten' });
    const deleted = await remembered();
    expect((await deleted.look('forget')).end).toEqual({ state: 'forgotten' });
    expect([await gone.memory.size(), await deleted.memory.size()]).toEqual([0, 0]);
  });

  test('is not one that had its security level from the start, or has it no more', async () => {
    const scene = await remembered({ securityLevel: 'Staff' });
    await scene.look();
    expect(await scene.remembered()).toMatchObject([{ securityLevel: 'Staff' }]);
    const lifted = change(['security', 'Staff', null], 400, 'ada');
    scene.tracker.change(id, { securityLevel: null, changes: [lifted, restricted] });
    await scene.look();
    expect(await scene.remembered()).toMatchObject([{ securityLevel: null }]);
  });
});

describe('a remembered ticket', () => {
  const nothing = { labels: ['cat-mail'], mark: null, changes: [] };
  const shadow: PlaybookDraft = { targets: { category: { kind: 'label', prefix: 'cat-', mode: 'shadow' } } };

  test.each<[what: string, isTreated: boolean, issue: Partial<Issue>, scene: Scene]>([
    ['that we wrote on', true, {}, {}],
    ['that we wrote on before writes were turned off', true, {}, { areWritesOn: false, playbook: shadow }],
    ['that we decided and wrote nothing on', true, nothing, { write: { state: 'unchanged', changes: {} } }],
    ['that we decided while writes were off', false, nothing, { areWritesOn: false }],
    ['that we decided while everything was in shadow', false, nothing, { playbook: shadow }],
    ['of the control group', false, nothing, { decision: { isControl: true } }],
    ['that we never saw', false, nothing, { decision: null }],
  ])('%s is treated: %s', async (_what, isTreated, issue, setting) => {
    const scene = await sceneOf({ ...isOurs, ...done, ...issue }, setting);
    await scene.look();
    expect((await scene.remembered()).map((ticket) => ticket.isTreated ?? false)).toEqual([isTreated]);
    await scene.memory.forget([id]);
    await scene.rememberNow();
    expect((await scene.remembered()).map((ticket) => ticket.isTreated ?? false)).toEqual([isTreated]);
  });
});
