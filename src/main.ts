import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { adminRoutes } from './admin/routes.ts';
import type { ClassifierStatus } from './admin/status.ts';
import { observe } from './compose/gauges.ts';
import { queueUndos, steering } from './compose/steering.ts';
import { type Context, compose } from './compose.ts';
import { messageOf } from './domain/errors.ts';
import type { Playbook } from './domain/playbook/playbook.ts';
import { createApp } from './intake/app.ts';
import { type Ears, watchedFields } from './intake/event.ts';
import { type Receive, receiver } from './intake/receive.ts';
import { settingsFromProcess } from './settings/env.ts';
import { start, untilStopped } from './start.ts';

const RETRY_IDENTITY_MS = 15_000;

/** Serves the HTTP surface until disposed; resolves once it listens. */
export async function serve(context: Context): Promise<AsyncDisposable & { readonly port: number }> {
  const { settings, ledger, publisher, playbook, metrics, log } = context;
  const site = new URL(settings.jira.url).host;
  const identity = learnIdentity(context);
  const receive = receiver({ ledger, publish: publisher.publish });
  const app = createApp({
    receive,
    ears: () => earsFor(playbook(), identity.accountId()),
    site,
    secrets: settings.secrets,
    readiness: { ledger: () => ledger.ping(), queue: () => context.queues.ping() },
    observe: () => observe(context),
    admin: adminFor(context, { site, receive }),
    metrics,
    log,
  });
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 }, app);
  server.listen(settings.http.port, settings.http.host);
  await once(server, 'listening');
  const port = portOf(server);
  announce(context, { port, site });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      identity.stop();
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}

function adminFor(context: Context, { site, receive }: { readonly site: string; readonly receive: Receive }) {
  const { settings, playbook, publisher } = context;
  return adminRoutes({
    ...context,
    token: settings.secrets.admin,
    revision: () => playbook().revision,
    // Asked for anew each time: they come and go with the playbook.
    models: () => context.endpoints.map(({ endpoint, model }) => ({ endpoint, model })),
    classifier: () => classifierStatus(context),
    steering: steering({
      ...context,
      site,
      areWritesOn: settings.areWritesOn,
      receive,
      carryOut: queueUndos(publisher.publish),
    }),
  });
}

function earsFor({ projects, targets }: Playbook, ourAccountId: string | null): Ears {
  return { projects, ourAccountId, watched: watchedFields(targets) };
}

/** One line that tells an operator whether this is what was meant. */
function announce(
  { settings, playbook, shelf, endpoints, log }: Context,
  place: { readonly port: number; readonly site: string },
): void {
  const facts = {
    ...place,
    revision: playbook().revision,
    writes: settings.areWritesOn ? 'on' : 'off (dry run)',
    classifier: shelf.current()?.version ?? 'none yet: rules decide, everything else abstains',
    model: endpoints[0]?.model ?? 'none configured: the local classifier decides',
  };
  log.info(facts, 'listening');
}

function classifierStatus({ shelf }: Context): ClassifierStatus | null {
  const model = shelf.current();
  if (!model) return null;
  const { version, summary, targets } = model;
  return { version, tickets: summary.tickets, storedAt: shelf.storedAt(), targets: [...targets.keys()] };
}

/** Who we are in Jira, asked in the background: intake works before Jira does. */
function learnIdentity({ tracker, log }: Context) {
  let accountId: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  const ask = async () => {
    try {
      ({ accountId } = await tracker.myself());
      log.info({ accountId }, 'acting in Jira as');
    } catch (error) {
      log.warn({ why: messageOf(error) }, 'Jira does not tell who we are yet; asking again');
      timer = setTimeout(() => void ask(), RETRY_IDENTITY_MS).unref();
    }
  };
  void ask();
  return { accountId: () => accountId, stop: () => clearTimeout(timer) };
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on a port');
  return address.port;
}

if (import.meta.main) {
  await start(async () => {
    await using context = await compose(settingsFromProcess());
    await using _following = await context.follow(false);
    await using _server = await serve(context);
    await untilStopped();
  });
}
