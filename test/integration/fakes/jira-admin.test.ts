import { describe, expect, test } from 'vitest';
import { ask, clientOf } from '../../fakes/jira/probe/caller.ts';
import { connectJiraSite } from '../../fakes/jira/remote.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

const TEAM = 'customfield_10050';
const REQUEST = 'customfield_10010';
const COMPANY = 'customfield_10002';

async function openDesk() {
  const site = await startJiraSite({
    projects: [{ key: 'DESK', components: ['Email', 'Network'], componentLeads: { Email: 'agent-ada' } }],
    customFields: [
      { id: TEAM, name: 'Team', kind: 'select', options: ['Desktop', 'Network'] },
      { id: REQUEST, name: 'Request Type', kind: 'request-type' },
      { id: COMPANY, name: 'Organizations', kind: 'organizations' },
    ],
  });
  const { key } = site.addIssue({
    projectKey: 'DESK',
    summary: 'No mail',
    priority: 'High',
    components: ['Email'],
    custom: { [TEAM]: 'Desktop', [REQUEST]: 'Get help', [COMPANY]: 'ACME|Umbrella' },
  });
  return Object.assign(site, { key, api: `${site.url}/rest/api/3` });
}

describe('what an administrator changes', () => {
  test('deactivated people can be looked up and not assigned, and come back', async () => {
    await using site = await openDesk();
    const ada = async () => (await ask(`${site.api}/user?accountId=agent-ada`)).json;
    const assignable = async () =>
      (await ask(`${site.api}/user/assignable/search?issueKey=${site.key}&accountId=agent-ada`)).json;
    expect(await ada()).toMatchObject({ accountId: 'agent-ada', active: true });
    site.administer({ kind: 'user', accountId: 'agent-ada', change: { active: false } });
    site.administer({ kind: 'user', accountId: 'agent-ada', change: { displayName: 'Ada A.' } });
    expect(await ada()).toMatchObject({ active: false, displayName: 'Ada A.' });
    expect(await assignable()).toEqual([]);
    site.administer({ kind: 'user', accountId: 'agent-ada', change: { active: true } });
    expect(await assignable()).toHaveLength(1);
  });

  test('one account is answered, an unknown one is 404, and looking needs the right to', async () => {
    await using site = await openDesk();
    expect((await clientOf(site).users.getUser({ accountId: 'agent-ben' })).displayName).toBe('Ben Agent');
    expect((await ask(`${site.api}/user?accountId=nobody`)).status).toBe(404);
    expect((await ask(`${site.api}/user`)).status).toBe(400);
    expect((await ask(`${site.api}/user?accountId=agent-ben`, { as: null })).status).toBe(401);
    site.setPermission('USER_PICKER', false);
    expect((await ask(`${site.api}/user?accountId=agent-ben`)).status).toBe(403);
  });

  test('renamed values show in issues and in what may be chosen, without any history', async () => {
    await using site = await openDesk();
    site.administer({ kind: 'rename-priority', from: 'High', to: 'Urgent' });
    site.administer({ kind: 'rename-component', projectKey: 'DESK', from: 'Email', to: 'Mail' });
    site.administer({ kind: 'rename-option', fieldId: TEAM, from: 'Desktop', to: 'Workplace' });
    const { fields, editmeta } = (await ask(`${site.api}/issue/${site.key}?expand=editmeta`)).json;
    expect(fields.priority.name).toBe('Urgent');
    expect(fields.components).toMatchObject([{ name: 'Mail' }]);
    expect(fields[TEAM].value).toBe('Workplace');
    expect(editmeta.fields[TEAM].allowedValues.map(({ value }: { value: string }) => value)).toEqual([
      'Workplace',
      'Network',
    ]);
    expect(site.issue(site.key)?.histories).toEqual([]);
    expect((await ask(`${site.api}/project/DESK/components`)).json).toMatchObject([
      { name: 'Mail', lead: { accountId: 'agent-ada' } },
      { name: 'Network' },
    ]);
  });

  test('retired values cannot be chosen any more', async () => {
    await using site = await openDesk();
    site.administer({ kind: 'priorities', names: ['Highest', 'Low'] });
    site.setOptions(TEAM, ['Network']);
    const put = (fields: object) => ask(`${site.api}/issue/${site.key}`, { method: 'PUT', body: { fields } });
    expect((await put({ priority: { name: 'High' } })).status).toBe(400);
    expect((await put({ [TEAM]: { value: 'Desktop' } })).status).toBe(400);
    expect((await put({ priority: { name: 'Low' }, [TEAM]: { value: 'Network' } })).status).toBe(204);
  });

  test('a deleted field is gone from issues, from the list of fields and from what may be edited', async () => {
    await using site = await openDesk();
    site.administer({ kind: 'delete-field', fieldId: TEAM });
    const { fields, editmeta } = (await ask(`${site.api}/issue/${site.key}?expand=editmeta`)).json;
    expect(fields).not.toHaveProperty(TEAM);
    expect(editmeta.fields).not.toHaveProperty(TEAM);
    const listed = (await ask(`${site.api}/field`)).json;
    expect(listed.map(({ id }: { id: string }) => id)).not.toContain(TEAM);
    const body = { fields: { [TEAM]: { value: 'Network' } } };
    expect((await ask(`${site.api}/issue/${site.key}`, { method: 'PUT', body })).status).toBe(400);
    expect(site.editAs('agent-ada', site.key, { priority: 'Low' }).priority).toBe('Low');
  });

  test('can be ordered from another process', async () => {
    await using site = await openDesk();
    const remote = connectJiraSite(site.url);
    await remote.administer({ kind: 'user', accountId: 'agent-ada', change: { active: false } });
    await remote.administer({ kind: 'component-lead', projectKey: 'DESK', component: 'Email', accountId: null });
    expect((await ask(`${site.api}/user?accountId=agent-ada`)).json.active).toBe(false);
    expect((await ask(`${site.api}/project/DESK/components`)).json[0]).not.toHaveProperty('lead');
    await expect(remote.administer({ kind: 'delete-field', fieldId: 'customfield_1' })).rejects.toThrow('no field');
  });
});

describe('the fields of Jira Service Management', () => {
  test('are told by what made them, and hold what it puts there', async () => {
    await using site = await openDesk();
    const listed: { id: string; schema: { custom?: string } }[] = (await ask(`${site.api}/field`)).json;
    const madeBy = (id: string) => listed.find((field) => field.id === id)?.schema.custom;
    expect(madeBy(REQUEST)).toBe('com.atlassian.servicedesk:vp-origin');
    expect(madeBy(COMPANY)).toBe('com.atlassian.servicedesk:sd-customer-organizations');
    const { fields } = (await ask(`${site.api}/issue/${site.key}`)).json;
    expect(fields[REQUEST]).toMatchObject({ requestType: { name: 'Get help' } });
    expect(fields[COMPANY]).toMatchObject([{ name: 'ACME' }, { name: 'Umbrella' }]);
  });
});
