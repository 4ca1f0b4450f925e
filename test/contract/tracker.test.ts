import { afterEach, describe, expect, test } from 'vitest';
import { withoutWrites } from '../../src/adapters/jira/dry-run.ts';
import { MARK_KEY } from '../../src/adapters/jira/issue-schema.ts';
import { jiraTracker } from '../../src/adapters/jira/tracker.ts';
import { type Exchange, openTransport } from '../../src/adapters/jira/transport.ts';
import { PermanentError, RateLimitedError, TransientError } from '../../src/domain/errors.ts';
import type { MarkedEdit, Tracker } from '../../src/domain/ports.ts';
import type { JiraSite } from '../fakes/jira/door.ts';
import { botCredentials, type SiteOptionsDraft } from '../fakes/jira/options.ts';
import { ask } from '../fakes/jira/probe/caller.ts';
import { startJiraSite } from '../fakes/jira/site.ts';

const TEAM = 'customfield_10050';
const LOCKED = 'customfield_10051';
const customFields = [
  { id: TEAM, name: 'Team', kind: 'select' as const, options: ['Desktop', 'Network'] },
  { id: LOCKED, name: 'Locked', kind: 'string' as const, editable: false },
];

const opened: JiraSite[] = [];

/** A site and a tracker over the real client; after the test the site must have nothing to complain about. */
async function openDesk(options: SiteOptionsDraft = {}) {
  const site = await startJiraSite({ customFields, ...options });
  opened.push(site);
  const exchanges: Exchange[] = [];
  const observe = (exchange: Exchange) => void exchanges.push(exchange);
  const transport = openTransport({ url: site.url, ...botCredentials }, observe);
  const tracker: Tracker = jiraTracker(transport, [TEAM, LOCKED]);
  const { id, key } = site.addIssue({
    projectKey: 'DESK',
    summary: 'No network',
    labels: ['vip'],
    components: ['Email'],
  });
  return { site, tracker, exchanges, id, key };
}

afterEach(async () => {
  for (const site of opened.splice(0)) {
    const violations = [...site.violations];
    await site.close();
    expect(violations).toEqual([]);
  }
});

const mark = { decisionId: 'd-1', revision: 'r-1', at: '2026-05-01T00:00:00.000Z', values: { category: 'network' } };

const editWith = (parts: Partial<MarkedEdit> = {}): MarkedEdit => ({
  fields: {},
  update: { labels: [{ add: 'cat-network' }] },
  mark,
  notifyUsers: true,
  ...parts,
});

describe('reading an issue', () => {
  test('gives every field in our words', async () => {
    const { site, tracker } = await openDesk({ timeZoneOffset: '+0530' });
    const { id, key } = site.addIssue({
      projectKey: 'DESK',
      summary: 'Cannot print\u200b',
      description: 'h1. Help\n\n* first\n* second',
      issueType: 'Incident',
      reporter: 'customer-cy',
      priority: 'High',
      labels: ['vip', 'cat-printing'],
      components: ['Hardware', 'Network'],
      assignee: 'agent-ada',
      custom: { [TEAM]: 'Desktop', [LOCKED]: 'imported' },
      created: '2026-04-25T13:05:13.605Z',
    });
    expect(await tracker.issue(key)).toMatchObject({
      id,
      key,
      project: 'DESK',
      issueType: 'Incident',
      summary: 'Cannot print',
      text: 'Help\nfirst\n\nsecond',
      reporter: { accountId: 'customer-cy', displayName: 'Cy Customer' },
      labels: ['cat-printing', 'vip'],
      components: ['Hardware', 'Network'],
      priority: 'High',
      assignee: 'agent-ada',
      status: 'To Do',
      isFinished: false,
      created: '2026-04-25T13:05:13.605Z',
      resolved: null,
      securityLevel: null,
      custom: { [TEAM]: { value: 'Desktop' }, [LOCKED]: 'imported' },
      mark: null,
    });
  });

  test('an issue with nothing in it is read as empty', async () => {
    const { site, tracker } = await openDesk();
    const { id } = site.addIssue({ projectKey: 'DESK', summary: 'Empty' });
    expect(await tracker.issue(id)).toMatchObject({
      text: '',
      labels: [],
      components: [],
      assignee: null,
      changes: [],
    });
  });

  test('a finished issue says so, with the time it was resolved', async () => {
    const { site, tracker } = await openDesk();
    const resolved = '2026-02-02T00:00:00.000Z';
    const { key } = site.addIssue({
      projectKey: 'DESK',
      summary: 'Old',
      status: 'Done',
      resolution: 'Done',
      created: '2026-02-01T00:00:00Z',
      resolved,
      securityLevel: 'Staff',
    });
    expect(await tracker.issue(key)).toMatchObject({ isFinished: true, resolved, securityLevel: 'Staff' });
  });

  test('tells what may be edited, and the values each field takes', async () => {
    const { tracker, key } = await openDesk();
    const editable = (await tracker.issue(key))?.editable;
    expect(editable?.get(TEAM)).toEqual({ allowed: ['Desktop', 'Network'] });
    expect(editable?.get('components')).toEqual({ allowed: ['Email', 'Hardware', 'Network'] });
    expect(editable?.get('priority')).toEqual({ allowed: ['Highest', 'High', 'Medium', 'Low', 'Lowest'] });
    expect(editable?.get('labels')).toEqual({ allowed: null });
    expect(editable?.get('assignee')).toEqual({ allowed: null });
    expect(editable?.has(LOCKED)).toBe(false);
  });

  test('nothing is editable without the right to edit', async () => {
    const { site, tracker, key } = await openDesk();
    site.setPermission('EDIT_ISSUES', false);
    const editable = (await tracker.issue(key))?.editable;
    expect(editable?.has('labels')).toBe(false);
    expect(editable?.has(TEAM)).toBe(false);
  });

  test('tells who changed what, newest first', async () => {
    const { site, tracker, key } = await openDesk();
    site.editAs('agent-ada', key, { addLabels: ['cat-network'], at: '2026-05-01T10:00:00Z' });
    site.editAs('agent-ben', key, { components: ['Network'], at: '2026-05-01T11:00:00Z' });
    site.editAs('agent-ben', key, { assignee: 'agent-ada', priority: 'High', at: '2026-05-01T12:00:00Z' });
    const changes = (await tracker.issue(key))?.changes ?? [];
    expect(changes.map(({ at }) => at)).toEqual([...changes.map(({ at }) => at)].sort().reverse());
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fieldId: 'labels', from: 'vip', to: 'cat-network vip', by: 'agent-ada' }),
        expect.objectContaining({ fieldId: 'components', by: 'agent-ben' }),
        expect.objectContaining({ fieldId: 'assignee', from: null, to: 'Ada Agent', at: '2026-05-01T12:00:00.000Z' }),
        expect.objectContaining({ fieldId: 'priority', to: 'High' }),
      ]),
    );
  });

  test('is null when the issue is gone, and when it was never visible', async () => {
    const { site, tracker, id, key } = await openDesk({
      projects: [
        { key: 'DESK', components: ['Email'] },
        { key: 'HR', hidden: true },
      ],
    });
    const hidden = site.addIssue({ projectKey: 'HR', summary: 'Raise' });
    site.deleteIssue(key);
    expect(await tracker.issue(id)).toBeNull();
    expect(await tracker.issue(hidden.key)).toBeNull();
    expect(await tracker.issue('DESK-999')).toBeNull();
  });

  test('follows an issue that moved to another project', async () => {
    const { site, tracker, id, key } = await openDesk({
      projects: [{ key: 'DESK', components: ['Email'] }, { key: 'NET' }],
    });
    site.moveIssue(key, 'NET-7');
    expect(await tracker.issue(key)).toMatchObject({ id, key: 'NET-7', project: 'NET' });
  });

  test.each(['../../x', '../../../api/3/myself?x=#', 'DESK-1/comment', 'desk-1', '', '-1', '1 2'])(
    'refuses %j as an id before anything is sent',
    async (id) => {
      const { site, tracker } = await openDesk();
      await expect(tracker.issue(id)).rejects.toThrow(PermanentError);
      await expect(tracker.edit(id, editWith())).rejects.toThrow(PermanentError);
      await expect(tracker.addInternalNote(id, ['hi'])).rejects.toThrow(PermanentError);
      await expect(tracker.isAssignable(id, 'agent-ada')).rejects.toThrow(PermanentError);
      expect(site.requests.count({ path: 'issue' })).toBe(0);
    },
  );
});

describe('who we are and who may be assigned', () => {
  test('is asked once', async () => {
    const { site, tracker } = await openDesk();
    expect(await tracker.myself()).toEqual({ accountId: site.botId, displayName: 'Triage Bot' });
    expect(await tracker.myself()).toEqual({ accountId: site.botId, displayName: 'Triage Bot' });
    expect(site.requests.count({ path: 'myself' })).toBe(1);
  });

  test('is asked again after it failed', async () => {
    const { site, tracker } = await openDesk();
    site.faults.unavailable();
    await expect(tracker.myself()).rejects.toThrow(TransientError);
    expect(await tracker.myself()).toMatchObject({ accountId: site.botId });
  });

  test('agents may be assigned; customers, inactive people and strangers may not', async () => {
    const { site, tracker, key } = await openDesk();
    site.addUser({ accountId: 'agent-gone', displayName: 'Gone', active: false });
    const answers = ['agent-ada', 'customer-cy', 'agent-gone', 'nobody-knows'].map((id) =>
      tracker.isAssignable(key, id),
    );
    expect(await Promise.all(answers)).toEqual([true, false, false, false]);
  });
});

describe('editing', () => {
  test('is one accepted edit that changes the fields and leaves its mark', async () => {
    const { site, tracker, id, key } = await openDesk();
    const edit = editWith({
      fields: { priority: { name: 'High' }, assignee: { accountId: 'agent-ada' }, [TEAM]: { value: 'Network' } },
      update: {
        labels: [{ add: 'cat-network' }],
        components: [{ add: { name: 'Network' } }, { remove: { name: 'Email' } }],
      },
    });
    expect(await tracker.edit(id, edit)).toEqual({ kind: 'done' });
    expect(site.issue(key)).toMatchObject({
      labels: ['cat-network', 'vip'],
      components: ['Network'],
      priority: 'High',
      assignee: 'agent-ada',
      custom: { [TEAM]: 'Network' },
      properties: { [MARK_KEY]: mark },
    });
    expect(site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
    expect(site.requests.count({ method: 'PUT' })).toBe(1);
    const issue = await tracker.issue(id);
    expect(issue?.mark).toEqual(mark);
    expect(issue?.changes.every(({ by }) => by === site.botId)).toBe(true);
  });

  test('clears what it is told to clear', async () => {
    const { site, tracker, key } = await openDesk();
    site.editAs('agent-ada', key, { assignee: 'agent-ada', custom: { [TEAM]: 'Network' } });
    await tracker.edit(key, editWith({ fields: { assignee: null, [TEAM]: null }, update: {} }));
    expect(site.issue(key)).toMatchObject({ assignee: null, custom: {} });
  });

  test.each([
    ['a value that is not allowed', { fields: { [TEAM]: { value: 'Nowhere' } } }, TEAM],
    ['a field that is locked', { fields: { [LOCKED]: 'x' } }, LOCKED],
    ['a person who cannot be assigned', { fields: { assignee: { accountId: 'customer-cy' } } }, 'assignee'],
    ['a label with a space', { update: { labels: [{ add: 'cat-two words' }] } }, 'labels'],
  ])('%s is refused with the reason, and nothing of the edit lands', async (_what, parts, field) => {
    const { site, tracker, key } = await openDesk();
    const result = await tracker.edit(key, editWith({ update: { labels: [{ add: 'cat-network' }] }, ...parts }));
    expect(result).toEqual({ kind: 'refused', reason: expect.stringContaining(`400: ${field}`) });
    expect(site.issue(key)).toMatchObject({ labels: ['vip'], properties: {} });
    expect(site.edits(key)).toEqual([]);
  });

  test('is refused without the right to edit', async () => {
    const { site, tracker, key } = await openDesk();
    site.setPermission('EDIT_ISSUES', false);
    expect(await tracker.edit(key, editWith())).toMatchObject({ kind: 'refused' });
    expect(site.edits(key)).toEqual([]);
  });

  test('of an issue that is gone says gone', async () => {
    const { site, tracker, id, key } = await openDesk();
    site.deleteIssue(key);
    expect(await tracker.edit(id, editWith())).toEqual({ kind: 'gone' });
  });

  test('without mails to watchers sends the flag when we are an admin', async () => {
    const { site, tracker, key } = await openDesk({ bot: { admin: true } });
    expect(await tracker.edit(key, editWith({ notifyUsers: false }))).toEqual({ kind: 'done' });
    expect(site.requests.list({ method: 'PUT' })).toMatchObject([{ query: { notifyUsers: 'false' }, status: 204 }]);
  });

  test('without mails to watchers still edits once when we are no admin', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.edit(key, editWith({ notifyUsers: false }))).toEqual({ kind: 'done' });
    expect(site.issue(key)?.labels).toEqual(['cat-network', 'vip']);
    expect(site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
    expect(site.requests.list({ method: 'PUT' }).map(({ status }) => status)).toEqual([400, 204]);
  });

  test('that loses its answer has still landed, and its mark tells', async () => {
    const { site, tracker, key } = await openDesk();
    site.faults.next({ match: { method: 'PUT' }, status: 502, html: 'bad gateway', applied: true });
    await expect(tracker.edit(key, editWith())).rejects.toThrow(TransientError);
    expect((await tracker.issue(key))?.mark?.decisionId).toBe('d-1');
    expect(site.requests.count({ method: 'PUT' })).toBe(1);
  });

  test('an older mark, or somebody else’s, is no mark of ours', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.edit(key, editWith({ mark: { ...mark, values: {} } }));
    expect((await tracker.issue(key))?.mark).toEqual({ ...mark, values: {} });
    await ask(`${site.url}/rest/api/3/issue/${key}/properties/${MARK_KEY}`, { method: 'PUT', body: { else: 1 } });
    expect((await tracker.issue(key))?.mark).toBeNull();
  });
});

describe('notes', () => {
  test('are internal, never public', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.addInternalNote(key, ['Suggestion', 'category: *network* [~x]'])).toEqual({ kind: 'done' });
    expect(site.issue(key)?.comments).toMatchObject([{ author: site.botId, internal: true }]);
    expect(site.edits(key)).toMatchObject([{ kind: 'comment', internal: true }]);
    expect(site.requests.count({ path: '/rest/api/2/' })).toBe(0);
  });

  test('are not repeated, though another note may follow', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.addInternalNote(key, ['Suggestion', 'category: network']);
    await tracker.addInternalNote(key, ['Suggestion', 'category: network']);
    expect(site.issue(key)?.comments).toHaveLength(1);
    await tracker.addInternalNote(key, ['Suggestion', 'category: email']);
    expect(site.issue(key)?.comments).toHaveLength(2);
  });

  test('are written although a person said the same', async () => {
    const { site, tracker, key } = await openDesk();
    site.commentAs('agent-ada', key, { body: 'Suggestion' });
    await tracker.addInternalNote(key, ['Suggestion']);
    expect(site.issue(key)?.comments.map(({ author, internal }) => [author, internal])).toEqual([
      ['agent-ada', false],
      [site.botId, true],
    ]);
  });

  test('are refused where we may not comment, and gone where there is no issue', async () => {
    const { site, tracker, id, key } = await openDesk();
    site.setPermission('ADD_COMMENTS', false);
    expect(await tracker.addInternalNote(key, ['hi'])).toMatchObject({ kind: 'refused' });
    site.deleteIssue(key);
    expect(await tracker.addInternalNote(id, ['hi'])).toEqual({ kind: 'gone' });
  });

  test('a POST is never sent twice', async () => {
    const { site, tracker, key } = await openDesk();
    site.faults.next({ match: { method: 'POST', path: 'comment' }, status: 504, html: 'timeout', times: 3 });
    await expect(tracker.addInternalNote(key, ['hi'])).rejects.toThrow(TransientError);
    expect(site.requests.count({ method: 'POST', path: 'comment' })).toBe(1);
    expect(site.issue(key)?.comments).toEqual([]);
  });
});

describe('searching', () => {
  test('goes through short pages to the end, each issue once', async () => {
    const { site, tracker } = await openDesk({ pageLimit: 2 });
    for (let count = 0; count < 4; count += 1) site.addIssue({ projectKey: 'DESK', summary: `Issue ${count}` });
    const keys: string[] = [];
    let pages = 0;
    for (let page: string | null = null, isFirst = true; isFirst || page !== null; isFirst = false) {
      const found = await tracker.search('project = DESK ORDER BY created ASC', page);
      keys.push(...found.issues.map(({ key }) => key));
      page = found.next;
      pages += 1;
    }
    expect(keys.toSorted()).toEqual(
      site
        .issues()
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(pages).toBe(3);
  });

  test('gives whole issues with their marks, and an empty page where nothing matches', async () => {
    const { tracker, key } = await openDesk();
    await tracker.edit(key, editWith());
    const { issues, next } = await tracker.search('project = DESK', null);
    expect(issues).toMatchObject([{ key, summary: 'No network', components: ['Email'], mark }]);
    expect(next).toBeNull();
    expect(await tracker.search('project = DESK AND statusCategory = Done', null)).toEqual({ issues: [], next: null });
  });

  test('counts', async () => {
    const { tracker } = await openDesk();
    expect(await tracker.count('project = DESK')).toBe(1);
  });

  test('a query Jira does not understand is a permanent error with its words', async () => {
    const { tracker } = await openDesk();
    const failure = tracker.search('project = = DESK', null);
    await expect(failure).rejects.toThrow(PermanentError);
    await expect(failure).rejects.toThrow(/Jira answered 400: .{10,}/);
  });
});

describe('when Jira is in trouble', () => {
  async function failureOf(trouble: (site: JiraSite) => void): Promise<unknown> {
    const { site, tracker, key } = await openDesk();
    trouble(site);
    return tracker.issue(key).then(
      (issue) => `no error but ${JSON.stringify(issue)}`,
      (error: unknown) => error,
    );
  }

  test.each([
    [
      'a burst',
      (site: JiraSite) => site.faults.burst({ retryAfterSeconds: 3 }),
      { retryAfterMs: 3_000, scope: 'site' },
    ],
    [
      'too many writes to one issue',
      (site: JiraSite) => site.faults.perIssue({ retryAfterSeconds: 2 }),
      { retryAfterMs: 2_000, scope: 'issue' },
    ],
    [
      'an empty quota',
      (site: JiraSite) => site.faults.quota({ retryAfterSeconds: 900 }),
      { retryAfterMs: 900_000, scope: 'site' },
    ],
    [
      'a 429 that says nothing',
      (site: JiraSite) => site.faults.next({ status: 429 }),
      { retryAfterMs: 5_000, scope: 'site' },
    ],
  ])('%s is a pause of the right length and width', async (_what, trouble, expected) => {
    const error = await failureOf(trouble);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject(expected);
  });

  test('the gateway’s 429 without Retry-After waits for the reset it names', async () => {
    const error = await failureOf((site) => site.faults.gateway());
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ scope: 'site', retryAfterMs: expect.closeTo(1_000, -2) });
  });

  test.each([
    ['a maintenance page', (site: JiraSite) => site.faults.unavailable()],
    ['a login page with status 200', (site: JiraSite) => site.faults.loginPage()],
    ['an answer that breaks off', (site: JiraSite) => site.faults.truncated()],
    ['a connection that is reset', (site: JiraSite) => site.faults.reset()],
    ['a conflict', (site: JiraSite) => site.faults.conflict()],
    [
      'a redirect to somewhere else',
      (site: JiraSite) => site.faults.next({ status: 302, headers: { Location: '/login' } }),
    ],
    ['an empty answer with status 200', (site: JiraSite) => site.faults.next({ status: 200 })],
    ['a 500', (site: JiraSite) => site.faults.next({ status: 500, body: {} })],
  ])('%s may pass', async (_what, trouble) => {
    expect(await failureOf(trouble)).toBeInstanceOf(TransientError);
  });

  test('a site that is not there may come back', async () => {
    const transport = openTransport({ url: 'http://127.0.0.1:1', ...botCredentials }, () => {});
    await expect(jiraTracker(transport, []).issue('DESK-1')).rejects.toThrow(TransientError);
  });

  test('a token that is refused may be mended, and the message says what to mend', async () => {
    const { site } = await openDesk();
    const transport = openTransport({ url: site.url, email: botCredentials.email, apiToken: 'expired' }, () => {});
    const failure = jiraTracker(transport, []).issue('DESK-1');
    await expect(failure).rejects.toThrow(TransientError);
    await expect(failure).rejects.toThrow('JIRA_API_TOKEN');
  });

  test('a 403 may pass: an operator gives the permission back', async () => {
    expect(await failureOf((site) => site.faults.next({ status: 403, body: {} }))).toBeInstanceOf(TransientError);
  });

  test('nothing is retried here', async () => {
    const { site, tracker, key } = await openDesk();
    const faults = [site.faults.unavailable({ times: 5 })];
    await expect(tracker.issue(key)).rejects.toThrow(TransientError);
    expect(faults[0]?.hits).toBe(1);
  });

  test('every answer is observed, with what is left of the budget', async () => {
    const { site, tracker, exchanges, key } = await openDesk();
    site.faults.burst();
    await expect(tracker.issue(key)).rejects.toThrow(RateLimitedError);
    await tracker.issue(key);
    expect(exchanges).toMatchObject([
      { method: 'GET', status: 429, remaining: 0 },
      { method: 'GET', status: 200, remaining: null },
    ]);
  });

  test('no error tells our token', async () => {
    const errors = await Promise.all([
      failureOf((site) => site.faults.unavailable()),
      failureOf((site) => site.faults.reset()),
      failureOf((site) => site.faults.next({ status: 403, body: {} })),
    ]);
    for (const error of errors)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(botCredentials.apiToken);
  });
});

describe('scoped tokens', () => {
  test('work through the gateway', async () => {
    const { site, key } = await openDesk();
    const transport = openTransport({ url: site.gatewayUrl, ...botCredentials }, () => {});
    expect(await jiraTracker(transport, []).issue(key)).toMatchObject({ key });
  });
});

describe('a dry run', () => {
  test('reads everything and sends no change', async () => {
    const { site, tracker, key } = await openDesk();
    const dry = withoutWrites(tracker);
    expect(await dry.issue(key)).toMatchObject({ key });
    expect(await dry.edit(key, editWith())).toEqual({ kind: 'dry-run' });
    expect(await dry.addInternalNote(key, ['hi'])).toEqual({ kind: 'dry-run' });
    expect(site.requests.list().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(site.issue(key)).toMatchObject({ labels: ['vip'], comments: [], properties: {} });
  });
});
