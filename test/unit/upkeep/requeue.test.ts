import { describe, expect, test } from 'vitest';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { requeue } from '../../../src/upkeep/requeue.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { decisionWith, deliveryWith, writeWith } from '../../support/fixtures.ts';

function openUpkeep() {
  const time = { now: Date.parse('2026-05-01T00:00:00Z') };
  const jobs: unknown[] = [];
  const ledger = ledgerFake({ now: () => new Date(time.now) });
  const publish: Publish = async (queue, payloads, options = {}) =>
    void jobs.push(...payloads.map((payload) => ({ queue, payload, isRevival: options.isRevival ?? false })));
  const receive = async (parts: Parameters<typeof deliveryWith>[0] = {}) =>
    (await ledger.receive([deliveryWith(parts)]))[0]?.id ?? '';
  return { time, jobs, ledger, receive, ports: { ledger, publish } };
}

const plan = (intent: 'triage' | 'learn' | 'forget', isForced = false) => ({ kind: 'do', intent, isForced }) as const;

describe('requeueing', () => {
  test('queues every delivery that did not end, each where it got stuck', async () => {
    const { time, jobs, ledger, receive, ports } = openUpkeep();
    const fresh = await receive({ issueId: '1', plan: plan('triage', true) });
    const decided = await receive({ issueId: '2', plan: plan('triage') });
    await ledger.recordDecision(decisionWith({ id: `${decided}-1`, deliveryId: decided }));
    const learning = await receive({ issueId: '3', plan: plan('learn') });
    const ended = await receive({ issueId: '4' });
    await ledger.settle(ended, 1, { state: 'triaged' });
    time.now += 61_000;
    expect(await requeue(ports)).toBe(3);
    const common = { attempt: 1 };
    expect(jobs).toEqual([
      {
        queue: 'triage',
        isRevival: true,
        payload: { ...common, deliveryId: fresh, issueId: '1', isForced: true, overridesHumans: false, round: 0 },
      },
      { queue: 'write-back', isRevival: true, payload: { ...common, deliveryId: decided, decisionId: `${decided}-1` } },
      {
        queue: 'feedback',
        isRevival: true,
        payload: { ...common, deliveryId: learning, issueId: '3', intent: 'learn' },
      },
    ]);
  });

  test('leaves alone what came in this minute', async () => {
    const { time, jobs, receive, ports } = openUpkeep();
    await receive({});
    time.now += 59_000;
    expect(await requeue(ports)).toBe(0);
    expect(jobs).toEqual([]);
    expect(await requeue(ports, { olderThanMs: 0 })).toBe(1);
  });

  test('carries on that people may be overridden', async () => {
    const { jobs, receive, ports } = openUpkeep();
    await receive({ plan: { ...plan('triage', true), overridesHumans: true } });
    await requeue(ports, { olderThanMs: 0 });
    expect(jobs).toMatchObject([{ queue: 'triage', payload: { isForced: true, overridesHumans: true, round: 0 } }]);
  });

  test('leaves a decision alone that waits for its grace to pass, however long, and then looks after it', async () => {
    const { time, jobs, ledger, receive, ports } = openUpkeep();
    const graceMs = 86_400_000;
    const waiting = await receive();
    const decidedAt = new Date(time.now + 30_000).toISOString();
    await ledger.recordDecision(decisionWith({ id: `${waiting}-1`, deliveryId: waiting, decidedAt }));
    const undecided = await receive();
    time.now += graceMs;
    expect(await requeue(ports, { graceMs })).toBe(1);
    expect(jobs).toMatchObject([{ queue: 'triage', payload: { deliveryId: undecided } }]);
    time.now += 30_000 + 60_000;
    expect(await requeue(ports, { graceMs })).toBe(2);
    expect(jobs.slice(1)).toMatchObject([
      { queue: 'write-back', payload: { deliveryId: waiting } },
      { queue: 'triage' },
    ]);
  });

  test('queues an undo that was begun long ago and never ended, or it would hold its ticket for ever', async () => {
    const { time, jobs, ledger, ports } = openUpkeep();
    const undo = { decisionId: 'undo-a', undoes: 'a', state: 'planned' } as const;
    await ledger.recordWrite(writeWith(undo));
    await ledger.recordWrite(writeWith({ ...undo, decisionId: 'undo-b', issueId: '2', state: 'unchanged' }));
    await ledger.recordWrite(writeWith({ decisionId: 'c', issueId: '3', state: 'planned' }));
    time.now += 9 * 60_000;
    expect(await requeue(ports)).toBe(0);
    time.now += 60_000;
    expect(await requeue(ports)).toBe(1);
    expect(jobs).toEqual([{ queue: 'undo', isRevival: true, payload: { undos: [{ id: 'undo-a', writeId: 'a' }] } }]);
  });

  test('queues a second attempt as such', async () => {
    const { jobs, ledger, ports } = openUpkeep();
    const delivery = deliveryWith();
    const [first] = await ledger.receive([delivery]);
    await ledger.settle(first?.id ?? '', 1, { state: 'failed', reason: 'x' });
    await ledger.receive([delivery]);
    await requeue(ports, { olderThanMs: 0 });
    expect(jobs).toMatchObject([{ queue: 'triage', payload: { attempt: 2 } }]);
  });
});
