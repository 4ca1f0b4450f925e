import { describe, expect, test } from 'vitest';
import { createOpsApp, type OpsParts } from '../../../src/admin/app.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { ADMIN_TOKEN } from '../../support/env.ts';
import { listen } from '../support/server.ts';
import { openAdmin } from './support.ts';

async function openApp(parts: Partial<OpsParts> = {}) {
  const metrics = createMetrics();
  const app = createOpsApp({
    readiness: {},
    observe: async () => {},
    admin: null,
    metrics,
    log: openLog('silent'),
    ...parts,
  });
  return { ...(await listen(app)), metrics };
}

describe('metrics', () => {
  test('tell what was counted', async () => {
    await using app = await openApp();
    app.metrics.deliveries.inc({ door: 'webhook', result: 'new' });
    const response = await fetch(`${app.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('triage_deliveries_total{door="webhook",result="new"} 1');
  });

  test('have gauges that are brought up to date before they are read', async () => {
    const metrics = createMetrics();
    await using app = await openApp({ metrics, observe: async () => metrics.open.set(7) });
    expect(await (await fetch(`${app.url}/metrics`)).text()).toContain('triage_deliveries_open 7');
  });

  test('are still served when the gauges cannot be brought up to date', async () => {
    const observe = async () => {
      throw new TransientError('database: gone');
    };
    await using app = await openApp({ observe });
    app.metrics.bursts.inc();
    const response = await fetch(`${app.url}/metrics`);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('triage_bursts_total 1');
  });
});

describe('the ops side', () => {
  test.each(['/', '/webhooks/jira', '/webhooks/automation', '/metrics/x'])('has no page %s', async (path) => {
    await using app = await openApp();
    for (const method of ['GET', 'POST']) {
      const response = await fetch(app.url + path, { method });
      expect([response.status, await response.json()]).toEqual([404, { error: 'no such page' }]);
    }
  });

  test('has health pages', async () => {
    await using app = await openApp({ readiness: { queue: async () => {} } });
    expect((await fetch(`${app.url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${app.url}/readyz`)).json()).toEqual({ status: 'ready', failing: [] });
  });

  test('of a worker has no admin pages', async () => {
    await using app = await openApp();
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    expect((await fetch(`${app.url}/admin/status`, { headers })).status).toBe(404);
  });

  test('carries the security headers and does not say what it runs on', async () => {
    await using app = await openApp();
    const { headers } = await fetch(`${app.url}/healthz`);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('answers 400 to a path that cannot be decoded, without a stack trace', async () => {
    await using admin = await openAdmin();
    const { status, body } = await admin.get('/issues/%E0%A4%A');
    expect(status).toBe(400);
    expect(JSON.stringify(body)).not.toMatch(/node_modules|\bat /);
  });

  test('says what is acknowledged and not yet recorded, and null while the queue cannot tell', async () => {
    await using admin = await openAdmin();
    expect((await admin.get('/status')).body).toMatchObject({ unrecorded: 3, deliveries: {} });
    const away = async () => {
      throw new TransientError('the queue cannot be reached');
    };
    await using cut = await openAdmin({ unrecorded: away });
    expect((await cut.get('/status')).body).toMatchObject({ unrecorded: null, deliveries: {} });
  });
});
