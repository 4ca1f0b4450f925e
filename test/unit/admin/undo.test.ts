import { describe, expect, test } from 'vitest';
import { Outlook } from '../../../src/cli/steering/remote/answers.ts';
import { RateLimitedError } from '../../../src/domain/errors.ts';
import { issueWith } from '../../support/fixtures.ts';
import { openAdmin } from './support.ts';

describe('undo over HTTP', () => {
  test('queues one job per issue, newest write first, and puts on record who asked', async () => {
    const [one, other] = [issueWith(), issueWith()];
    await using admin = await openAdmin({ issues: [one, other] });
    const first = await admin.write(one, { category: 'access' });
    const second = await admin.write(one, { category: 'email' });
    const third = await admin.write(other, { category: 'vpn' });
    const { status, body } = await admin.post('/undo', { revision: 'test-revision', since: '2h', actor: 'Lena' });
    expect(status).toBe(202);
    const named = ({ decisionId: id, issueKey }: typeof first) => ({ id: `undo-${id}`, writeId: id, issueKey });
    expect(body).toEqual({ undos: [third, second, first].map(named), why: null });
    expect(admin.published.flatMap(({ queue, payloads }) => payloads.map((payload) => [queue, payload]))).toEqual([
      ['undo', { undos: [{ id: `undo-${third.decisionId}`, writeId: third.decisionId }] }],
      ['undo', { undos: [second, first].map(({ decisionId: id }) => ({ id: `undo-${id}`, writeId: id })) }],
    ]);
    expect(await admin.ledger.audits(10)).toEqual([
      {
        at: '2026-05-01T12:00:00.000Z',
        actor: 'Lena',
        action: 'undo',
        detail: 'revision test-revision since 2026-05-01T10:00:00.000Z: 3 writes',
      },
    ]);
    expect(admin.desk.edits).toHaveLength(3);
  });

  test('a dry run tells what would be done, and nothing happens', async () => {
    const issue = issueWith();
    await using admin = await openAdmin({ issues: [issue] });
    const { decisionId } = await admin.write(issue, { category: 'access', component: 'Login' });
    admin.desk.editAs('agent-bo', issue.id, { components: ['Mail'] });
    expect(await admin.post('/undo', { issue: issue.key, dryRun: true })).toMatchObject({
      status: 200,
      body: {
        undos: [
          {
            writeId: decisionId,
            changes: { category: { before: 'access', after: null } },
            heldBack: { component: 'human-set' },
          },
        ],
        more: 0,
        why: null,
      },
    });
    expect([admin.published, await admin.ledger.audits(10)]).toEqual([[], []]);
  });

  test('a dry run looks at a hundred writes, and says that there are more; a slow Jira makes it fewer', async () => {
    const issues = Array.from({ length: 103 }, () => issueWith());
    await using admin = await openAdmin({ issues });
    for (const issue of issues) await admin.write(issue, { category: 'access' });
    const asked = { revision: 'test-revision', since: '1d', dryRun: true };
    const all = Outlook.parse((await admin.post('/undo', asked)).body);
    expect([all.undos.length, all.more]).toEqual([100, 3]);
    let reads = 0;
    const { issue } = admin.desk;
    admin.desk.issue = async (id) => {
      reads += 1;
      if (reads > 7) throw new RateLimitedError('slow down', { retryAfterMs: 1000, scope: 'site' });
      return issue(id);
    };
    const fewer = Outlook.parse((await admin.post('/undo', asked)).body);
    expect([fewer.undos.length, fewer.more]).toEqual([7, 96]);
    expect((await admin.post('/undo', asked)).status).toBe(503);
  });

  test('nothing to take back is an answer with a reason', async () => {
    await using admin = await openAdmin();
    expect(await admin.post('/undo', { decision: 'never' })).toEqual({
      status: 200,
      body: { undos: [], why: 'nothing is known of a write by never' },
    });
    expect([admin.published, await admin.ledger.audits(10)]).toEqual([[], []]);
  });

  test('is refused while writes are off; looking is not', async () => {
    const issue = issueWith();
    await using admin = await openAdmin({ issues: [issue], areWritesOn: false });
    await admin.write(issue, { category: 'access' });
    expect(await admin.post('/undo', { issue: issue.key })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('TRIAGE_WRITES') },
    });
    expect((await admin.post('/undo', { issue: issue.key, dryRun: true })).status).toBe(200);
    expect(admin.published).toEqual([]);
  });

  test('one write can be looked at', async () => {
    const issue = issueWith();
    await using admin = await openAdmin({ issues: [issue] });
    const { decisionId } = await admin.write(issue, { category: 'access' });
    expect(await admin.get(`/writes/${decisionId}`)).toMatchObject({
      status: 200,
      body: { decisionId, undoneBy: null },
    });
    expect((await admin.get('/writes/undo-no')).status).toBe(404);
  });

  test.each([
    ['nothing', {}, 'one of issue, revision and decision'],
    ['two things', { issue: 'IT-1', decision: 'x' }, 'one of issue, revision and decision'],
    ['a revision for ever', { revision: 'r' }, 'needs since'],
    ['no time', { issue: 'IT-1', since: 'yesterday' }, 'since: must be like 90m'],
    ['what is no key', { issue: 'it-1' }, 'issue: is not an issue key'],
    ['an endless id', { decision: 'x'.repeat(100_000) }, 'decision: '],
    ['an empty id', { decision: '' }, 'decision: '],
    ['a hostile word', JSON.parse('{"__proto__":1,"constructor":2,"decision":"x"}'), 'constructor'],
  ])('of %s is refused with a reason', async (_what, body, words) => {
    await using admin = await openAdmin();
    const { status, body: answer } = await admin.post('/undo', body);
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toContain(words);
    expect(admin.published).toEqual([]);
  });
});
