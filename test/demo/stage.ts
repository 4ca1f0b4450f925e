import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import type { IssueDraft } from '../fakes/jira/model.ts';
import type { SiteOptionsDraft } from '../fakes/jira/options.ts';
import { type JiraSite, startJiraSite } from '../fakes/jira/site.ts';
import { type Admin, type AdminStory, adminOf } from '../support/admin.ts';
import { atOnce } from '../support/at-once.ts';
import { ADMIN_TOKEN, serviceEnv, WEBHOOK_SECRET } from '../support/env.ts';
import { type Service, startService } from '../support/service.ts';
import { modelEnv } from './model.ts';
import { say } from './say.ts';

/** A simulated site with history, the real service beside it in a process of its own, and a webhook between them. */
export interface Stage extends AsyncDisposable {
  readonly site: JiraSite;
  readonly service: Service;
  readonly admin: Admin;
}

export interface Scene {
  readonly site: SiteOptionsDraft;
  readonly history: readonly IssueDraft[];
  readonly project: string;
  /** `CONFIG_DIR` of the service; the shipped one when absent. */
  readonly configFolder?: string;
  /** Whether a language model that the environment names is asked; the shipped prompt has to fit. */
  readonly asksModel?: boolean;
}

const SHIPPED_CONFIG = fileURLToPath(new URL('../../config', import.meta.url));
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** Past tickets the model is asked about to measure how often it is right, at most. */
const MODEL_SAMPLE = '120';

export async function setStage(scene: Scene): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-demo-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const site = opened.use(await startJiraSite(scene.site));
  for (const draft of scene.history) site.addIssue(draft);
  const config = join(folder, 'config');
  await cp(scene.configFolder ?? SHIPPED_CONFIG, config, { recursive: true });
  const model = scene.asksModel ? await modelEnv(config) : null;
  const env = serviceEnv(site.url, join(folder, 'data'), { CONFIG_DIR: config, ...model });
  say(`simulated Jira site on ${site.url} with ${scene.history.length} finished tickets`);
  await run(CLI, ['backfill', '--jql', `project = ${scene.project}`, '--pages-per-second', '20'], env);
  await run(CLI, ['calibrate'], env);
  const kept = ['--answers', join(folder, 'model-answers.jsonl')];
  if (model) await run(CLI, ['calibrate', '--rung', 'model', '--sample', MODEL_SAMPLE, '--yes', ...kept], env);
  const service = opened.use(await startService(env));
  say(
    `service ready on ${service.url} after ${(service.readyMs / 1000).toFixed(1)} s: queue, ledger and memory in one folder`,
  );
  site.webhooks.connect({ url: `${service.url}/webhooks/jira`, secret: WEBHOOK_SECRET });
  const closing = opened.move();
  return {
    site,
    service,
    admin: adminOf(service.opsUrl, ADMIN_TOKEN),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

export interface Played {
  readonly key: string;
  readonly story: AdminStory;
  /** From the webhook's arrival to the delivery's end. */
  readonly ms: number | null;
}

/** So many tickets are under way, or asked about, at once: a busy desk, not a flood. */
const WAVE = 16;

/** Posts new tickets wave by wave and waits for each to end; returns what the ledger says of every one. */
export async function play(
  drafts: readonly IssueDraft[],
  { site, admin }: Stage,
): Promise<{ readonly played: readonly Played[]; readonly seconds: number }> {
  using stopped = new DisposableStack();
  const bar = new SingleBar(
    { format: 'new tickets {bar} {value}/{total}  {rate}/s', noTTYOutput: true, notTTYSchedule: 2_000 },
    Presets.shades_classic,
  );
  // Or it would keep a demo that failed from ending.
  stopped.defer(() => bar.stop());
  bar.start(drafts.length, 0, { rate: '–' });
  const startedAt = performance.now();
  const keys: string[] = [];
  for (let start = 0; start < drafts.length; start += WAVE) {
    const wave = await Promise.all(drafts.slice(start, start + WAVE).map((draft) => site.createIssue(draft)));
    keys.push(...wave.map(({ key }) => key));
    await site.webhooks.flush();
    await admin.idle({ timeoutMs: 60_000 });
    bar.update(keys.length, { rate: (keys.length / ((performance.now() - startedAt) / 1000)).toFixed(0) });
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const played = await atOnce(WAVE, keys, async (key) => playedOf(key, await admin.story(key)));
  return { played, seconds };
}

function playedOf(key: string, story: AdminStory): Played {
  const end = story.deliveries.find((delivery) => delivery.settledAt !== null);
  return { key, story, ms: end?.settledAt ? Date.parse(end.settledAt) - Date.parse(end.receivedAt) : null };
}

async function run(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: 'inherit',
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${args[0]} ended with code ${String(code)}`);
}
