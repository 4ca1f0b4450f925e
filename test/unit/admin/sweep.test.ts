import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { issueWith } from '../../support/fixtures.ts';
import { openAdmin } from './support.ts';

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const ticketOf = (minutes: number) => issueWith({ created: ago(minutes), updated: ago(minutes) });

describe('sweeping for whoever asks', () => {
  test('begins now where nothing was swept before', async () => {
    await using admin = await openAdmin({ issues: [ticketOf(30)] });
    expect(await admin.post('/sweep')).toMatchObject({
      status: 202,
      body: { triage: 0, isComplete: true, from: null },
    });
    expect(admin.published).toEqual([]);
  });

  test('back to a time in the past tells what would be found, and then hands it over, on record', async () => {
    await using admin = await openAdmin({ issues: [ticketOf(30), ticketOf(120), ticketOf(60 * 24)] });
    const asked = { since: '3h', actor: 'Lena' };
    const rehearsed = await admin.post('/sweep', { ...asked, dryRun: true });
    expect(rehearsed).toMatchObject({ status: 200, body: { triage: 2, learn: 0, missing: 0, remaining: 0 } });
    expect(admin.published).toEqual([]);
    expect(await admin.ledger.deliveryCounts()).toEqual({});
    expect(await admin.ledger.cursor('sweep-tickets')).toBeNull();
    expect(await admin.ledger.audits(10)).toEqual([]);

    expect((await admin.post('/sweep', asked)).body).toMatchObject({ triage: 2, missing: 0, isComplete: true });
    expect(admin.published).toMatchObject([{ queue: 'triage', urgency: 'behind', payloads: [{}, {}] }]);
    expect(await admin.ledger.audits(10)).toMatchObject([{ actor: 'Lena', action: 'sweep', detail: 'since 3h' }]);
    expect((await admin.post('/sweep', asked)).body).toMatchObject({ triage: 0 });
  });

  test('goes no further back than the ledger remembers, and says from when on', async () => {
    await using admin = await openAdmin({ issues: [ticketOf(100 * 24 * 60)] });
    const { body } = await admin.post('/sweep', { since: '365d' });
    expect(body).toMatchObject({ triage: 0 });
    const { from } = z.object({ from: z.iso.datetime() }).parse(body);
    const daysBack = (Date.now() - Date.parse(from)) / 86_400_000;
    expect(daysBack).toBeCloseTo(89, 1);
  });

  test('takes what is seconds old when it is told not to wait for webhooks', async () => {
    await using admin = await openAdmin({ issues: [ticketOf(0)] });
    expect((await admin.post('/sweep', { since: '1h' })).body).toMatchObject({ triage: 0 });
    expect((await admin.post('/sweep', { since: '1h', settleSeconds: 0 })).body).toMatchObject({ triage: 1 });
  });

  test('refuses a time that means nothing, and asks to come again while Jira wants to be left alone', async () => {
    await using admin = await openAdmin();
    expect(await admin.post('/sweep', { since: 'last week' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('since: must be like 90m') },
    });
    expect(await admin.post('/sweep', { settle: 3 })).toMatchObject({ status: 400 });
    admin.desk.glimpse = () => Promise.reject(new RateLimitedError('slow', { retryAfterMs: 1_000, scope: 'site' }));
    expect(await admin.post('/sweep')).toMatchObject({ status: 503 });
  });
});
