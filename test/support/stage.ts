import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IssueDraft } from '../fakes/jira/model.ts';
import type { SiteOptionsDraft } from '../fakes/jira/options.ts';
import { type JiraSite, startJiraSite } from '../fakes/jira/site.ts';
import { type Admin, adminOf } from './admin.ts';
import { cachedFolder } from './cache.ts';
import { backfillAll } from './command.ts';
import { sureConfig } from './config.ts';
import { deskSite, deskTickets, finishedDraft } from './desk.ts';
import { layEmptyDatabase } from './empty-database.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from './env.ts';
import { freePort } from './port.ts';
import { type Entry, type Service, startService } from './service.ts';

/** A simulated site with finished issues in memory, and what is needed to start the service on it, again and again. */
export interface TestStage extends AsyncDisposable {
  readonly site: JiraSite;
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  start(
    more?: Readonly<Record<string, string>>,
    entry?: Entry,
  ): Promise<{ readonly service: Service; readonly admin: Admin } & AsyncDisposable>;
}

export interface StageOptions {
  readonly site?: SiteOptionsDraft;
  /** Finished issues to learn from; the invented desk's when absent. */
  readonly history?: readonly IssueDraft[];
  /** Puts a `config/` into this folder and says where; the shipped one, without promised precisions, when absent. */
  readonly config?: (folder: string) => Promise<string>;
  readonly env?: Readonly<Record<string, string>>;
  readonly events?: readonly string[];
}

/** Cut-offs are 0, so that each new ticket is edited; the webhook points at a port that stays the same over restarts. */
export async function testStage(options: StageOptions = {}): Promise<TestStage> {
  const { events, history = deskHistory(), config = sureConfig } = options;
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-test-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const desk = deskTickets();
  const site = opened.use(await startJiraSite({ ...deskSite([...desk.history, ...desk.fresh]), ...options.site }));
  for (const draft of history) site.addIssue(draft);
  const port = await freePort();
  const env = serviceEnv(site.url, join(folder, 'data'), {
    CONFIG_DIR: await config(folder),
    PORT: String(port),
    ...options.env,
  });
  const isUsual = !options.history && !options.config && !options.site && areOfNoMemory(options.env);
  await fillMemory(env, { isEmpty: history.length === 0, isUsual });
  site.webhooks.connect({
    url: `http://127.0.0.1:${port}/webhooks/jira`,
    secret: WEBHOOK_SECRET,
    backoffMs: [500, 1_000, 2_000, 4_000, 8_000],
    ...(events ? { events: [...events] } : {}),
  });
  const closing = opened.move();
  return {
    site,
    env,
    folder,
    start: async (extra = {}, entry = 'all-in-one') => {
      const service = await startService({ ...env, ...extra }, entry);
      return {
        service,
        admin: adminOf(service.opsUrl, ADMIN_TOKEN),
        [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
      };
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Whether a backfill under these settings leaves what it leaves without them. */
function areOfNoMemory(env: StageOptions['env'] = {}): boolean {
  return Object.keys(env).every((name) => /^(?:REDIS|OPENAI)_/.test(name));
}

/**
 * What a backfill of the site's history leaves. The usual embedded one takes a core three seconds, and is the same on
 * every stage: the first ones of a test run make it for all.
 */
async function fillMemory(
  env: Readonly<Record<string, string>>,
  { isEmpty, isUsual }: { readonly isEmpty: boolean; readonly isUsual: boolean },
): Promise<void> {
  const { DATA_DIR: dataDir = '', DATABASE_URL: server } = env;
  const { TEST_RUN_FOLDER: root } = process.env;
  const backfill = async (folder: string) => {
    if (server === undefined) await layEmptyDatabase(folder);
    if (!isEmpty) await backfillAll('project = IT', { ...env, DATA_DIR: folder });
  };
  if (!isUsual || root === undefined || server !== undefined) return backfill(dataDir);
  const filled = await cachedFolder({ name: 'desk', version: 'filled', root }, backfill);
  cpSync(filled, dataDir, { recursive: true });
}

function deskHistory(): readonly IssueDraft[] {
  const { history } = deskTickets();
  return history.map((ticket, index) => finishedDraft(ticket, history.length - index));
}
