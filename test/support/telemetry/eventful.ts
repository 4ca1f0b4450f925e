import { openEmbedded } from '../../../src/adapters/pglite/embedded.ts';
import { postgresLedger } from '../../../src/adapters/postgres/ledger.ts';
import { Sql } from '../../../src/adapters/postgres/sql.ts';
import type { IssueDraft } from '../../fakes/jira/model.ts';
import { startModelServer } from '../../fakes/model/server.ts';
import { deskTickets, newDraft } from '../desk.ts';
import { decisionWith } from '../fixtures.ts';
import { outcomeWith } from '../outcomes.ts';
import { type TestStage, testStage } from '../stage.ts';

type Running = Awaited<ReturnType<TestStage['start']>>;

/** A running service that has been through everything that its dashboards and alerts tell of. */
export interface Eventful extends AsyncDisposable {
  readonly running: Running;
  readonly stage: TestStage;
  /** A moment's traffic: a ticket, a change, a refusal, and a fault each of Jira and of the model. */
  readonly traffic: () => Promise<void>;
  /** Once it tells of everything that begins by itself. */
  readonly metrics: () => Promise<string>;
}

/** What a service finds out in its first seconds. */
const FOUND_OUT = [/^triage_sweep_last_success_timestamp_seconds /m, /^triage_drift\{/m, /^triage_retired_values\{/m];

const DAY_MS = 24 * 3600 * 1000;
/** So many decisions of each time are compared. */
const ENOUGH = 60;
const EVENTS = ['jira:issue_created', 'jira:issue_updated'];

export async function startEventful(env: Readonly<Record<string, string>> = {}): Promise<Eventful> {
  await using opened = new AsyncDisposableStack();
  const model = opened.use(await startModelServer());
  const stage = opened.use(
    await testStage({ events: EVENTS, env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'k', ...env } }),
  );
  await plant(stage.env['DATA_DIR'] ?? '');
  const running = opened.use(await stage.start());
  const settle = async () => {
    await stage.site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 60_000 });
  };
  let next = 0;
  const ticket = async (more: Partial<IssueDraft> = {}) => {
    const { fresh } = deskTickets();
    const chosen = fresh[next++ % fresh.length];
    if (!chosen) throw new Error('no tickets');
    return (await stage.site.createIssue({ ...newDraft(chosen), ...more })).key;
  };
  const traffic = async () => {
    const key = await ticket();
    // What a person has set is left alone.
    await ticket({ labels: ['cat-printing'] });
    await settle();
    await stage.site.editAs('agent-lena-brandt', key, { status: 'Done', resolution: 'Done' });
    await settle();
    for (const status of [401, 403, 503]) {
      stage.site.faults.next({ match: { method: 'PUT' }, times: 1, status, body: { errorMessages: [] } });
    }
    stage.site.faults.reset({ match: { method: 'PUT' } });
    await ticket();
    await settle();
    model.always({ status: 500 });
    await ticket();
    await settle();
    model.always(null);
    for (const body of ['x', '{']) await fetch(`${running.service.url}/webhooks/jira`, { method: 'POST', body });
  };
  const closing = opened.move();
  return {
    running,
    stage,
    traffic,
    metrics: () => metricsOf(running.service.opsUrl),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

async function metricsOf(opsUrl: string): Promise<string> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const text = await (await fetch(`${opsUrl}/metrics`)).text();
    if (FOUND_OUT.every((pattern) => pattern.test(text))) return text;
    if (Date.now() > deadline)
      throw new Error(`a minute after its start the service does not tell everything:\n${text}`);
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

/** What takes weeks: what people judged, and what is decided of late and was before. */
async function plant(folder: string): Promise<void> {
  const { driver } = await openEmbedded(folder);
  const ledger = postgresLedger(new Sql(driver));
  const judgedAt = new Date().toISOString();
  await ledger.recordOutcomes(
    (['confirmed', 'confirmed', 'overridden'] as const).map((result) =>
      outcomeWith({ result, judgedAt, to: result === 'overridden' ? 'email' : null }),
    ),
  );
  for (const daysAgo of [2, 12]) {
    const decidedAt = new Date(Date.now() - daysAgo * DAY_MS).toISOString();
    for (let count = 0; count < ENOUGH; count += 1)
      await ledger.recordDecision(decisionWith({ decidedAt, values: { category: count % 3 === 0 ? 'email' : 'vpn' } }));
  }
  await driver.close();
}
