import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ask, clientOf } from '../../fakes/jira/probe/caller.ts';
import { connectJiraSite } from '../../fakes/jira/remote.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

async function openDesk(options = {}) {
  const site = await startJiraSite(options);
  const { key } = site.addIssue({ projectKey: 'DESK', summary: 'No network' });
  return Object.assign(site, { key, path: `${site.url}/rest/api/3/issue/${key}` });
}

const label = (name: string) => ({ method: 'PUT', body: { update: { labels: [{ add: name }] } } });

describe('signing in', () => {
  test('tells who the bot is, and refuses a wrong token', async () => {
    await using site = await openDesk();
    expect(await clientOf(site).myself.getCurrentUser()).toMatchObject({ accountId: site.botId, accountType: 'app' });
    expect(
      (await ask(`${site.url}/rest/api/3/myself`, { as: 'triage-bot@serviceaccount.example.com:wrong' })).status,
    ).toBe(401);
  });

  test('nobody sees nothing, without being told why', async () => {
    await using site = await openDesk();
    expect((await ask(site.path, { as: null })).status).toBe(404);
    expect((await ask(`${site.url}/rest/api/3/search/jql?jql=project%20%3D%20DESK`, { as: null })).json).toEqual({
      issues: [],
      isLast: true,
    });
  });

  test('a scoped token works at the address of the tenant', async () => {
    await using site = await openDesk();
    expect(await clientOf({ url: site.gatewayUrl }).issues.getIssue({ issueIdOrKey: site.key })).toMatchObject({
      key: site.key,
    });
  });

  test('says what the bot may do, and takes it away', async () => {
    await using site = await openDesk();
    const rights = async () =>
      (await clientOf(site).permissions.getMyPermissions({ projectKey: 'DESK', permissions: 'EDIT_ISSUES' }))
        .permissions;
    expect(await rights()).toMatchObject({ EDIT_ISSUES: { havePermission: true } });
    site.setPermission('EDIT_ISSUES', false);
    expect(await rights()).toMatchObject({ EDIT_ISSUES: { havePermission: false } });
    expect(await ask(site.path, label('x'))).toMatchObject({
      status: 400,
      json: { errors: { labels: expect.stringContaining('cannot be set') } },
    });
    expect((await ask(`${site.url}/rest/api/3/mypermissions?permissions=FLY`)).status).toBe(400);
  });

  test('lists fields, priorities and components in shapes the client takes', async () => {
    await using site = await openDesk({
      customFields: [{ id: 'customfield_10050', name: 'Team', kind: 'select', options: ['A'] }],
    });
    const client = clientOf(site);
    expect(await client.issueFields.getFields()).toContainEqual(
      expect.objectContaining({ id: 'customfield_10050', custom: true }),
    );
    expect((await client.issuePriorities.searchPriorities()).values).toHaveLength(5);
    expect(
      (await client.projectComponents.getProjectComponents({ projectIdOrKey: 'DESK' })).map(({ name }) => name),
    ).toEqual(['Email', 'Hardware', 'Network']);
    expect((await ask(`${site.url}/rest/api/3/priority`)).json).toHaveLength(5);
  });
});

describe('a site in another process', () => {
  test('is seeded, edited, broken and read from here', async () => {
    const main = join(import.meta.dirname, '../../fakes/jira/main.ts');
    const child = spawn(process.execPath, [main], {
      env: { ...process.env, JIRA_SITE_OPTIONS: '{"openapi":"off"}' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(child.stdout, 'data');
      const { url } = z.object({ url: z.string() }).parse(JSON.parse(String(line)));
      const site = connectJiraSite(url);
      const [key = ''] = await site.seed([{ projectKey: 'DESK', summary: 'Seeded' }]);
      await site.editAs('agent-ada', key, { addLabels: ['vpn'] });
      await site.fault({ kind: 'conflict', match: { path: 'DESK' } });
      expect((await ask(`${url}/rest/api/3/issue/${key}`, label('a'))).status).toBe(409);
      expect((await ask(`${url}/rest/api/3/issue/${key}`, label('a'))).status).toBe(204);
      expect(await site.issue(key)).toMatchObject({ labels: ['a', 'vpn'] });
      expect(await site.edits(key)).toMatchObject([{ kind: 'edit' }]);
      expect(await site.stats()).toMatchObject({ issues: 1, statuses: { 204: 1, 409: 1 } });
      await expect(site.createIssue({ projectKey: 'MOON', summary: 'x' })).rejects.toThrow("no project 'MOON'");
    } finally {
      child.kill();
    }
  });
});
