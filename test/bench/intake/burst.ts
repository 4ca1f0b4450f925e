import { testStage } from '../../support/stage.ts';
import { postAll, signedFor } from '../load.ts';
import { manyNew } from '../many-tickets.ts';
import { quantile } from '../report.ts';
import { CONNECTIONS } from './rounds.ts';

export interface Burst {
  readonly acksPerSecond: number;
  readonly p99Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Deliveries by how they ended. */
  readonly ended: Readonly<Record<string, number>>;
  /** From the first webhook until all were decided and written. */
  readonly seconds: number;
}

/**
 * So many new tickets at once, to intake beside one worker process. What Jira would send again is sent again here;
 * our own pace on Jira (150 looks a second) sets how long the rest takes.
 */
export async function burst(tickets: number, env: Readonly<Record<string, string>>): Promise<Burst> {
  await using stage = await testStage({ history: [], site: { openapi: 'off', requestLogSize: 10 }, env });
  await using intake = await stage.start({}, 'intake');
  await using _workers = await stage.start({}, 'workers');
  const webhooks = manyNew(tickets).map((draft) => signedFor(stage.site.addIssue(draft)));
  const startedAt = performance.now();
  const first = await postAll(intake.service.url, webhooks, CONNECTIONS);
  const statuses: Record<string, number> = { ...first.statuses };
  // The inbox knows copies, so all of them may come again.
  for (let again = first; (again.statuses['503'] ?? 0) > 0; ) {
    await new Promise((resume) => setTimeout(resume, 2_000));
    again = await postAll(intake.service.url, webhooks, CONNECTIONS);
    for (const [status, count] of Object.entries(again.statuses)) statuses[status] = (statuses[status] ?? 0) + count;
  }
  const ended = await intake.admin.idle({ timeoutMs: 300_000, pollMs: 500 });
  return {
    acksPerSecond: first.acksPerSecond,
    p99Ms: quantile(first.latenciesMs, 0.99),
    statuses,
    ended,
    seconds: (performance.now() - startedAt) / 1000,
  };
}
