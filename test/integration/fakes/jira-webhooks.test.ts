import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ask } from '../../fakes/jira/probe/caller.ts';
import { startReceiver } from '../../fakes/jira/probe/receiver.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

const secret = "It's a Secret to Everybody";
const draft = {
  projectKey: 'DESK',
  summary: 'No network',
  description: '*bold* {code}ping{code}',
  reporter: 'customer-cy',
  labels: ['vpn'],
};

async function openBoth(options = {}) {
  const receiver = await startReceiver();
  const site = await startJiraSite({
    ...options,
    webhook: { url: receiver.url, secret, backoffMs: [5], timeoutMs: 300 },
  });
  const dispose = async () => {
    await site.close();
    await receiver[Symbol.asyncDispose]();
  };
  return { site, receiver, [Symbol.asyncDispose]: dispose };
}

describe('a webhook', () => {
  test('is signed over its raw bytes and says who made what, in wiki markup', async () => {
    await using both = await openBoth();
    const { key } = await both.site.createIssue(draft);
    await both.site.webhooks.flush();
    const [hook] = both.receiver.received;
    expect(hook?.headers['x-hub-signature']).toBe(
      `sha256=${createHmac('sha256', secret)
        .update(hook?.raw ?? '')
        .digest('hex')}`,
    );
    expect(hook?.headers).toMatchObject({
      'x-atlassian-webhook-flow': 'Primary',
      'x-atlassian-webhook-identifier': expect.any(String),
    });
    expect(hook?.headers).not.toHaveProperty('x-atlassian-webhook-retry');
    expect(hook?.body).toMatchObject({
      webhookEvent: 'jira:issue_created',
      issue_event_type_name: 'issue_created',
      user: { accountId: 'customer-cy' },
      issue: {
        key,
        self: expect.stringContaining('/rest/api/2/issue/'),
        fields: { description: draft.description, labels: ['vpn'] },
      },
      changelog: {
        items: expect.arrayContaining([expect.objectContaining({ fieldId: 'summary', toString: 'No network' })]),
      },
    });
  });

  test('echoes the edits of the bot with the bot as user, and not its comments or properties', async () => {
    await using both = await openBoth();
    const { key } = both.site.addIssue(draft);
    const path = `${both.site.url}/rest/api/3/issue/${key}`;
    await ask(path, {
      method: 'PUT',
      body: { update: { labels: [{ add: 'new' }] }, properties: [{ key: 'p', value: 1 }] },
    });
    both.site.commentAs('agent-ada', key, { body: 'hello' });
    await both.site.webhooks.flush();
    expect(both.receiver.received.map(({ body }) => body)).toMatchObject([
      {
        webhookEvent: 'jira:issue_updated',
        user: { accountId: both.site.botId },
        changelog: { items: [{ fieldId: 'labels', fromString: 'vpn', toString: 'new vpn' }] },
      },
    ]);
  });

  test('tells of comments and properties when these are subscribed', async () => {
    await using both = await openBoth();
    both.site.webhooks.connect({ url: both.receiver.url, events: ['comment_created', 'issue_property_set'] });
    const { key } = both.site.addIssue(draft);
    await ask(`${both.site.url}/rest/api/3/issue/${key}/properties/p`, { method: 'PUT', body: 1 });
    both.site.commentAs('agent-ada', key, { body: 'hello' });
    await both.site.webhooks.flush();
    expect(both.receiver.received.map(({ body }) => body)).toMatchObject([
      { webhookEvent: 'issue_property_set' },
      { webhookEvent: 'comment_created', comment: { body: 'hello' } },
    ]);
    expect(both.receiver.received[1]?.body).not.toHaveProperty('user');
  });

  test.each([408, 409, 425, 429, 500, 503, -1])(
    'is tried again after %i, with the same identifier and bytes',
    async (status) => {
      await using both = await openBoth();
      both.receiver.answer(status, status);
      await both.site.createIssue(draft);
      await both.site.webhooks.flush();
      const { received } = both.receiver;
      expect(received.map(({ headers }) => headers['x-atlassian-webhook-retry'])).toEqual([undefined, '1', '2']);
      expect(
        new Set(received.map(({ headers, raw }) => `${headers['x-atlassian-webhook-identifier']} ${raw}`)).size,
      ).toBe(1);
      expect(both.site.webhooks.deliveries()).toMatchObject([{ state: 'delivered', attempts: { length: 3 } }]);
    },
  );

  test('is given up after five retries', async () => {
    await using both = await openBoth();
    both.receiver.answer(500, 500, 500, 500, 500, 500, 500);
    await both.site.createIssue(draft);
    await both.site.webhooks.flush();
    expect(both.site.webhooks.deliveries()).toMatchObject([{ state: 'gave-up', attempts: { length: 6 } }]);
  });

  test.each([400, 401, 404])('is lost for good after %i', async (status) => {
    await using both = await openBoth();
    both.receiver.answer(status);
    await both.site.createIssue(draft);
    await both.site.webhooks.flush();
    expect(both.site.webhooks.deliveries()).toMatchObject([{ state: 'refused', attempts: { length: 1 } }]);
  });

  test('is tried again when the receiver takes too long', async () => {
    await using both = await openBoth();
    both.receiver.slow(400);
    await both.site.createIssue(draft);
    await expect.poll(() => both.receiver.received.length).toBeGreaterThan(1);
    both.receiver.slow(0);
    await both.site.webhooks.flush();
    expect(both.site.webhooks.deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  test('comes at most twenty at a time', async () => {
    await using both = await openBoth();
    both.receiver.slow(50);
    const many = Array.from({ length: 60 }, () => both.site.createIssue(draft));
    await Promise.all(many);
    await both.site.webhooks.flush();
    expect(both.receiver.mostInFlight()).toBe(20);
  });

  test('comes at most ten at a time on the secondary flow, as fallout of a bulk change', async () => {
    await using both = await openBoth();
    both.receiver.slow(50);
    await Promise.all(Array.from({ length: 30 }, () => both.site.createIssue(draft, { bulk: true })));
    await both.site.webhooks.flush();
    expect(both.receiver.mostInFlight()).toBe(10);
    expect(both.receiver.received.at(-1)).toMatchObject({
      headers: { 'x-atlassian-webhook-flow': 'Secondary' },
      body: { bulkOperationMetaData: {} },
    });
  });

  test('can be doubled, lost, sent again, held back and turned around', async () => {
    await using both = await openBoth();
    const { webhooks } = both.site;
    const create = async (summary: string) => both.site.createIssue({ ...draft, summary });
    webhooks.duplicate(1);
    await create('twice');
    webhooks.dropNext(1);
    await create('never');
    await webhooks.flush();
    webhooks.reorder(2);
    await create('second');
    await create('first');
    await webhooks.flush();
    webhooks.redeliver(webhooks.deliveries()[0]?.id ?? '');
    await webhooks.flush();
    const summaries = both.receiver.received.map(({ body }) => JSON.stringify(body).match(/"summary":"(\w+)"/)?.[1]);
    expect(summaries).toEqual(['twice', 'twice', 'first', 'second', 'twice']);
    expect(webhooks.deliveries().map(({ state }) => state)).toEqual(['delivered', 'dropped', 'delivered', 'delivered']);
  });

  test('waits while paused', async () => {
    await using both = await openBoth();
    both.site.webhooks.pause();
    await both.site.createIssue(draft);
    await expect(both.site.webhooks.flush()).rejects.toThrow('paused');
    expect(both.receiver.received).toHaveLength(0);
    both.site.webhooks.resume();
    await both.site.webhooks.flush();
    expect(both.receiver.received).toHaveLength(1);
  });

  test('from Automation is an unsigned issue with a numeric id', async () => {
    await using both = await openBoth();
    both.site.webhooks.disconnect();
    both.site.webhooks.connect({ url: both.receiver.url, kind: 'automation', headers: { 'X-Token': 't' } });
    const { id } = await both.site.createIssue(draft);
    await both.site.webhooks.flush();
    const [hook] = both.receiver.received;
    expect(hook?.headers).toMatchObject({ 'x-token': 't' });
    expect(hook?.headers).not.toHaveProperty('x-hub-signature');
    expect(hook?.body).toMatchObject({ issue: { id: Number(id), changelog: { histories: null } } });
  });
});
