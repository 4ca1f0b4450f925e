import { describe, expect, test } from 'vitest';
import type { DeadLetter } from '../../../src/domain/decision/dead-letter.ts';
import { RejectedError, TransientError } from '../../../src/domain/errors.ts';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { replay } from '../../../src/upkeep/replay.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { deliveryWith } from '../../support/fixtures.ts';

const LETTER = { error: 'Jira answered 400', history: [], attempts: 1, buriedAt: '2026-05-01T08:00:00.000Z' };

async function openDesk(count = 1) {
  const ledger = ledgerFake();
  const jobs: { queue: string; payload: unknown; isRevival: boolean }[] = [];
  const publish: Publish = async (queue, payloads, { isRevival = false } = {}) => {
    for (const payload of payloads) jobs.push({ queue, payload, isRevival });
  };
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const [receipt] = await ledger.receive([deliveryWith({ issueId: String(index) })]);
    ids.push(receipt?.id ?? '');
  }
  const fail = async () => {
    for (const id of ids) await ledger.settle(id, 1, { state: 'failed', reason: 'x' });
  };
  const bury = async (parts: Pick<DeadLetter, 'queue' | 'payload'>): Promise<DeadLetter> => {
    const letter = { ...LETTER, id: 'letter', ...parts };
    await ledger.bury(letter);
    return letter;
  };
  return { ledger, publish, jobs, ids, fail, bury };
}

const triageOf = (deliveryId: string) => ({ deliveryId, attempt: 1, issueId: '0', isForced: false });

describe('a dead letter that is tried again', () => {
  test.each([
    ['triage', (id: string) => triageOf(id)],
    ['write-back', (id: string) => ({ deliveryId: id, attempt: 1, decisionId: `${id}-1` })],
  ])('from %s begins with a new look at the ticket, under another attempt', async (queue, payloadOf) => {
    const { ledger, publish, jobs, ids, fail, bury } = await openDesk();
    await fail();
    const letter = await bury({ queue, payload: payloadOf(ids[0] ?? '') });
    expect(await replay(letter, { ledger, publish })).toBe('queued');
    expect(jobs).toMatchObject([
      { queue: 'triage', isRevival: true, payload: { deliveryId: ids[0], attempt: 2, issueId: '0', round: 0 } },
    ]);
    expect(await ledger.deadLetters(10)).toEqual([]);
    expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
  });

  test('from feedback opens every delivery that it served', async () => {
    const { ledger, publish, jobs, ids, fail, bury } = await openDesk(3);
    await fail();
    const heard = ids.map((deliveryId, index) => ({ deliveryId, attempt: 1, issueId: String(index), intent: 'learn' }));
    const [first, ...others] = heard;
    await replay(await bury({ queue: 'feedback', payload: { ...first, others } }), { ledger, publish });
    expect(jobs).toHaveLength(3);
    expect(await ledger.deliveryCounts()).toEqual({ accepted: 3 });
  });

  test('does nothing where the ticket was sent again and went well meanwhile', async () => {
    const { ledger, publish, jobs, ids, bury } = await openDesk();
    await ledger.settle(ids[0] ?? '', 1, { state: 'triaged' });
    expect(await replay(await bury({ queue: 'triage', payload: triageOf(ids[0] ?? '') }), { ledger, publish })).toBe(
      'done',
    );
    expect(jobs).toEqual([]);
    expect(await ledger.deadLetters(10)).toEqual([]);
  });

  test('rests on while the queue cannot be reached, and nothing is lost', async () => {
    const { ledger, ids, fail, bury } = await openDesk();
    await fail();
    const letter = await bury({ queue: 'triage', payload: triageOf(ids[0] ?? '') });
    const away: Publish = async () => {
      throw new TransientError('the queue cannot be reached');
    };
    await expect(replay(letter, { ledger, publish: away })).rejects.toThrow(TransientError);
    expect(await ledger.deadLetters(10)).toEqual([letter]);
    // Open again, so that the requeue task finds it.
    expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
  });

  test.each([
    ['undo', { undos: [{ id: 'undo-1', writeId: '1' }] }, 'triage undo'],
    ['triage', { something: 'else' }, 'triage reclassify'],
    ['upkeep', { task: 'clean' }, 'nothing is tried again'],
  ])('is refused with what to do instead: %s', async (queue, payload, hint) => {
    const { ledger, publish, bury } = await openDesk();
    const letter = await bury({ queue, payload });
    await expect(replay(letter, { ledger, publish })).rejects.toThrow(hint);
    await expect(replay(letter, { ledger, publish })).rejects.toThrow(RejectedError);
    expect(await ledger.deadLetters(10)).toEqual([letter]);
  });
});
