import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { z } from 'zod';
import { openPace } from '../../../src/adapters/jira/pace/pace.ts';
import { jiraTracker } from '../../../src/adapters/jira/tracker.ts';
import { openTransport } from '../../../src/adapters/jira/transport.ts';
import { follow } from '../../../src/feedback/learn.ts';
import { hearWebhook, watchedFields } from '../../../src/intake/event.ts';
import { receiver } from '../../../src/intake/receive.ts';
import { catalogue, type PayloadOf, type Publish } from '../../../src/queue/catalogue.ts';
import { triage } from '../../../src/triage/triage.ts';
import { accounts } from '../../../src/upkeep/sweep/accounting.ts';
import { sweepTickets } from '../../../src/upkeep/sweep/sweep.ts';
import { apply } from '../../../src/write-back/apply.ts';
import { nextRound } from '../../../src/write-back/rounds.ts';
import { botCredentials, type SiteOptionsDraft } from '../../fakes/jira/options.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
import { freeDesk } from '../../support/routing.ts';

export const MINUTE = 60_000;
export const DAY = 24 * 60 * MINUTE;
const SITE = 'acme.atlassian.net';

// biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
const NETWORK = { name: 'network', when: { textMatches: 'network' }, then: { category: 'network' } };
const playbook = playbookWith({
  projects: ['DESK'],
  targets: { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } },
  rules: [NETWORK],
  bursts: { tickets: 0 },
});

/** A job of a queue, as it would wait there. */
const Job = z.discriminatedUnion('queue', [
  z.object({ queue: z.literal('triage'), payload: catalogue.triage.payload }),
  z.object({ queue: z.literal('feedback'), payload: catalogue.feedback.payload }),
]);

/** A simulated site and all of the service but its queues and its database, by one clock that only the test moves. */
export async function openSweptDesk(options: SiteOptionsDraft & { readonly ourClockOffMs?: number } = {}) {
  const { ourClockOffMs = 0, ...siteOptions } = options;
  const time = { now: Date.parse('2026-03-27T08:00:00.000Z') };
  const pass = async (ms: number) => {
    time.now += ms;
  };
  const timer = { now: () => time.now, sleep: pass };
  const clock = { now: () => new Date(time.now + ourClockOffMs) };
  await using opened = new AsyncDisposableStack();
  const site = opened.use(await startJiraSite({ now: timer.now, ...siteOptions }));
  const transport = openTransport({ url: site.url, ...botCredentials }, () => {}, openPace({ timer }));
  const tracker = jiraTracker(transport, () => [], timer.now);
  const ledger = ledgerFake(clock);
  const jobs: z.infer<typeof Job>[] = [];
  const publish: Publish = async (queue, payloads) => {
    for (const payload of payloads) jobs.push(Job.parse({ queue, payload }));
  };
  const receive = receiver({ ledger, publish });
  const ports = {
    site: SITE,
    tracker,
    ledger,
    receive,
    clock,
    memory: memoryFake(),
    embedder: null,
    ...noModel,
    ...freeDesk,
    localModel: () => null,
    assertStillOurs: async () => {},
  };
  const ears = { projects: ['DESK'], ourAccountId: site.botId, watched: watchedFields(playbook.targets) };
  const hearing = opened.use(
    await listenForWebhooks(async (body) => {
      const contentHash = createHash('sha256').update(body).digest('hex');
      await receive({ site: SITE, door: 'webhook', identifier: null, contentHash, ...hearWebhook(body, ears) });
    }),
  );
  const work = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift())
      await (job.queue === 'triage' ? decideAndWrite(job.payload) : learn(job.payload));
  };
  async function decideAndWrite(request: PayloadOf<'triage'>): Promise<void> {
    const { deliveryId, attempt } = request;
    const outcome = await triage(request, playbook, ports);
    if (outcome.kind === 'ignored')
      return ledger.settle(deliveryId, attempt, { state: 'ignored', reason: outcome.reason });
    const record = await apply(outcome.decision.id, playbook, ports);
    const again = await nextRound(record, ports);
    if (again) return decideAndWrite({ ...request, ...again });
    await ledger.settle(deliveryId, attempt, { state: 'triaged' });
  }
  async function learn({ others = [], ...first }: PayloadOf<'feedback'>): Promise<void> {
    for (const { deliveryId, attempt, issueId, intent } of [first, ...others])
      await ledger.settle(deliveryId, attempt, (await follow({ issueId, intent }, playbook, ports)).end);
  }
  const closing = opened.move();
  return {
    site,
    time,
    ledger,
    work,
    connect: () => site.webhooks.connect({ url: hearing.url, backoffMs: [1, 1, 1, 1, 1] }),
    sweep: () => sweepTickets(playbook, ports, { retentionDays: 90 }),
    accounts: () => accounts(ledger, { graceMs: 0 }),
    report: async () => (await site.createIssue({ projectKey: 'DESK', summary: 'The network is down' })).key,
    /** Edits of fields that our account made. */
    edits: (key: string) => site.edits(key).filter(({ kind }) => kind === 'edit').length,
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export type SweptDesk = Awaited<ReturnType<typeof openSweptDesk>>;

async function listenForWebhooks(hear: (body: Buffer) => Promise<void>) {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(Buffer.from(part));
    await hear(Buffer.concat(parts));
    response.writeHead(202).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
