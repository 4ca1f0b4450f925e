import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JiraSite, startJiraSite } from '../fakes/jira/site.ts';
import { adminOf } from '../support/admin.ts';
import { type DeskTicket, deskSite, deskTickets, finishedDraft, newDraft } from '../support/desk.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from '../support/env.ts';
import { backfillAll } from '../support/backfill.ts';
import { freePort } from '../support/port.ts';
import { startService } from '../support/service.ts';

const { history, fresh } = deskTickets();
/** A recurring alert that is surely decided from its past occurrences. */
const alert = sureTicket();

let folder: string;
let site: JiraSite;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-triage-e2e-'));
  site = await startJiraSite(deskSite([...history, ...fresh]));
  for (const [index, ticket] of history.entries()) site.addIssue(finishedDraft(ticket, history.length - index));
  env = serviceEnv(site.url, join(folder, 'data'), { PORT: String(await freePort()) });
  await backfillAll('project = IT', env);
});

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

describe('one delivery, however often it arrives', () => {
  it('is edited exactly once: five copies, then a redelivery after a restart', async () => {
    const issue = await deliverFiveTimes();
    await redeliverAfterRestart(issue.deliveryId);

    const edits = site.edits(issue.key);
    expect(edits.map(({ kind }) => kind)).toEqual(['edit']);
    expect(site.issue(issue.key)?.labels).toEqual([`cat-${alert.category}`]);
    expect(site.violations).toEqual([]);
  });
});

async function deliverFiveTimes(): Promise<{ key: string; deliveryId: string }> {
  await using service = await startService(env);
  const admin = adminOf(service.url, ADMIN_TOKEN);
  site.webhooks.connect({ url: `${service.url}/webhooks/jira`, secret: WEBHOOK_SECRET, events: ['jira:issue_created'] });
  const { key } = await site.createIssue(newDraft(alert));
  const [delivery] = site.webhooks.deliveries();
  if (!delivery) throw new Error('no webhook was sent');
  for (let copy = 2; copy <= 5; copy++) site.webhooks.redeliver(delivery.id);
  await site.webhooks.flush();
  await admin.idle({ timeoutMs: 20_000 });
  expect(delivery.attempts.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202]);
  const story = await admin.story(key);
  expect(story.deliveries.map(({ state, attempt }) => ({ state, attempt }))).toEqual([{ state: 'triaged', attempt: 1 }]);
  expect(story.writes.map(({ state }) => state)).toEqual(['applied']);
  return { key, deliveryId: delivery.id };
}

async function redeliverAfterRestart(deliveryId: string): Promise<void> {
  await using service = await startService(env);
  site.webhooks.redeliver(deliveryId);
  await site.webhooks.flush();
  const admin = adminOf(service.url, ADMIN_TOKEN);
  await admin.idle({ timeoutMs: 20_000 });
  expect(site.webhooks.deliveries()[0]?.attempts.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202]);
}

function sureTicket(): DeskTicket {
  const ticket = fresh.find(({ summary }) => summary.startsWith('[SAP-BASIS] IDoc backlog'));
  if (!ticket) throw new Error('the fixture lost its recurring alert');
  return ticket;
}
