import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { AUTOMATION_SECRET } from '../../support/env.ts';
import { created, openApp, send, sign } from './support.ts';

/** Begins to send a body of this size under a signature that could be right, and holds it. */
async function hold(url: string, bytes: number) {
  const headers = { 'x-hub-signature': sign('another body'), 'content-length': String(bytes), expect: '100-continue' };
  const sent = request(`${url}/webhooks/jira`, { method: 'POST', headers });
  sent.on('error', () => {});
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.write('{');
  return sent;
}

describe('when too much waits', () => {
  test('a webhook is to come again later, and nothing is recorded', async () => {
    await using app = await openApp({ isBusy: () => true });
    const response = await send(app.url, created());
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: 'not accepted, please send it again' });
    expect(await app.rejected()).toEqual([{ door: 'webhook', why: 'busy', value: 1 }]);
    expect(await app.ledger.deliveryCounts()).toEqual({});
  });

  test('the time to come again is spread over 10 to 30 seconds', async () => {
    await using app = await openApp({ isBusy: () => true });
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(app.url, created())));
    const seconds = answers.map((response) => Number(response.headers.get('retry-after')));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(30);
    expect(new Set(seconds).size).toBeGreaterThan(3);
  });

  test('an unsigned one is still turned away for good', async () => {
    await using app = await openApp({ isBusy: () => true });
    expect((await send(app.url, created(), { 'x-hub-signature': 'no' })).status).toBe(401);
  });

  test('Automation is let in, for it does not come again', async () => {
    await using app = await openApp({ isBusy: () => true });
    const response = await fetch(`${app.url}/webhooks/automation`, {
      method: 'POST',
      body: JSON.stringify({ id: 10_001, key: 'IT-1', fields: { project: { key: 'IT' } } }),
      headers: { 'x-triage-secret': AUTOMATION_SECRET },
    });
    expect(response.status).toBe(202);
  });
});

describe('bodies that are read at the same time', () => {
  const bodyLimits = { bytes: 10_000, smallBytes: 1_000, totalBytes: 15_000 };

  test('have bounded memory: who finds no room is to come again later', async () => {
    await using app = await openApp({ bodyLimits });
    const held = await hold(app.url, 9_000);
    const response = await send(app.url, created({ comment: 'x'.repeat(8_000) }));
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(10);
    expect(await app.rejected()).toEqual([{ door: 'webhook', why: 'memory', value: 1 }]);
    held.destroy();
  });

  test('leave room for the small ones, which nearly all are', async () => {
    await using app = await openApp({ bodyLimits });
    const held = await hold(app.url, 9_000);
    expect((await send(app.url, created())).status).toBe(202);
    held.destroy();
  });

  test('give their room back, whether they came, broke off or were refused', async () => {
    await using app = await openApp({ bodyLimits });
    const big = created({ comment: 'x'.repeat(8_000) });
    for (let count = 0; count < 3; count++) {
      const held = await hold(app.url, 9_000);
      held.destroy();
      await expect.poll(app.rejected).toContainEqual({ door: 'webhook', why: 'gone', value: count + 1 });
      expect((await send(app.url, big, { 'x-hub-signature': sign('other') })).status).toBe(401);
      expect((await send(app.url, `${big}{`)).status).toBe(400);
      expect((await send(app.url, big)).status).toBe(202);
    }
  });

  test('are cut off where they are larger than announced bodies may be', async () => {
    await using app = await openApp({ bodyLimits });
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000)),
    });
    const answer = fetch(`${app.url}/webhooks/jira`, {
      method: 'POST',
      body: stream,
      headers: { 'x-hub-signature': sign('other') },
      duplex: 'half',
    });
    expect((await answer).status).toBe(413);
  });

  test('may come in pieces without a length', async () => {
    await using app = await openApp({ bodyLimits });
    const body = created();
    const stream = new Blob([body.slice(0, 50), body.slice(50)]).stream();
    const response = await fetch(`${app.url}/webhooks/jira`, {
      method: 'POST',
      body: stream,
      headers: { 'x-hub-signature': sign(body) },
      duplex: 'half',
    });
    expect(response.status).toBe(202);
  });
});
