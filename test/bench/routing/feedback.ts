import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';
import { postgresLedger } from '../../../src/adapters/postgres/ledger.ts';
import { migrate } from '../../../src/adapters/postgres/migrations.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import type { IssueChange } from '../../fakes/jira/model.ts';
import { connectJiraSite, type RemoteJiraSite } from '../../fakes/jira/remote.ts';
import { type Admin, adminOf } from '../../support/admin.ts';
import { atOnce } from '../../support/at-once.ts';
import { sureConfig } from '../../support/config.ts';
import { deskSite, deskTickets } from '../../support/desk.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from '../../support/env.ts';
import { decisionWith, evidenceWith, writeWith } from '../../support/fixtures.ts';
import { startService } from '../../support/service.ts';
import { manyNew } from '../many-tickets.ts';
import { cpuMicroseconds } from '../report.ts';

export interface FeedbackFigures {
  readonly events: number;
  readonly issues: number;
  /** From the first webhook until the last one was acknowledged, and until all were learnt from. */
  readonly ackedSeconds: number;
  readonly learntSeconds: number;
  readonly perSecond: number;
  /** Processor time of the service, which other work on the machine does not stretch. */
  readonly cpuSeconds: number;
  /** How the deliveries ended. */
  readonly states: Readonly<Record<string, number>>;
  /** How often Jira was asked for an issue; several events of one ticket that wait need one look. */
  readonly looks: number;
}

/** As many as Jira has under way to one address. */
const CONNECTIONS = 20;
const US = 'us';
const OURS = { category: 'network', component: 'Network', priority: 'High', assignee: 'agent-noor' };

/** What people do to each ticket, one event each: they correct three fields, come back on one, and finish it. */
const STORY: readonly { readonly field: string; readonly change: IssueChange }[] = [
  { field: 'labels', change: { removeLabels: ['cat-network'], addLabels: ['cat-printing'] } },
  { field: 'priority', change: { priority: 'Low' } },
  { field: 'labels', change: { removeLabels: ['cat-printing'], addLabels: ['cat-network'] } },
  { field: 'components', change: { components: [] } },
  { field: 'status', change: { status: 'Done', resolution: 'Done' } },
];

/**
 * People correct and finish tickets that we had written on, five changes each, and every change comes in as a signed
 * webhook, as fast as they are acknowledged: first one of every ticket, then the next of every ticket, so that no two of
 * one ticket are neighbours. Jira lets 150 looks a second through, and the service keeps to that: more events than that
 * can only be learnt from together. The service is embedded, Jira another process.
 */
export async function measureFeedback({
  events,
  env: more = {},
}: {
  readonly events: number;
  /** On top of what makes the service embedded. */
  readonly env?: Readonly<Record<string, string>>;
}): Promise<FeedbackFigures> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-feedback-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const site = opened.use(await openSite());
  const issues = await decidedIssues(site, Math.ceil(events / STORY.length));
  const env = serviceEnv(site.url, join(folder, 'data'), { CONFIG_DIR: await sureConfig(folder), ...more });
  await seedLedger(join(folder, 'data'), issues);
  const people = await whoever(site);
  const bodies: Buffer[] = [];
  for (const { field, change } of STORY) {
    await atOnce(CONNECTIONS, issues, ({ key }) => twice(() => site.editAs(people, key, { ...change, silent: true })));
    bodies.push(...issues.map((issue) => bodyOf(issue, field, { people, isFinished: field === 'status' })));
  }
  const service = opened.use(await startService(env));
  const admin = adminOf(service.opsUrl, ADMIN_TOKEN);
  const cpuBefore = cpuMicroseconds(service.pid);
  const startedAt = performance.now();
  await postAll(`${service.url}/webhooks/jira`, bodies);
  const ackedSeconds = (performance.now() - startedAt) / 1000;
  await idle(admin);
  const learntSeconds = (performance.now() - startedAt) / 1000;
  const { deliveries: states } = await admin.status();
  const { requests } = await site.stats();
  const looks = Object.entries(requests).reduce(
    (sum, [what, count]) => sum + (/GET.*issue/i.test(what) ? count : 0),
    0,
  );
  const cpuSeconds = (cpuMicroseconds(service.pid) - cpuBefore) / 1e6;
  const perSecond = bodies.length / learntSeconds;
  return {
    events: bodies.length,
    issues: issues.length,
    ackedSeconds,
    learntSeconds,
    perSecond,
    cpuSeconds,
    states,
    looks,
  };
}

/** Asks seldom: each answer costs the service a count over all deliveries. */
async function idle(admin: Admin): Promise<void> {
  for (;;) {
    const { deliveries } = await admin.status();
    if ((deliveries['accepted'] ?? 0) === 0) return;
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

interface Decided {
  readonly id: string;
  readonly key: string;
}

async function openSite(): Promise<RemoteJiraSite & AsyncDisposable> {
  const { history, fresh } = deskTickets();
  const options = { ...deskSite([...history, ...fresh]), openapi: 'off', requestLogSize: 100, bot: { accountId: US } };
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../fakes/jira/main.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'] ?? '', JIRA_SITE_OPTIONS: JSON.stringify(options) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Object.assign(connectJiraSite(await addressOf(child)), {
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  });
}

async function addressOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no standard output');
  const [line] = await once(child.stdout, 'data');
  return z.object({ url: z.string() }).parse(JSON.parse(String(line))).url;
}

/** New tickets on which we have made our one edit. */
async function decidedIssues(site: RemoteJiraSite, count: number): Promise<readonly Decided[]> {
  const keys = await site.seed(manyNew(count));
  const { category, component, priority, assignee } = OURS;
  const edit = { addLabels: [`cat-${category}`], components: [component], priority, assignee, silent: true };
  return atOnce(CONNECTIONS, keys, async (key) => ({ id: (await site.editAs(US, key, edit)).id, key }));
}

/** An account of the desk that is not ours. */
async function whoever(site: RemoteJiraSite): Promise<string> {
  const [issue] = await site.issues();
  if (!issue) throw new Error('no issue');
  return issue.reporter;
}

/** The site closes connections that rested while we waited; making the same change again changes nothing. */
async function twice<Result>(act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return await act();
  }
}

async function seedLedger(folder: string, issues: readonly Decided[]): Promise<void> {
  const embedded = await openEmbedded(folder);
  const sql = new Sql(embedded.driver);
  try {
    await migrate(sql);
    const ledger = postgresLedger(sql);
    const changes = Object.fromEntries(Object.entries(OURS).map(([name, after]) => [name, { before: null, after }]));
    const decidedAt = new Date().toISOString();
    const evidence = Array.from({ length: 20 }, () => evidenceWith({ values: OURS }));
    for (const { id, key } of issues) {
      const about = { issueId: id, issueKey: key };
      const decision = decisionWith({ ...about, values: OURS, evidence, decidedAt });
      await ledger.recordDecision(decision);
      await ledger.recordWrite(writeWith({ ...about, decisionId: decision.id, changes }));
    }
  } finally {
    await embedded.driver.close();
  }
}

function bodyOf(
  { id, key }: Decided,
  field: string,
  { people, isFinished }: { readonly people: string; readonly isFinished: boolean },
): Buffer {
  const done = { resolution: { name: 'Done' }, status: { name: 'Done', statusCategory: { key: 'done' } } };
  return Buffer.from(
    JSON.stringify({
      timestamp: Date.now(),
      webhookEvent: 'jira:issue_updated',
      user: { accountId: people },
      issue: {
        id,
        key,
        fields: { project: { key: 'IT' }, description: 'x'.repeat(4_000), ...(isFinished ? done : {}) },
      },
      changelog: { id: randomUUID(), items: [{ field, fieldId: field, fieldtype: 'jira' }] },
    }),
  );
}

/** Over a few connections, each waiting for its answer; throws when one is not accepted. */
async function postAll(url: string, bodies: readonly Buffer[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const statuses = await atOnce(CONNECTIONS, bodies, (body) => post(url, body, agent));
  agent.destroy();
  const refused = statuses.filter((status) => status !== 202);
  if (refused.length > 0) throw new Error(`${refused.length} webhooks were answered otherwise: ${refused[0]}`);
}

function post(url: string, body: Buffer, agent: Agent): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'x-hub-signature': `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`,
    'x-atlassian-webhook-identifier': randomUUID(),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
