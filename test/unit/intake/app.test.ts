import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AUTOMATION_SECRET, WEBHOOK_SECRET } from '../../support/env.ts';
import { announce } from '../support/server.ts';
import { created, never, openApp, send, sign } from './support.ts';

describe('the webhook door', () => {
  test('accepts a signed issue and queues it', async () => {
    await using app = await openApp();
    const response = await send(app.url, created(), { 'x-atlassian-webhook-identifier': 'id-1' });
    expect(response.status).toBe(202);
    const [open] = await app.ledger.openDeliveries(0, 10);
    expect(await response.json()).toEqual({ delivery: open?.id, status: 'new' });
    expect(app.published).toEqual([
      {
        queue: 'triage',
        payloads: [
          { deliveryId: open?.id, attempt: 1, issueId: '10001', isForced: false, overridesHumans: false, round: 0 },
        ],
        urgency: 'in turn',
      },
    ]);
  });

  test('accepts the older secret while it is being rotated', async () => {
    await using app = await openApp();
    const body = created();
    const headers = { 'x-hub-signature': sign(body, 'an-older-secret-0123456789abcdefghij') };
    expect((await send(app.url, body, headers)).status).toBe(202);
  });

  test('a copy is queued again while it is open, under the same id', async () => {
    await using app = await openApp();
    await send(app.url, created());
    const second = await send(app.url, created());
    const [open] = await app.ledger.openDeliveries(0, 10);
    expect([second.status, await second.json()]).toEqual([202, { delivery: open?.id, status: 'again' }]);
    expect(app.published[1]).toEqual(app.published[0]);
  });

  test('a copy of what is done queues nothing', async () => {
    await using app = await openApp();
    await send(app.url, created());
    const [open] = await app.ledger.openDeliveries(0, 10);
    await app.ledger.settle(open?.id ?? '', 1, { state: 'triaged' });
    expect(await (await send(app.url, created())).json()).toEqual({ delivery: open?.id, status: 'done' });
    expect(app.published).toHaveLength(1);
  });

  test('what is not for us is accepted, recorded and answered with the reason', async () => {
    await using app = await openApp();
    const body = created({ issue: { id: '1', key: 'HR-1' } });
    expect(await (await send(app.url, body)).json()).toMatchObject({
      status: 'ignored',
      ignored: 'project HR is not in the playbook',
    });
    expect(app.published).toEqual([]);
    expect(await app.ledger.deliveryCounts()).toEqual({ ignored: 1 });
  });

  test.each([
    ['no signature', undefined],
    ['an empty one', ''],
    ['the signature of another body', sign('something else')],
    ['the signature of another secret', sign(created(), 'x'.repeat(32))],
    ['another method', sign(created()).replace('sha256', 'sha1')],
    ['upper-case hex', sign(created()).toUpperCase()],
    ['a cut one', sign(created()).slice(0, -1)],
    ['two', `${sign(created())}, ${sign(created())}`],
    ['a body without the prefix', sign(created()).slice(7)],
  ])('turns away a body with %s, and counts it', async (_what, signature) => {
    await using app = await openApp();
    const response = await fetch(`${app.url}/webhooks/jira`, {
      method: 'POST',
      body: created(),
      headers: signature === undefined ? {} : { 'x-hub-signature': signature },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: 'missing or wrong X-Hub-Signature' });
    expect(await app.rejected()).toEqual([{ door: 'webhook', why: 'unsigned', value: 1 }]);
    expect(await app.ledger.deliveryCounts()).toEqual({});
  });

  test('an unsigned body is never parsed: broken JSON is still 401', async () => {
    await using app = await openApp();
    expect((await send(app.url, '{broken', { 'x-hub-signature': sign('other') })).status).toBe(401);
  });

  test.each([
    ['is not JSON', '{broken'],
    ['is empty', ''],
    ['is a list', '[]'],
    ['is nested a million deep', '['.repeat(1_000_000)],
    ['has no event', '{}'],
    ['has an issue event without an issue', JSON.stringify({ webhookEvent: 'jira:issue_created' })],
    ['has an issue with a path for a key', created({ issue: { id: '1', key: '../../x' } })],
    ['has an issue with words for an id', created({ issue: { id: 'abc', key: 'IT-1' } })],
  ])('a signed body that %s is the sender’s fault', async (_what, body) => {
    await using app = await openApp();
    const response = await send(app.url, body);
    expect(response.status).toBe(400);
    expect(await response.text()).not.toMatch(/\bat \S+:\d+|node_modules|secret words/);
    expect(await app.rejected()).toEqual([{ door: 'webhook', why: 'unreadable', value: 1 }]);
  });

  test('bytes that are no UTF-8 are the sender’s fault', async () => {
    await using app = await openApp();
    expect((await send(app.url, new Uint8Array([0x22, 0xff, 0x22]))).status).toBe(400);
  });

  test('deep nesting in a signed issue does no harm', async () => {
    await using app = await openApp();
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const body = created().replace('"secret words"', deep);
    expect((await send(app.url, body)).status).toBe(202);
  });

  test('a body of 20 MB is taken, one of 30 MB is not', async () => {
    await using app = await openApp();
    const big = created().replace('secret words', 'x'.repeat(20_000_000));
    expect((await send(app.url, big)).status).toBe(202);
    expect((await send(app.url, new Uint8Array(30_000_000))).status).toBe(413);
    expect(await app.ledger.deliveryCounts()).toEqual({ accepted: 1 });
  });

  test('a compressed body is not unpacked', async () => {
    await using app = await openApp();
    const body = new Uint8Array(gzipSync(created()));
    const response = await send(app.url, body, { 'content-encoding': 'gzip' });
    expect(response.status).toBe(415);
  });

  test('any content type will do, for the signature is over bytes', async () => {
    await using app = await openApp();
    expect((await send(app.url, created(), { 'content-type': 'text/plain; charset=utf-16' })).status).toBe(202);
  });

  test('a hundred at once are all recorded and queued', async () => {
    await using app = await openApp();
    const bodies = Array.from({ length: 100 }, (_, index) => created({ timestamp: index }));
    const statuses = await Promise.all(bodies.map(async (body) => (await send(app.url, body)).status));
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(await app.ledger.deliveryCounts()).toEqual({ accepted: 100 });
    expect(app.published.flatMap(({ payloads }) => payloads)).toHaveLength(100);
  });
});

describe('the automation door', () => {
  const post = (url: string, body: unknown, secret: string | null = AUTOMATION_SECRET) =>
    fetch(`${url}/webhooks/automation`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: secret === null ? {} : { 'x-triage-secret': secret },
    });
  const issue = { id: 10_001, key: 'IT-1', fields: { project: { key: 'IT' } } };

  test.each([
    ['Automation', issue],
    ['Jira', { issue }],
  ])('takes an issue in %s format', async (_format, body) => {
    await using app = await openApp();
    expect((await post(app.url, body)).status).toBe(202);
    expect(app.published).toMatchObject([{ queue: 'triage', payloads: [{ issueId: '10001' }] }]);
  });

  test.each([
    ['no secret', null],
    ['a wrong secret', 'x'.repeat(40)],
    ['the webhook secret', WEBHOOK_SECRET],
  ])('turns away who presents %s, and counts it', async (_what, secret) => {
    await using app = await openApp();
    expect((await post(app.url, issue, secret)).status).toBe(401);
    expect(await app.rejected()).toEqual([{ door: 'automation', why: 'unsigned', value: 1 }]);
  });

  test('reads nothing of a body from somebody without the secret', async () => {
    await using app = await openApp();
    expect(await announce(app, '/webhooks/automation', { bytes: 30_000_000 })).toBe(401);
  });

  test('is shut when no secret is set', async () => {
    await using app = await openApp({ secrets: { webhook: [WEBHOOK_SECRET], automation: null } });
    expect((await post(app.url, issue)).status).toBe(401);
    expect((await post(app.url, issue, '')).status).toBe(401);
  });
});

describe('health', () => {
  test('it is alive whatever its dependencies do', async () => {
    await using app = await openApp({ readiness: { ledger: never } });
    const response = await fetch(`${app.url}/healthz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('it is ready when everything is', async () => {
    await using app = await openApp({ readiness: { ledger: async () => {}, queue: async () => {} } });
    const response = await fetch(`${app.url}/readyz`);
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', failing: [] }]);
  });

  test('it names what keeps it from being ready, though it hangs', async () => {
    const queue = async () => {
      throw new Error('connection refused');
    };
    await using app = await openApp({ readiness: { ledger: never, memory: async () => {}, queue } });
    const response = await fetch(`${app.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ status: 'not ready', failing: ['ledger', 'queue'] });
  });
});

describe('every answer', () => {
  test.each(['/', '/webhooks/jira', '/webhooks', '/nothing', '/metrics', '/admin/status', '/admin'])(
    'GET %s is no page',
    async (path) => {
      await using app = await openApp();
      const response = await fetch(app.url + path);
      expect([response.status, await response.json()]).toEqual([404, { error: 'no such page' }]);
    },
  );

  test('carries the security headers and does not say what it runs on', async () => {
    await using app = await openApp();
    const { headers } = await fetch(`${app.url}/healthz`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('strict-transport-security')).toContain('max-age');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
