import type { Router } from 'express';
import { createOpsApp } from './admin/app.ts';
import type { ClassifierStatus } from './admin/pages/status.ts';
import { adminRoutes } from './admin/routes.ts';
import { gaugesOf } from './compose/gauges/gauges.ts';
import { queueUndos, steering } from './compose/steering/steering.ts';
import type { Context } from './compose.ts';
import type { Readiness } from './http/health.ts';
import { type Listening, listen } from './http/listen.ts';
import { receiver } from './intake/receive.ts';
import { closedWithin, SHARE, type Stop } from './start.ts';

/** What a process is for: to take webhooks (whatever else it does), or to work on what was taken. */
export type Role = 'intake' | 'worker';

/** Health and metrics of any process, and the admin routes where webhooks are taken, on the port for one's own network. */
export function openOps(context: Context, stop: Stop, role: Role): Promise<Listening> {
  const { http, stopMs } = context.settings;
  const app = createOpsApp({
    ...context,
    readiness: readinessOf(context, stop, role),
    observe: gaugesOf(context),
    admin: role === 'intake' ? adminFor(context) : null,
  });
  return listen(app, { host: http.host, port: http.opsPort, variable: 'OPS_PORT', closeMs: stopMs * SHARE.listener });
}

/**
 * What a process needs to do its work. On Redis a webhook is acknowledged by the queue, so intake is ready without the
 * ledger. Nobody is ready any more who was asked to end.
 */
export function readinessOf({ ledger, queues }: Context, stop: Stop, role: Role): Readiness {
  const running = async () => {
    if (stop.isAsked()) throw new Error('asked to end');
  };
  const queue = () => queues.ping();
  if (role === 'intake' && queues.kind === 'redis') return { running, queue };
  return { running, queue, ledger: () => ledger.ping() };
}

/** The admin routes over this process's own parts. */
function adminFor(context: Context): Router {
  const { settings, playbook, publisher, ledger } = context;
  return adminRoutes({
    ...context,
    token: settings.secrets.admin,
    revision: () => playbook().revision,
    // Asked for anew each time: they come and go with the playbook.
    models: () => context.endpoints.map(({ endpoint, model }) => ({ endpoint, model })),
    classifier: () => classifierStatus(context),
    unrecorded: async () => {
      const { waiting = 0, active = 0, delayed = 0 } = (await publisher.depths()).intake;
      return waiting + active + delayed;
    },
    steering: steering({
      ...context,
      site: siteOf(context),
      areWritesOn: settings.areWritesOn,
      retentionDays: settings.storage.retentionDays,
      publish: publisher.publish,
      receive: receiver({ ledger, publish: publisher.publish }),
      carryOut: queueUndos(publisher.publish),
    }),
  });
}

/** Storage that is away must not keep a process from ending: what was acknowledged is durable. */
export function closedInTime(context: Context): AsyncDisposable {
  const { settings, log } = context;
  return closedWithin(context, { ms: settings.stopMs * SHARE.storage, what: 'storage', log });
}

/** The host of the Jira site, by which deliveries are told apart. */
export function siteOf({ settings }: Context): string {
  return new URL(settings.jira.url).host;
}

function classifierStatus({ shelf }: Context): ClassifierStatus | null {
  const model = shelf.current();
  if (!model) return null;
  const { version, summary, targets } = model;
  return { version, tickets: summary.tickets, storedAt: shelf.storedAt(), targets: [...targets.keys()] };
}
