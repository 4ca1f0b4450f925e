import { createHmac } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { type Collector, startCollector } from '../../fakes/collector.ts';
import { botCredentials } from '../../fakes/jira/options.ts';
import { type ModelServer, startModelServer } from '../../fakes/model/server.ts';
import { type Admin, adminOf } from '../../support/admin.ts';
import { ownDatabase } from '../../support/database.ts';
import { deskSite, deskTickets, newDraft } from '../../support/desk.ts';
import { ADMIN_TOKEN, AUTOMATION_SECRET, WEBHOOK_SECRET } from '../../support/env.ts';
import { type Service, startService } from '../../support/service.ts';
import { type TestStage, testStage } from '../../support/stage.ts';
import { everythingInRedis, jobsInDatabase, jobsInFolder } from '../../support/telemetry/hoard.ts';

const redisUrl = process.env['TEST_REDIS_URL'] || undefined;
const databaseUrl = process.env['TEST_DATABASE_URL'] || undefined;

const MODEL_KEY = 'sk-model-key-0123456789abcdef0123456789abcdef';
const SECRETS = [botCredentials.apiToken, WEBHOOK_SECRET, AUTOMATION_SECRET, ADMIN_TOKEN, MODEL_KEY];
/** As they may be sent, too. */
const IN_DISGUISE = [
  ...SECRETS,
  Buffer.from(`${botCredentials.email}:${botCredentials.apiToken}`).toString('base64'),
  ...SECRETS.map((secret) => Buffer.from(secret).toString('base64')),
];
const REPORTER = {
  accountId: 'customer-of-the-bird',
  displayName: 'CANARY-reporter',
  accountType: 'customer',
} as const;

interface Scene {
  readonly stage: TestStage;
  readonly model: ModelServer;
  readonly service: Service;
  readonly admin: Admin;
  readonly collector: Collector;
  readonly log: () => string;
}

function canaryTicket(index: number) {
  const chosen = deskTickets().fresh[index];
  if (!chosen) throw new Error('no tickets');
  const description = `${chosen.description}\nCANARY-description, password: CANARY-hunter2, ghp_CANARYabcdefghijklmnopqrstuvwxyz012345`;
  return {
    ...newDraft(chosen),
    summary: `${chosen.summary} CANARY-summary`,
    description,
    reporter: REPORTER.accountId,
  };
}

async function openScene(opened: AsyncDisposableStack, env: Readonly<Record<string, string>>): Promise<Scene> {
  const desk = deskTickets();
  const options = deskSite([...desk.history, ...desk.fresh]);
  const site = { ...options, users: [...(options.users ?? []), { ...REPORTER, assignable: false }] };
  const model = opened.use(await startModelServer());
  const collector = opened.use(await startCollector());
  const stage = opened.use(await testStage({ site, env, events: ['jira:issue_created', 'jira:issue_updated'] }));
  const written: string[] = [];
  const telling = {
    LOG_LEVEL: 'trace',
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: MODEL_KEY,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  };
  const service = opened.use(
    await startService({ ...stage.env, ...telling }, 'all-in-one', (text) => written.push(text)),
  );
  return { stage, model, service, collector, admin: adminOf(service.opsUrl, ADMIN_TOKEN), log: () => written.join('') };
}

async function settled({ stage, admin }: Scene): Promise<void> {
  await stage.site.webhooks.flush();
  await admin.idle({ timeoutMs: 60_000 });
}

/** A ticket that is triaged, corrected by a person and finished. */
async function allGoesWell(scene: Scene): Promise<void> {
  const { site } = scene.stage;
  const { key } = await site.createIssue(canaryTicket(0));
  await settled(scene);
  expect(site.edits(key)).not.toEqual([]);
  await site.editAs('agent-lena-brandt', key, { status: 'Done', resolution: 'Done' });
  await scene.admin.reclassify(key);
  await settled(scene);
}

/** Bodies that are not what they should be, signed and unsigned. */
async function strangersKnock({ service }: Scene): Promise<void> {
  const bodies = [
    'CANARY, no JSON',
    '{"webhookEvent": "jira:issue_created", "issue": {"id": "CANARY", "key": "CANARY"}}',
    '{"webhookEvent": ["CANARY"]}',
  ];
  for (const body of bodies) {
    const signature = `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
    for (const headers of [{ 'x-hub-signature': signature }, { 'x-hub-signature': `sha256=${'0'.repeat(64)}` }])
      expect((await fetch(`${service.url}/webhooks/jira`, { method: 'POST', body, headers })).ok).toBe(false);
    for (const secret of [AUTOMATION_SECRET, 'CANARY-wrong'])
      await fetch(`${service.url}/webhooks/automation`, {
        method: 'POST',
        body,
        headers: { 'x-triage-secret': secret },
      });
  }
  const headers = { authorization: `Bearer CANARY-${ADMIN_TOKEN}` };
  expect((await fetch(`${service.opsUrl}/admin/issues/CANARY-1`, { headers })).status).toBe(401);
}

/** Jira refuses with the very words it was sent, or answers something else. */
async function jiraEchoes(scene: Scene): Promise<void> {
  const { site } = scene.stage;
  const body = { errorMessages: ['CANARY-echo'], errors: { summary: "'CANARY-summary' cannot be set" } };
  const onIssue = { method: 'GET', path: /\/issue\/\d+/ };
  site.faults.next({ match: { method: 'PUT' }, times: 1, status: 400, body });
  await site.createIssue(canaryTicket(1));
  await settled(scene);
  site.faults.next({ match: onIssue, times: 1, status: 400, body });
  await site.createIssue(canaryTicket(2));
  await settled(scene);
  site.faults.next({ match: onIssue, times: 1, status: 200, html: '<html>CANARY-page' });
  site.faults.next({ match: onIssue, times: 1, status: 500, body });
  site.faults.reset({ match: { method: 'PUT' } });
  await site.createIssue(canaryTicket(3));
  await settled(scene);
}

async function modelFails(scene: Scene): Promise<void> {
  for (const [index, trouble] of (['not-json', 'cut-json'] as const).entries()) {
    scene.model.always(trouble);
    await scene.stage.site.createIssue(canaryTicket(4 + index));
    await settled(scene);
  }
  for (const status of [400, 500]) {
    scene.model.always({ status, message: 'CANARY-model' });
    await scene.stage.site.createIssue(canaryTicket(status === 400 ? 6 : 7));
    await settled(scene);
  }
  scene.model.always(null);
}

/** PostgreSQL refuses a row, and tells all of it. */
async function databaseRefuses(scene: Scene, url: string): Promise<void> {
  const { site } = scene.stage;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  site.webhooks.pause();
  const { key } = await site.createIssue(canaryTicket(8));
  await client.query(`alter table triage.decisions add constraint no_such_issue check (issue_key <> '${key}')`);
  site.webhooks.resume();
  await vi.waitUntil(() => /23514 no_such_issue/.test(scene.log()), {
    timeout: 30_000,
    interval: 50,
  });
  await client.query('alter table triage.decisions drop constraint no_such_issue');
  await client.end();
  await settled(scene);
}

function expectNoCanary(where: string, text: string): void {
  expect(text.length, `${where} holds something`).toBeGreaterThan(0);
  const at = text.indexOf('CANARY');
  expect(at < 0 ? '' : `${where}: ${text.slice(Math.max(0, at - 300), at + 100)}`).toBe('');
  for (const secret of IN_DISGUISE) expect(text.includes(secret), `${where} holds a secret`).toBe(false);
}

describe('ticket text and secrets, through successes, refusals and faults', () => {
  test('are in no log line, trace or job of a service on one folder', { timeout: 240_000 }, async () => {
    await using opened = new AsyncDisposableStack();
    const scene = await openScene(opened, {});
    await allGoesWell(scene);
    await strangersKnock(scene);
    await jiraEchoes(scene);
    await modelFails(scene);
    expect(await scene.service.stop()).toBe(0);
    expectNoCanary('the log', scene.log());
    expectNoCanary('a trace', scene.collector.raw.join('\n'));
    const jobs = await jobsInFolder(scene.stage.env['DATA_DIR'] ?? '');
    expectNoCanary('a job', jobs);
    // What was left out is told in other words, so the words were looked for in the right place.
    for (const text of [scene.log(), jobs]) expect(text).toContain('Jira answered 400');
  });

  const hasServers = redisUrl !== undefined && databaseUrl !== undefined;
  if (!hasServers) process.stdout.write('skipped without TEST_REDIS_URL and TEST_DATABASE_URL: canaries on servers\n');

  test.runIf(hasServers).each(['PostgreSQL', 'PostgreSQL and Redis'])(
    'are in no log line, trace or job of a service on %s',
    { timeout: 240_000 },
    async (name) => {
      await using opened = new AsyncDisposableStack();
      const database = opened.use(await ownDatabase(databaseUrl ?? ''));
      const redis = name.includes('Redis') ? new URL('/12', redisUrl).href : null;
      if (redis) await emptyRedis(redis);
      const scene = await openScene(opened, { DATABASE_URL: database.url, ...(redis ? { REDIS_URL: redis } : {}) });
      await allGoesWell(scene);
      await jiraEchoes(scene);
      await databaseRefuses(scene, database.url);
      expect(await scene.service.stop()).toBe(0);
      expectNoCanary('the log', scene.log());
      expectNoCanary('a trace', scene.collector.raw.join('\n'));
      const jobs = redis ? await everythingInRedis(redis) : await jobsInDatabase(database.url);
      expectNoCanary('a job', jobs);
      for (const text of [scene.log(), jobs]) expect(text).toContain('Jira answered 400');
      if (redis) await emptyRedis(redis);
    },
  );
});

async function emptyRedis(url: string): Promise<void> {
  const redis = new Redis(url);
  await redis.flushdb();
  redis.disconnect();
}
