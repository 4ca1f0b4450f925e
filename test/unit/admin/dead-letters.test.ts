import { expect, test } from 'vitest';
import { deliveryWith } from '../../support/fixtures.ts';
import { openAdmin } from './support.ts';

const LETTER = { queue: 'triage', error: 'Jira answered 400', history: ['PermanentError'], attempts: 1 };

async function openWithLetter() {
  const admin = await openAdmin();
  const [receipt] = await admin.ledger.receive([deliveryWith({ issueId: '1' })]);
  const deliveryId = receipt?.id ?? '';
  await admin.ledger.settle(deliveryId, 1, { state: 'failed', reason: 'Jira answered 400' });
  const payload = { deliveryId, attempt: 1, issueId: '1', isForced: false };
  const letter = { ...LETTER, id: 'triage/1', payload, buriedAt: '2026-05-01T08:00:00.000Z' };
  await admin.ledger.bury(letter);
  return { admin, letter, path: `/dead-letters/${encodeURIComponent(letter.id)}` };
}

test('dead letters are listed and shown', async () => {
  const { admin, letter, path } = await openWithLetter();
  await using _ = admin;
  expect(await admin.get('/dead-letters')).toMatchObject({ status: 200, body: { deadLetters: [letter] } });
  expect(await admin.get(path)).toMatchObject({ status: 200, body: letter });
  expect((await admin.get('/dead-letters/unknown')).status).toBe(404);
});

test('one is tried again by a person, whose name goes on record', async () => {
  const { admin, letter, path } = await openWithLetter();
  await using _ = admin;
  expect(await admin.post(`${path}/replay`, { actor: 'ada' })).toMatchObject({
    status: 202,
    body: { outcome: 'queued' },
  });
  expect(admin.published).toMatchObject([{ queue: 'triage', payloads: [{ issueId: '1', attempt: 2 }] }]);
  expect(await admin.ledger.audits(10)).toMatchObject([{ actor: 'ada', action: 'replay-dead-letter' }]);
  expect((await admin.post(`${path}/replay`)).status).toBe(404);
  expect(letter.attempts).toBe(1);
});

test('one is discarded, and its delivery stays as failed as it is', async () => {
  const { admin, path } = await openWithLetter();
  await using _ = admin;
  expect((await admin.post(`${path}/discard`, { actor: 'ada' })).status).toBe(200);
  expect(await admin.ledger.deadLetters(10)).toEqual([]);
  expect(await admin.ledger.deliveryCounts()).toEqual({ failed: 1 });
  expect(admin.published).toEqual([]);
});
