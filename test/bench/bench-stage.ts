import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JiraSite } from '../fakes/jira/site.ts';
import { startJiraSite } from '../fakes/jira/site.ts';
import { type Admin, adminOf } from '../support/admin.ts';
import { backfillAll } from '../support/backfill.ts';
import { sureConfig } from '../support/config.ts';
import { deskSite, deskTickets } from '../support/desk.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from '../support/env.ts';
import { type Service, startService } from '../support/service.ts';
import { manyFinished } from './many-tickets.ts';

export interface BenchStage extends AsyncDisposable {
  readonly site: JiraSite;
  readonly service: Service;
  readonly admin: Admin;
}

/** The real service on a simulated site with this many past tickets; every new ticket is surely edited. */
export async function benchStage(pastTickets: number, env: Readonly<Record<string, string>>): Promise<BenchStage> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-bench-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const { history, fresh } = deskTickets();
  const site = opened.use(
    await startJiraSite({ ...deskSite([...history, ...fresh]), openapi: 'off', requestLogSize: 100 }),
  );
  for (const draft of manyFinished(pastTickets)) site.addIssue(draft);
  const settings = serviceEnv(site.url, join(folder, 'data'), { CONFIG_DIR: await sureConfig(folder), ...env });
  if (pastTickets > 0) await backfillAll('project = IT', settings);
  const service = opened.use(await startService(settings));
  site.webhooks.connect({ url: `${service.url}/webhooks/jira`, secret: WEBHOOK_SECRET });
  const closing = opened.move();
  return {
    site,
    service,
    admin: adminOf(service.url, ADMIN_TOKEN),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
