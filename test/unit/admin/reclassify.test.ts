import { describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { issueWith } from '../../support/fixtures.ts';
import { openAdmin } from './support.ts';

describe('classifying again', () => {
  test('one issue, ahead of everything, as often as asked', async () => {
    await using admin = await openAdmin();
    expect(await admin.post('/issues/IT-1/reclassify')).toMatchObject({ status: 202, body: { queued: 1 } });
    expect((await admin.post('/issues/IT-1/reclassify')).status).toBe(202);
    const job = {
      queue: 'triage',
      urgency: 'ahead',
      payloads: [{ issueId: 'IT-1', isForced: true, overridesHumans: false }],
    };
    expect(admin.published).toMatchObject([job, job]);
    expect(await admin.ledger.deliveryCounts()).toEqual({ accepted: 2 });
    expect(await admin.ledger.audits(10)).toEqual([]);
    expect((await admin.post('/issues/IT-1/reclassify', { dryRun: true })).status).toBe(200);
    expect(admin.published).toHaveLength(2);
  });

  test('a list, each named once, only where the text changed', async () => {
    await using admin = await openAdmin();
    const asked = { issues: ['IT-1', 'IT-2', 'IT-1'], onlyChanged: true };
    expect(await admin.post('/reclassify', asked)).toMatchObject({ status: 202, body: { queued: 2, next: null } });
    const payloads = admin.published.flatMap((one) => one.payloads);
    expect(payloads).toMatchObject([
      { issueId: 'IT-1', isForced: false },
      { issueId: 'IT-2', isForced: false },
    ]);
  });

  test('what a query finds, but not of other projects', async () => {
    const issues = [issueWith(), issueWith({ project: 'HR', key: 'HR-1' }), issueWith()];
    await using admin = await openAdmin({ issues });
    expect(await admin.post('/reclassify', { jql: 'project in (IT, HR)', dryRun: true })).toMatchObject({
      status: 200,
      body: { queued: 3 },
    });
    expect(admin.published).toEqual([]);
    expect(await admin.post('/reclassify', { jql: 'project in (IT, HR)' })).toEqual({
      status: 202,
      body: { queued: 2, foreign: 1, next: null, retryAfterMs: 0 },
    });
    expect(await admin.ledger.deliveryCounts()).toEqual({ accepted: 2 });
  });

  test('over people’s values only when it is said, and then it is on record who said so', async () => {
    await using admin = await openAdmin();
    await admin.post('/reclassify', { issues: ['IT-1', 'IT-2'], overrideHumans: true, actor: 'Lena' });
    await admin.post('/issues/IT-3/reclassify', { overrideHumans: true });
    const forced = { isForced: true, overridesHumans: true };
    expect(admin.published.flatMap((one) => one.payloads)).toMatchObject([forced, forced, forced]);
    const entries = (await admin.ledger.audits(10)).map(({ actor, action, detail }) => [actor, action, detail]);
    expect(entries.toSorted()).toEqual([
      ['Lena', 'override-humans', 'IT-1 IT-2'],
      ['admin token', 'override-humans', 'IT-3'],
    ]);
  });

  test('when it cannot be put on record, nothing is queued', async () => {
    await using admin = await openAdmin();
    admin.ledger.audit = async () => {
      throw new Error('disk full');
    };
    expect((await admin.post('/reclassify', { issues: ['IT-1'], overrideHumans: true })).status).toBe(500);
    expect(admin.published).toEqual([]);
  });

  test('where Jira asks to slow down at once, the caller is asked to come again', async () => {
    await using admin = await openAdmin();
    admin.desk.search = async () => {
      throw new RateLimitedError('slow down', { retryAfterMs: 1000, scope: 'site' });
    };
    expect((await admin.post('/reclassify', { jql: 'project = IT' })).status).toBe(503);
  });

  test.each([
    ['nothing', undefined, 'give either issues or jql'],
    ['both', { issues: ['IT-1'], jql: 'project = IT' }, 'give either issues or jql'],
    ['no list', { issues: [] }, 'issues: '],
    ['what is no key', { issues: ['IT-1', '../../etc'] }, 'issues.1: is not an issue key; it looks like IT-123'],
    ['too many', { issues: Array.from({ length: 1001 }, (_, n) => `IT-${n}`) }, 'issues: '],
    ['an unknown word', { issues: ['IT-1'], force: true }, 'Unrecognized key'],
    ['a list', [], 'expected object'],
    ['no JSON', '{', 'JSON'],
    ['an actor of nothing', { issues: ['IT-1'], actor: ' ' }, 'actor: '],
  ])('of %s is refused with a reason', async (_what, body, words) => {
    await using admin = await openAdmin();
    const { status, body: answer } = await admin.post('/reclassify', body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toContain(words);
    expect(admin.published).toEqual([]);
  });
});
