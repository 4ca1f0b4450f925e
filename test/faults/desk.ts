import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import type { JiraSite } from '../fakes/jira/door.ts';
import { startJiraSite } from '../fakes/jira/site.ts';
import type { Admin } from '../support/admin.ts';
import { childEnv } from '../support/child-env.ts';
import { layEmptyDatabase } from '../support/empty-database.ts';
import { serviceEnv, WEBHOOK_SECRET } from '../support/env.ts';
import { openProxy, type TcpProxy } from '../support/proxy.ts';
import type { Entry } from '../support/service.ts';
import { openCrew, type Running } from './desk/crew.ts';
import { flow, send, settle } from './desk/flow.ts';
import { SITE, writePlaybook } from './desk/playbook.ts';
import { type Watch, watchSite } from './desk/watch.ts';
import { judge, type Sent } from './judge.ts';
import { keepResult } from './report.ts';
import { type Dice, diceFor } from './seed.ts';
import { openStack, type Stack, type StackName, type StackOptions } from './stack/stack.ts';

/** One scenario on one stack: a site with its people, the service in processes of its own, and the judge. */
export interface FaultDesk extends AsyncDisposable {
  readonly stack: Stack;
  readonly site: JiraSite;
  readonly watch: Watch;
  readonly dice: Dice;
  readonly folder: string;
  /** What its processes are started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Between Jira and the door for webhooks. */
  readonly doorstep: TcpProxy;
  /** Every ticket that is judged. */
  readonly sent: readonly Sent[];
  /** Those that run now. */
  readonly running: readonly Running[];
  start(entry: Entry, more?: Readonly<Record<string, string>>): Promise<Running>;
  /** Everything in one process on the embedded stack, else intake and two processes of workers. */
  startAll(more?: Readonly<Record<string, string>>): Promise<void>;
  /** SIGKILL. */
  kill(process: Running): Promise<void>;
  /** SIGKILL, and another one of its kind in its place. */
  replace(process: Running): Promise<Running>;
  /** SIGTERM, and another one of its kind in its place; returns how many milliseconds it took to stop. */
  restart(process: Running): Promise<number>;
  /** Of the process that takes webhooks. */
  admin(): Admin;
  /** People report so many tickets at once. */
  send(count: number): Promise<readonly Sent[]>;
  /** The same a few at a time, as the service gets on with them; throws when it does not. Returns the number. */
  flow(count: number): Promise<number>;
  /** Waits until Jira is done sending and every accepted delivery has ended; throws with a diagnosis. */
  settle(timeoutMs: number): Promise<void>;
  /** Judges all that was sent, keeps the line for the table, and fails the test where something is wrong. */
  pronounce(faults: number, note?: string): Promise<void>;
  /** From now on these are no part of what is waited for and judged. */
  leaveOut(tickets: readonly Sent[]): void;
}

export interface DeskOptions extends StackOptions {
  readonly scenario: string;
  readonly stack: StackName;
  readonly site?: Parameters<typeof startJiraSite>[0];
  readonly env?: Readonly<Record<string, string>>;
  /** Its first start creates the embedded database, which takes seconds. */
  readonly isUncreated?: boolean;
  /** Of Jira between its five further tries; the real one waits 5 to 15 minutes. */
  readonly backoffMs?: readonly number[];
}

/** In all longer than a start takes on a busy machine. */
const BACKOFF_MS = [500, 1_000, 2_000, 6_000, 20_000];

export async function openDesk(options: DeskOptions): Promise<FaultDesk> {
  const { scenario, backoffMs = BACKOFF_MS } = options;
  const startedAt = performance.now();
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-fault-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const stack = opened.use(await openStack(options.stack, options));
  const site = opened.use(await startJiraSite({ ...SITE, ...options.site }));
  const crew = openCrew();
  const doorstep = opened.use(await openProxy(() => ({ port: crew.doorPort() })));
  opened.defer(crew.stop);
  const env = serviceEnv(site.url, join(folder, 'data'), {
    CONFIG_DIR: await writePlaybook(folder),
    NODE_OPTIONS: `${childEnv()['NODE_OPTIONS'] ?? ''} --max-semi-space-size=32`,
    ...stack.env,
    ...options.env,
  });
  if (stack.name === 'embedded' && !options.isUncreated) await layEmptyDatabase(env['DATA_DIR'] ?? '');
  site.webhooks.connect({
    url: `http://127.0.0.1:${doorstep.port}/webhooks/jira`,
    secret: WEBHOOK_SECRET,
    backoffMs: [...backoffMs],
    events: ['jira:issue_created'],
  });
  const watch = watchSite(site);
  const sent: Sent[] = [];
  const leftOut: Sent[] = [];
  const place = { site, watch, stack, dice: diceFor(`${scenario} ${stack.name}`), folder, doorstep };
  const queue = { site, crew, sent, leftOut };
  const closing = opened.move();
  return {
    ...place,
    env,
    sent,
    running: crew.running,
    start: (entry, more = {}) => crew.start(entry, { ...env, ...more }),
    startAll: async (more = {}) => {
      const entries: readonly Entry[] = stack.name === 'embedded' ? ['all-in-one'] : ['intake', 'workers', 'workers'];
      await Promise.all(entries.map((entry) => crew.start(entry, { ...env, ...more })));
    },
    kill: crew.kill,
    replace: crew.replace,
    restart: crew.restart,
    admin: crew.admin,
    send: (count) => send(count, queue),
    flow: (count) => flow(count, queue),
    settle: (timeoutMs) => settle(queue, timeoutMs),
    leaveOut: (tickets) => {
      leftOut.push(...tickets);
      for (const ticket of tickets) sent.splice(sent.indexOf(ticket), 1);
    },
    pronounce: async (faults, note = '') => {
      const { problems, ...numbers } = await judge(sent, { site, watch, admin: crew.admin() });
      const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
      const result = { scenario, stack: stack.name, tickets: sent.length, faults, ...numbers, seconds, note };
      keepResult(inject('faultResults'), result);
      if (problems.length > 0) throw new Error(`${problems.length} problems:\n${shortened(problems)}`);
      expect(numbers).toMatchObject({ lost: 0, doubled: 0, overwritten: 0 });
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function shortened(problems: readonly string[]): string {
  return problems
    .slice(0, 10)
    .map((problem) => problem.slice(0, 500))
    .join('\n');
}
