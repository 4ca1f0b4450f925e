import { describe, expect, test } from 'vitest';
import { ask, clientOf } from '../../fakes/jira/probe/caller.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

const customFields = [
  { id: 'customfield_10050', name: 'Team', kind: 'select' as const, options: ['Platform', 'Desktop'] },
  { id: 'customfield_10051', name: 'Route', kind: 'string' as const },
  { id: 'customfield_10052', name: 'Owner', kind: 'user' as const },
  { id: 'customfield_10053', name: 'Locked', kind: 'string' as const, editable: false },
];

async function openDesk(bot = {}) {
  const site = await startJiraSite({ customFields, bot });
  const { key, id } = site.addIssue({
    projectKey: 'DESK',
    summary: 'No network',
    labels: ['human'],
    description: 'h1. Help\n\n{code}\nping\n{code}',
  });
  return Object.assign(site, { key, id, path: `${site.url}/rest/api/3/issue/${key}` });
}

describe('reading an issue', () => {
  test('shows the description as a document, and as wiki markup nowhere', async () => {
    await using site = await openDesk();
    const issue = await clientOf(site).issues.getIssue({ issueIdOrKey: site.key, fields: ['description', 'status'] });
    expect(issue.fields?.['description']).toMatchObject({
      type: 'doc',
      version: 1,
      content: [{ type: 'heading' }, { type: 'codeBlock' }],
    });
    expect(Object.keys(issue.fields ?? {}).sort()).toEqual(['description', 'status']);
  });

  test('offers operations and allowed values of every editable field, and of no other', async () => {
    await using site = await openDesk();
    const { fields } = await clientOf(site).issues.getEditIssueMeta({ issueIdOrKey: site.key });
    expect(fields?.['labels']?.operations).toEqual(['add', 'set', 'remove']);
    expect(fields?.['priority']?.allowedValues).toHaveLength(5);
    expect(fields?.['customfield_10050']?.allowedValues).toMatchObject([{ value: 'Platform' }, { value: 'Desktop' }]);
    expect(fields?.['components']?.allowedValues).toMatchObject([
      { name: 'Email' },
      { name: 'Hardware' },
      { name: 'Network' },
    ]);
    expect(fields?.['assignee']?.autoCompleteUrl).toContain(site.key);
    expect(fields).not.toHaveProperty('customfield_10053');
  });

  test('hides secret issues and hidden projects behind the same 404', async () => {
    await using site = await startJiraSite({
      projects: [{ key: 'DESK' }, { key: 'HR', hidden: true }],
      bot: { hiddenSecurityLevels: ['Board'] },
    });
    const secret = site.addIssue({ projectKey: 'DESK', summary: 'Merger', securityLevel: 'Board' });
    const hidden = site.addIssue({ projectKey: 'HR', summary: 'Raise' });
    for (const key of [secret.key, hidden.key, 'DESK-999']) {
      expect(await ask(`${site.url}/rest/api/3/issue/${key}`)).toMatchObject({ status: 404, json: { errors: {} } });
    }
  });

  test('answers a former key with the issue under its new key', async () => {
    await using site = await startJiraSite({ projects: [{ key: 'DESK' }, { key: 'NET' }] });
    const { key, id } = site.addIssue({ projectKey: 'DESK', summary: 'Cable' });
    site.moveIssue(key, 'NET-7');
    const issue = await clientOf(site).issues.getIssue({ issueIdOrKey: key });
    expect(issue).toMatchObject({ id, key: 'NET-7' });
  });

  test('writes times without a colon, in the zone of the site', async () => {
    await using site = await startJiraSite({ timeZoneOffset: '+0530' });
    const { key } = site.addIssue({ projectKey: 'DESK', summary: 'Tea', created: '2026-04-25T13:05:13.605Z' });
    const { json } = await ask(`${site.url}/rest/api/3/issue/${key}?fields=created`);
    expect(json.fields.created).toBe('2026-04-25T18:35:13.605+0530');
  });
});

describe('editing an issue', () => {
  test('merges labels, sets every kind of field and keeps what it was not asked to touch', async () => {
    await using site = await openDesk();
    await clientOf(site).issues.editIssue({
      issueIdOrKey: site.key,
      fields: {
        priority: { name: 'High' },
        assignee: { accountId: 'agent-ada' },
        customfield_10050: { value: 'Desktop' },
        customfield_10051: 'vpn',
      },
      update: { labels: [{ add: 'network' }, { remove: 'absent' }], components: [{ add: { name: 'Network' } }] },
      properties: [{ key: 'triage', value: { revision: 'r1' } }],
    });
    expect(site.issue(site.key)).toMatchObject({
      priority: 'High',
      assignee: 'agent-ada',
      labels: ['human', 'network'],
      components: ['Network'],
      custom: { customfield_10050: 'Desktop', customfield_10051: 'vpn' },
      properties: { triage: { revision: 'r1' } },
    });
    expect(site.edits(site.key)).toHaveLength(1);
    expect(site.violations).toEqual([]);
  });

  test('writes nothing at all when one field is refused', async () => {
    await using site = await openDesk();
    const before = site.issue(site.key);
    const answer = await ask(site.path, {
      method: 'PUT',
      body: {
        fields: { priority: { name: 'Urgent!' }, customfield_10051: 'vpn' },
        update: { labels: [{ add: 'x' }] },
        properties: [{ key: 'p', value: 1 }],
      },
    });
    expect(answer).toMatchObject({
      status: 400,
      json: { errorMessages: [], errors: { priority: "Priority name 'Urgent!' is not valid" } },
    });
    expect(site.issue(site.key)).toEqual(before);
    expect(site.edits(site.key)).toEqual([]);
  });

  test.each([
    ['a field in both fields and update', { fields: { labels: ['a'] }, update: { labels: [{ add: 'b' }] } }, 'labels'],
    ['a plain text as description', { fields: { description: 'plain' } }, 'description'],
    ['a label with a space', { update: { labels: [{ add: 'two words' }] } }, 'labels'],
    ['an option that does not exist', { fields: { customfield_10050: { value: 'Moon' } } }, 'customfield_10050'],
    ['a component of nowhere', { update: { components: [{ add: { name: 'Moon' } }] } }, 'components'],
    ['a customer as assignee', { fields: { assignee: { accountId: 'customer-cy' } } }, 'assignee'],
    ['a field that is not editable', { fields: { customfield_10053: 'x' } }, 'customfield_10053'],
    ['a verb the field does not take', { update: { summary: [{ add: 'x' }] } }, 'summary'],
  ])('refuses %s', async (_what, body, field) => {
    await using site = await openDesk();
    const { status, json } = await ask(site.path, { method: 'PUT', body });
    expect(status).toBe(400);
    expect(Object.keys(json.errors)).toEqual([field]);
  });

  test('gives the edited issue back only when asked', async () => {
    await using site = await openDesk();
    const body = { fields: { summary: 'New' } };
    expect(await ask(site.path, { method: 'PUT', body })).toMatchObject({ status: 204, text: '' });
    expect(await ask(`${site.path}?returnIssue=true`, { method: 'PUT', body })).toMatchObject({
      status: 200,
      json: { fields: { summary: 'New' } },
    });
  });

  test('lets only an admin discard the notification, and writes nothing for anyone else', async () => {
    await using plain = await openDesk();
    await using admin = await openDesk({ admin: true });
    const body = { fields: { summary: 'Quiet' } };
    const refused = await ask(`${plain.path}?notifyUsers=false`, { method: 'PUT', body });
    expect(refused.json.errorMessages).toEqual([
      'To discard the user notification either admin or project admin permissions are required.',
    ]);
    expect(plain.issue(plain.key)?.summary).toBe('No network');
    expect((await ask(`${admin.path}?notifyUsers=false`, { method: 'PUT', body })).status).toBe(204);
  });

  test('lists who changed what, newest first when expanded and oldest first when paged', async () => {
    await using site = await openDesk();
    site.editAs('agent-ada', site.key, { addLabels: ['second'], assignee: 'agent-ben' });
    await ask(site.path, { method: 'PUT', body: { fields: { priority: { id: '1' } } } });
    const issue = await clientOf(site).issues.getIssue({ issueIdOrKey: site.key, expand: 'changelog' });
    const page = await clientOf(site).issues.getChangeLogs({ issueIdOrKey: site.key });
    expect(issue.changelog?.histories?.map(({ author }) => author?.accountId)).toEqual([site.botId, 'agent-ada']);
    expect(page.values.map(({ author }) => author?.accountId)).toEqual(['agent-ada', site.botId]);
    expect(page.values[0]?.items).toMatchObject([
      { fieldId: 'labels', from: null, fromString: 'human', to: null, toString: 'human second' },
      { fieldId: 'assignee', from: null, to: 'agent-ben', toString: 'Ben Agent' },
    ]);
  });

  test('leaves no trace of an edit that changes nothing', async () => {
    await using site = await openDesk();
    const before = site.issue(site.key);
    await ask(site.path, { method: 'PUT', body: { update: { labels: [{ add: 'human' }] } } });
    expect(site.issue(site.key)).toEqual(before);
    expect(site.edits(site.key)).toMatchObject([{ kind: 'edit', items: [] }]);
  });

  test('lets people go on editing an issue whose component or option the site has lost', async () => {
    await using site = await openDesk();
    site.editAs('agent-ada', site.key, { components: ['Email'], custom: { customfield_10050: 'Desktop' } });
    site.setComponents('DESK', ['Network']);
    site.setOptions('customfield_10050', ['Platform']);
    expect(site.editAs('agent-ada', site.key, { addLabels: ['x'] })).toMatchObject({
      labels: ['human', 'x'],
      components: ['Email'],
    });
    const answer = await ask(site.path, {
      method: 'PUT',
      body: { fields: { customfield_10050: { value: 'Desktop' } } },
    });
    expect(answer.json.errors).toEqual({ customfield_10050: "Option value 'Desktop' is not valid" });
  });

  test('resolves an issue that moves to a done status', async () => {
    await using site = await openDesk();
    expect(site.editAs('agent-ada', site.key, { status: 'Done' })).toMatchObject({
      resolution: 'Done',
      resolved: expect.any(Number),
    });
    expect(site.editAs('agent-ada', site.key, { status: 'To Do' })).toMatchObject({ resolution: null, resolved: null });
  });
});

describe('assigning', () => {
  test.each([
    [{ accountId: 'agent-ada' }, 204, 'agent-ada'],
    [{ accountId: null }, 204, null],
    [{ accountId: '-1' }, 204, null],
    [{}, 400, 'agent-ben'],
    [{ accountId: 'customer-cy' }, 400, 'agent-ben'],
    [{ accountId: 'nobody' }, 400, 'agent-ben'],
  ])('%j answers %i', async (body, status, assignee) => {
    await using site = await openDesk();
    site.editAs('agent-ben', site.key, { assignee: 'agent-ben' });
    expect((await ask(`${site.path}/assignee`, { method: 'PUT', body })).status).toBe(status);
    expect(site.issue(site.key)?.assignee).toBe(assignee);
    expect(site.violations).toEqual([]);
  });

  test('finds only people who can be assigned', async () => {
    await using site = await openDesk();
    const users = clientOf(site).userSearch;
    expect((await users.findAssignableUsers({ project: 'DESK', query: '' })).map((user) => user.accountId)).toEqual([
      'agent-ada',
      'agent-ben',
    ]);
    expect(await users.findAssignableUsers({ issueKey: site.key, accountId: 'customer-cy' })).toEqual([]);
  });
});
