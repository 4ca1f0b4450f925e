import { describe, expect, test } from 'vitest';
import { documentedOperations } from '../../fakes/jira/gate/openapi-document.ts';
import { ask, clientOf, paragraph } from '../../fakes/jira/probe/caller.ts';
import type { JiraSite } from '../../fakes/jira/site.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

if (documentedOperations().length === 0) {
  if (process.env['CI_REQUIRE_SHARED'] === '1') throw new Error('the OpenAPI documents are required and absent');
  console.log('requests are not checked against the OpenAPI documents: no shared folder');
}

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 4, 1, 12, 0);

async function openDesk(options = {}) {
  const site = await startJiraSite({
    projects: [{ key: 'DESK', components: ['Email'] }, { key: 'NET' }],
    now: () => NOON,
    ...options,
  });
  site.addIssue({
    projectKey: 'DESK',
    summary: 'old',
    created: NOON - 48 * HOUR,
    labels: ['vpn'],
    status: 'Done',
    resolved: NOON - HOUR,
  });
  site.addIssue({
    projectKey: 'DESK',
    summary: 'new',
    created: NOON - HOUR,
    assignee: 'agent-ada',
    components: ['Email'],
  });
  site.addIssue({ projectKey: 'NET', summary: 'other', created: NOON - 10 * HOUR, labels: ['wifi', 'vpn'] });
  return site;
}

async function keysOf(site: JiraSite, jql: string): Promise<string[]> {
  const { json } = await ask(`${site.url}/rest/api/3/search/jql?fields=key&jql=${encodeURIComponent(jql)}`);
  return json.issues?.map((issue: { key: string }) => issue.key) ?? [json.errorMessages[0]];
}

describe('JQL', () => {
  test.each([
    ['project = DESK ORDER BY created ASC', ['DESK-1', 'DESK-2']],
    ['project in (DESK, net) ORDER BY key DESC', ['NET-1', 'DESK-2', 'DESK-1']],
    ['project = DESK AND statusCategory = Done', ['DESK-1']],
    ['project = DESK AND statusCategory != Done', ['DESK-2']],
    ['project = DESK AND resolution is EMPTY', ['DESK-2']],
    ['resolution is not EMPTY', ['DESK-1']],
    ['created >= "2026-05-01 02:00" ORDER BY id ASC', ['DESK-2', 'NET-1']],
    ['created < 2026-05-01', ['DESK-1']],
    ['updated >= -90m ORDER BY id ASC', ['DESK-1', 'DESK-2']],
    ['resolved >= -2h', ['DESK-1']],
    ['key in (DESK-2, NET-1) ORDER BY key ASC', ['DESK-2', 'NET-1']],
    ['id = 10001', ['DESK-1']],
    ['labels = vpn AND NOT project = NET', ['DESK-1']],
    ['labels != vpn', []],
    ['labels is EMPTY', ['DESK-2']],
    ['assignee = "agent-ada"', ['DESK-2']],
    ['assignee is EMPTY AND (project = NET OR status = "Done") ORDER BY id ASC', ['DESK-1', 'NET-1']],
    ['component = Email', ['DESK-2']],
  ])('%s', async (jql, keys) => {
    await using site = await openDesk();
    expect(await keysOf(site, jql)).toEqual(keys);
  });

  test.each([
    ['project = DESK AND text ~ "vpn"', 'Field'],
    ['project = MOON', "The value 'MOON' does not exist for the field 'project'."],
    ['project ~ DESK', "The operator '~' is not supported"],
    ['project = DESK AND created >= yesterday', 'Date value'],
    ['project = DESK ORDER BY mood', 'Field'],
    ['project = DESK AND', 'Error in the JQL Query'],
    ['project = DESK status = Done', 'Error in the JQL Query'],
    ['(project = DESK', 'Error in the JQL Query'],
    ['', 'Unbounded JQL'],
  ])('refuses %j instead of guessing', async (jql, message) => {
    await using site = await openDesk();
    const answer = await ask(`${site.url}/rest/api/3/search/jql`, { method: 'POST', body: { jql } });
    expect(answer.status).toBe(400);
    expect(answer.json.errorMessages[0]).toContain(message);
  });
});

describe('search', () => {
  test('pages through everything once with short pages and ends without a token', async () => {
    await using site = await startJiraSite({ pageLimit: 7 });
    for (let count = 0; count < 40; count += 1)
      site.addIssue({ projectKey: 'DESK', summary: `issue ${count}`, created: NOON - (count % 5) * HOUR });
    const seen: (string | undefined)[] = [];
    const { issueSearch } = clientOf(site);
    let token: string | undefined;
    do {
      const next = token === undefined ? {} : { nextPageToken: token };
      const page = await issueSearch.searchAndReconsileIssuesUsingJql({
        jql: 'project = DESK ORDER BY created ASC',
        maxResults: 50,
        fields: ['summary'],
        ...next,
      });
      expect(page.issues?.length).toBeLessThanOrEqual(7);
      seen.push(...(page.issues ?? []).map((issue) => issue.key));
      expect(page.isLast).toBe(page.nextPageToken === undefined);
      token = page.nextPageToken ?? undefined;
    } while (token !== undefined);
    expect(seen).toHaveLength(40);
    expect(new Set(seen).size).toBe(40);
    expect(site.violations).toEqual([]);
  });

  test('neither repeats nor loses issues when others are removed between pages', async () => {
    await using site = await startJiraSite({ pageLimit: 2 });
    const keys = [1, 2, 3, 4].map(
      (hour) => site.addIssue({ projectKey: 'DESK', summary: 's', created: NOON + hour * HOUR }).key,
    );
    const url = `${site.url}/rest/api/3/search/jql?jql=${encodeURIComponent('project = DESK ORDER BY created ASC')}&fields=key`;
    const first = await ask(url);
    site.deleteIssue(keys[0] ?? '');
    const second = await ask(`${url}&nextPageToken=${first.json.nextPageToken}`);
    expect(second.json.issues.map((issue: { key: string }) => issue.key)).toEqual(keys.slice(2));
  });

  test('shows ids only, unless fields are asked for', async () => {
    await using site = await openDesk();
    const { json } = await ask(`${site.url}/rest/api/3/search/jql`, { method: 'POST', body: { jql: 'id = 10001' } });
    expect(json).toEqual({ issues: [{ id: '10001' }], isLast: true });
  });

  test('knows a new issue only after the lag of the index, unless it is reconciled', async () => {
    let now = NOON;
    await using site = await startJiraSite({ indexLagMs: 30_000, now: () => now });
    const { id, key } = await site.createIssue({ projectKey: 'DESK', summary: 'fresh' });
    const search = async (reconcileIssues: number[] = []) => {
      const { json } = await ask(`${site.url}/rest/api/3/search/jql`, {
        method: 'POST',
        body: { jql: 'project = DESK', reconcileIssues, fields: ['labels'] },
      });
      return json.issues.map((issue: { fields: { labels: string[] } }) => issue.fields.labels);
    };
    expect(await search()).toEqual([]);
    expect(await search([Number(id)])).toEqual([[]]);
    now += 31_000;
    site.editAs('agent-ada', key, { addLabels: ['late'] });
    expect(await search()).toEqual([[]]);
    now += 31_000;
    expect(await search()).toEqual([['late']]);
  });

  test('is gone at its old address, whatever the method', async () => {
    await using site = await openDesk();
    expect((await ask(`${site.url}/rest/api/3/search?jql=project=DESK`)).status).toBe(410);
    expect(
      (await ask(`${site.url}/rest/api/3/search`, { method: 'POST', body: { jql: 'project = DESK' } })).status,
    ).toBe(410);
    expect(site.violations).toEqual([]);
  });

  test('counts without listing', async () => {
    await using site = await openDesk();
    expect(await clientOf(site).issueSearch.countIssues({ jql: 'project = DESK' })).toEqual({ count: 2 });
  });

  test('fetches many at once in ascending id order and leaves out what cannot be seen', async () => {
    await using site = await openDesk();
    const { issues } = await clientOf(site).issues.bulkFetchIssues({
      issueIdsOrKeys: ['NET-1', 'DESK-1', 'DESK-99'],
      fields: ['summary'],
    });
    expect(issues?.map((issue) => issue.key)).toEqual(['DESK-1', 'NET-1']);
  });

  test.skipIf(documentedOperations().length === 0)('records a request the documents do not allow', async () => {
    await using site = await openDesk();
    expect((await ask(`${site.url}/rest/api/3/issue/DESK-1?colour=red`)).status).toBe(400);
    expect(
      (
        await ask(`${site.url}/rest/api/3/issue/DESK-1/comment`, {
          method: 'POST',
          body: { body: paragraph('x'), jsdPublic: false },
        })
      ).status,
    ).toBe(400);
    expect(
      (
        await ask(`${site.url}/rest/api/3/issue/DESK-1`, {
          method: 'PUT',
          body: { update: { labels: [{ append: 'x' }] } },
        })
      ).status,
    ).toBe(400);
    expect((await ask(`${site.url}/rest/api/3/issue/DESK-1/worklog`)).status).toBe(501);
    expect(site.violations).toEqual([
      "GET /rest/api/3/issue/{issueIdOrKey}: unknown query parameter 'colour'",
      'POST /rest/api/3/issue/{issueIdOrKey}/comment: body/jsdPublic is read-only: it would be ignored',
      "PUT /rest/api/3/issue/{issueIdOrKey}: body/update/labels/0 must NOT have additional properties ('append')",
      'GET /rest/api/3/issue/DESK-1/worklog is not simulated',
    ]);
  });

  test('keeps 13,000 issues within reach', async () => {
    await using site = await startJiraSite({ pageLimit: 1_000 });
    const started = performance.now();
    for (let count = 0; count < 13_000; count += 1)
      site.addIssue({ projectKey: 'DESK', summary: `issue ${count}`, created: NOON + count });
    let token: string | undefined;
    let seen = 0;
    do {
      const { json } = await ask(`${site.url}/rest/api/3/search/jql`, {
        method: 'POST',
        body: {
          jql: 'project = DESK ORDER BY created ASC',
          fields: ['summary', 'status'],
          maxResults: 1_000,
          ...(token && { nextPageToken: token }),
        },
      });
      seen += json.issues.length;
      token = json.nextPageToken;
    } while (token);
    expect(seen).toBe(13_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
