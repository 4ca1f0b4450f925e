import { describe, expect, test } from 'vitest';
import { ask, clientOf, paragraph } from '../../fakes/jira/probe/caller.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

async function openDesk() {
  const site = await startJiraSite();
  const { key } = site.addIssue({ projectKey: 'DESK', summary: 'No network' });
  return Object.assign(site, { key, path: `${site.url}/rest/api/3/issue/${key}` });
}

describe('properties and comments', () => {
  test('a property is created with 201, replaced with 200, and bounded', async () => {
    await using site = await openDesk();
    const put = (body: unknown) => ask(`${site.path}/properties/triage`, { method: 'PUT', body });
    expect((await put({ a: 1 })).status).toBe(201);
    expect((await put({ a: 2 })).status).toBe(200);
    expect((await put('x'.repeat(32_766))).status).toBe(200);
    expect((await put('x'.repeat(32_767))).status).toBe(400);
    await put({ a: 3 });
    expect((await ask(`${site.path}/properties/triage`)).json).toEqual({ key: 'triage', value: { a: 3 } });
    expect((await ask(`${site.path}?properties=triage&fields=summary`)).json.properties).toEqual({ triage: { a: 3 } });
  });

  test('a comment is public unless its property says internal', async () => {
    await using site = await openDesk();
    const { issueComments } = clientOf(site);
    const properties = [{ key: 'sd.public.comment', value: { internal: true } }];
    await issueComments.addComment({ issueIdOrKey: site.key, body: paragraph('psst'), properties });
    await issueComments.addComment({ issueIdOrKey: site.key, body: paragraph('hello') });
    expect(site.issue(site.key)?.comments.map((comment) => comment.internal)).toEqual([true, false]);
    expect(site.edits(site.key)).toMatchObject([
      { kind: 'comment', internal: true, text: 'psst' },
      { kind: 'comment', internal: false },
    ]);
  });

  test('a comment the client sends as text loses its property and becomes public', async () => {
    await using site = await openDesk();
    const properties = [{ key: 'sd.public.comment', value: { internal: true } }];
    const added = clientOf(site).issueComments.addComment({ issueIdOrKey: site.key, body: 'psst', properties });
    // The client then reads the comment back, which the site does not simulate; without Jira's documents, 404 like Jira.
    await expect(added).rejects.toThrow(/is not simulated|No endpoint/);
    expect(site.issue(site.key)?.comments).toMatchObject([{ body: 'psst', internal: false }]);
  });

  test('a changed comment keeps its internal flag', async () => {
    await using site = await openDesk();
    const { id } = site.commentAs('agent-ada', site.key, { body: 'one', internal: true });
    expect((await ask(`${site.path}/comment/${id}`, { method: 'PUT', body: { body: paragraph('two') } })).status).toBe(
      200,
    );
    expect(site.issue(site.key)?.comments).toMatchObject([{ internal: true, body: { type: 'doc' } }]);
  });

  test.each([
    ['a plain string', 'plain'],
    ['an empty text', paragraph('')],
    ['an unknown node', { type: 'doc', version: 1, content: [{ type: 'marquee' }] }],
  ])('refuses %s as the body of a comment', async (_what, body) => {
    await using site = await openDesk();
    const answer = await ask(`${site.path}/comment`, { method: 'POST', body: { body } });
    expect(answer).toMatchObject({
      status: 400,
      json: { errorMessages: [], errors: { comment: 'Comment body is not valid!' } },
    });
  });

  test('the service desk takes text, wants `public` said, and complains in a shape of its own', async () => {
    await using site = await openDesk();
    const url = `${site.url}/rest/servicedeskapi/request/${site.key}/comment`;
    expect(await ask(url, { method: 'POST', body: { body: 'psst', public: false } })).toMatchObject({
      status: 201,
      json: { public: false },
    });
    const { status, json } = await ask(url, { method: 'POST', body: { body: 'psst' } });
    expect([status, Object.keys(json)]).toEqual([400, ['errorMessage', 'i18nErrorMessage']]);
    expect(site.issue(site.key)?.comments).toMatchObject([{ internal: true, body: 'psst' }]);
  });
});
