import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JiraSite, startJiraSite } from '../fakes/jira/site.ts';
import { manyTickets } from '../bench/many-tickets.ts';
import { adminOf } from '../support/admin.ts';
import { backfillAll } from '../support/backfill.ts';
import { sureConfig } from '../support/config.ts';
import { deskSite, deskTickets, finishedDraft, newDraft } from '../support/desk.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from '../support/env.ts';
import { freePort } from '../support/port.ts';
import { type Service, startService } from '../support/service.ts';

const TICKETS = 500;
const { history, fresh } = deskTickets();

let folder: string;
let site: JiraSite;
let env: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jira-triage-kill-'));
  site = await startJiraSite({ ...deskSite([...history, ...fresh]), openapi: 'off' });
  for (const [index, ticket] of history.entries()) site.addIssue(finishedDraft(ticket, history.length - index));
  env = serviceEnv(site.url, join(folder, 'data'), { CONFIG_DIR: await sureConfig(folder), PORT: String(await freePort()) });
  await backfillAll('project = IT', env);
});

afterAll(async () => {
  await site.close();
  await rm(folder, { recursive: true, force: true });
});

describe('kill -9 in the middle of 500 tickets', () => {
  it('triages each after a restart, edits none twice, and loses none', async () => {
    const keys: string[] = [];
    {
      const service = await startService(env);
      connect(service);
      for (const ticket of manyTickets(TICKETS, 7)) keys.push((await site.createIssue(newDraft(ticket))).key);
      await until(() => editedOf(keys).length >= TICKETS / 4);
      await service.kill();
    }
    expect(editedOf(keys).length).toBeLessThan(TICKETS);

    await using service = await startService(env);
    await site.webhooks.flush();
    const admin = adminOf(service.url, ADMIN_TOKEN);
    await admin.idle({ timeoutMs: 120_000 });

    const stories = await Promise.all(keys.map((key) => admin.story(key)));
    const ends = stories.map(({ deliveries }) => deliveries.map(({ state }) => state));
    expect(ends).toEqual(keys.map(() => ['triaged']));
    const edits = keys.map((key) => site.edits(key).filter(({ kind }) => kind === 'edit').length);
    expect(edits).toEqual(keys.map(() => 1));
  });
});

/** Jira keeps trying while the service is away: often enough to reach the restarted one on the same port. */
function connect(service: Service): void {
  site.webhooks.connect({
    url: `${service.url}/webhooks/jira`,
    secret: WEBHOOK_SECRET,
    events: ['jira:issue_created'],
    backoffMs: [500, 1_000, 2_000, 4_000, 8_000],
  });
}

function editedOf(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => site.edits(key).length > 0);
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('waited a minute in vain');
    await new Promise((resume) => setImmediate(resume));
  }
}
