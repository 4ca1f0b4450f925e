import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import { receiver } from '../../../src/intake/receive.ts';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { deliveryWith } from '../../support/fixtures.ts';

function openInbox() {
  const jobs: { queue: string; payload: unknown; urgency: string; delayMs?: number }[] = [];
  const ledger = ledgerFake();
  const publish: Publish = async (queue, payloads, options = {}) => {
    const { urgency = 'in turn', delayMs = 0 } = options;
    for (const payload of payloads) jobs.push({ queue, payload, urgency, ...(delayMs > 0 ? { delayMs } : {}) });
  };
  return { jobs, ledger, receive: receiver({ ledger, publish }) };
}

describe('receiving', () => {
  test('records a delivery and queues its job under the same id', async () => {
    const { jobs, receive } = openInbox();
    const receipt = await receive(deliveryWith({ issueId: '7' }));
    expect(receipt).toMatchObject({ status: 'new', attempt: 1 });
    expect(jobs).toEqual([
      {
        queue: 'triage',
        urgency: 'in turn',
        payload: {
          deliveryId: receipt.id,
          attempt: 1,
          issueId: '7',
          isForced: false,
          overridesHumans: false,
          round: 0,
        },
      },
    ]);
  });

  test('sends each intent to its queue, what is forced ahead', async () => {
    const { jobs, receive } = openInbox();
    const plans = [
      { kind: 'do', intent: 'triage', isForced: false },
      { kind: 'do', intent: 'triage', isForced: true },
      { kind: 'do', intent: 'learn', isForced: false },
      { kind: 'do', intent: 'forget', isForced: false },
      { kind: 'ignore', reason: 'none of ours' },
    ] as const;
    await Promise.all(plans.map((plan, index) => receive(deliveryWith({ issueId: String(index), plan }))));
    expect(jobs).toMatchObject([
      { queue: 'triage', urgency: 'in turn', payload: { issueId: '0' } },
      { queue: 'triage', urgency: 'ahead', payload: { issueId: '1', isForced: true } },
      {
        queue: 'feedback',
        urgency: 'in turn',
        payload: { issueId: '2', intent: 'learn', others: [{ issueId: '3', intent: 'forget' }] },
      },
    ]);
  });

  test('queues again what is still open, and nothing of what is done', async () => {
    const { jobs, ledger, receive } = openInbox();
    const delivery = deliveryWith();
    const { id } = await receive(delivery);
    expect(await receive(delivery)).toEqual({ id, status: 'again', attempt: 1 });
    await ledger.settle(id, 1, { state: 'triaged' });
    expect(await receive(delivery)).toEqual({ id, status: 'done', attempt: 1 });
    expect(jobs).toHaveLength(2);
  });

  test('what was seen before is not in company, for its own job may be under way', async () => {
    const { jobs, receive } = openInbox();
    const learn = { kind: 'do', intent: 'learn', isForced: false } as const;
    const seen = deliveryWith({ issueId: '1', plan: learn });
    await receive(seen);
    await Promise.all([receive(seen), ...['2', '3'].map((issueId) => receive(deliveryWith({ issueId, plan: learn })))]);
    expect(jobs.map(({ payload }) => payload)).toMatchObject([
      { issueId: '1' },
      { issueId: '2', others: [{ issueId: '3' }] },
      { issueId: '1' },
    ]);
    expect(jobs[2]?.payload).toEqual(jobs[0]?.payload);
  });

  test('lets a storm of changes wait a little, for more of the same tickets may come; new tickets never', async () => {
    const { jobs, receive } = openInbox();
    const learn = { kind: 'do', intent: 'learn', isForced: false } as const;
    const some = (count: number) => Array.from({ length: count }, () => receive(deliveryWith({ plan: learn })));
    await Promise.all(some(11));
    await Promise.all([...some(12), receive(deliveryWith())]);
    expect(jobs.map(({ queue, delayMs = 0 }) => [queue, delayMs])).toEqual([
      ['feedback', 0],
      ['triage', 0],
      ['feedback', 15_000],
    ]);
  });

  test('a failed delivery gets a job of its own for the next attempt', async () => {
    const { jobs, ledger, receive } = openInbox();
    const delivery = deliveryWith();
    const { id } = await receive(delivery);
    await ledger.settle(id, 1, { state: 'failed', reason: 'x' });
    await receive(delivery);
    expect(jobs.map(({ payload }) => payload)).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
  });

  test('a delivery without an issue is recorded and queues nothing', async () => {
    const { jobs, ledger, receive } = openInbox();
    await receive(deliveryWith({ issueId: null, plan: { kind: 'ignore', reason: 'event x is not used' } }));
    expect(await ledger.deliveryCounts()).toEqual({ ignored: 1 });
    expect(jobs).toEqual([]);
  });

  test('when the queue is away the delivery stays open, for the redelivery or the sweep', async () => {
    const ledger = ledgerFake();
    const receive = receiver({
      ledger,
      publish: async () => {
        throw new TransientError('the queue cannot be reached');
      },
    });
    await expect(receive(deliveryWith())).rejects.toThrow(TransientError);
    expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ attempt: 1, decisionId: null }]);
  });
});
