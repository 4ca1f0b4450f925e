import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { editIssue, getIssue } from 'jira.js/cloud';
import { openTransport } from '../../src/adapters/jira/transport.ts';
import { openEmbedded } from '../../src/adapters/pglite/embedded.ts';
import { postgresQueues } from '../../src/queue/postgres.ts';
import { startJiraSite } from '../fakes/jira/site.ts';
import { deskSite, deskTickets } from '../support/desk.ts';
import { serviceEnv } from '../support/env.ts';
import { manyNew } from './many-tickets.ts';

/**
 * What nobody can beat on this machine: two bare BullMQ stages on the same embedded database that read the issue and
 * edit it, with no ledger, no retrieval, no decision. Tickets per second; the site shares the process.
 */
export async function pipelineFloor(tickets: number): Promise<number> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-floor-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { history, fresh } = deskTickets();
  const site = opened.use(await startJiraSite({ ...deskSite([...history, ...fresh]), openapi: 'off' }));
  const embedded = await openEmbedded(folder);
  opened.defer(() => embedded.driver.close());
  const backend = postgresQueues(embedded.pool);
  await backend.prepare();
  const env = serviceEnv(site.url, folder);
  const client = openTransport(
    { url: site.url, email: env['JIRA_EMAIL'] ?? '', apiToken: env['JIRA_API_TOKEN'] ?? '' },
    () => {},
  );
  const second = backend.queue('floor-write');
  const first = backend.queue('floor-read');
  const { promise, resolve } = Promise.withResolvers<void>();
  let done = 0;
  const reader = backend.worker(
    'floor-read',
    async (job) => {
      await getIssue(client, { issueIdOrKey: String(job.data) });
      await second.add('write', job.data);
    },
    { concurrency: 8 },
  );
  const writer = backend.worker(
    'floor-write',
    async (job) => {
      await editIssue(client, { issueIdOrKey: String(job.data), update: { labels: [{ add: 'floor' }] } });
      if (++done === tickets) resolve();
    },
    { concurrency: 8 },
  );
  for (const worker of [reader, writer]) opened.defer(() => worker.close());
  for (const queue of [first, second]) opened.defer(() => queue.close());
  const keys = manyNew(tickets).map((draft) => site.addIssue(draft).key);
  const startedAt = performance.now();
  await first.addBulk(keys.map((key) => ({ name: 'read', data: key })));
  await promise;
  return tickets / ((performance.now() - startedAt) / 1000);
}
