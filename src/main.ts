import { type Context, compose } from './compose.ts';
import type { Delivery } from './domain/decision/delivery.ts';
import { safeMessageOf } from './domain/errors.ts';
import type { Playbook } from './domain/playbook/playbook.ts';
import { beforeDeadline } from './http/deadline.ts';
import { type Listening, listen } from './http/listen.ts';
import { type Acknowledge, type Acknowledging, queueing } from './intake/acknowledge.ts';
import { createApp } from './intake/app.ts';
import { type Ears, watchedFields } from './intake/event.ts';
import { pressure } from './intake/pressure.ts';
import { receiver } from './intake/receive.ts';
import { closedInTime, openOps, readinessOf, siteOf } from './ops.ts';
import { settingsFromProcess } from './settings/env.ts';
import { closedWithin, SHARE, type Stop, start, untilStopped } from './start.ts';
import type { Facts } from './telemetry/tracing/steps.ts';

const RETRY_IDENTITY_MS = 15_000;

/** Takes webhooks on the public port until disposed; resolves once it listens. */
export async function openIntake(context: Context, stop: Stop): Promise<Listening> {
  const { settings, publisher, playbook, log } = context;
  const identity = learnIdentity(context);
  const closeMs = settings.stopMs * SHARE.listener;
  const taking = takingOf(context);
  const handedOver = closedWithin(taking, { ms: closeMs, what: 'deliveries that are only noted', log });
  const app = createApp({
    ...context,
    acknowledge: traced(taking.acknowledge, context),
    isBusy: pressure({ waiting: () => publisher.waiting(['intake', 'triage']), limit: settings.queueLimit, log }),
    ears: openEars(playbook, identity.accountId),
    site: siteOf(context),
    secrets: settings.secrets,
    readiness: readinessOf(context, stop, 'intake'),
  });
  const { host, port } = settings.http;
  const listening = await listen(app, { host, port, variable: 'PORT', closeMs });
  return {
    port: listening.port,
    [Symbol.asyncDispose]: async () => {
      identity.stop();
      await listening[Symbol.asyncDispose]();
      await handedOver[Symbol.asyncDispose]();
    },
  };
}

/** From the queue alone where that is a server of its own, else from the inbox, which is in the same database. */
function takingOf({ queues, ledger, publisher: { publish } }: Context): Acknowledging {
  if (queues.kind === 'redis') return queueing(publish);
  return { acknowledge: receiver({ ledger, publish }), [Symbol.asyncDispose]: async () => {} };
}

/** What waits for the group before it would else wait for that one's deadline, and then for its own. */
function traced(take: Acknowledge, { tracing }: Context): Acknowledge {
  return (delivery) =>
    tracing.begin(`receive ${delivery.door}`, factsOf(delivery), (trace) =>
      beforeDeadline(take(trace === undefined ? delivery : { ...delivery, trace })),
    );
}

function factsOf({ door, issueKey }: Delivery): Facts {
  return { 'triage.door': door, ...(issueKey === null ? {} : { 'triage.issue_key': issueKey }) };
}

/** What is listened for, by the playbook as it is now; worked out anew only when its targets are others. */
function openEars(playbook: () => Playbook, ourAccountId: () => string | null): () => Ears {
  let last: { readonly targets: Playbook['targets']; readonly watched: Ears['watched'] } | null = null;
  return () => {
    const { projects, targets } = playbook();
    if (last?.targets !== targets) last = { targets, watched: watchedFields(targets) };
    return { projects, ourAccountId: ourAccountId(), watched: last.watched };
  };
}

/** One line that tells an operator whether this is what was meant. */
export function announce(context: Context, ports: { readonly port: number; readonly opsPort: number }): void {
  const { settings, playbook, shelf, endpoints, log } = context;
  const facts = {
    ...ports,
    site: siteOf(context),
    revision: playbook().revision,
    writes: settings.areWritesOn ? 'on' : 'off (dry run)',
    classifier: shelf.current()?.version ?? 'none yet: rules decide, everything else abstains',
    model: endpoints[0]?.model ?? 'none configured: the local classifier decides',
  };
  log.info(facts, 'listening');
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
      log.warn({ why: safeMessageOf(error) }, 'Jira does not tell who we are yet; asking again');
      timer = setTimeout(() => void ask(), RETRY_IDENTITY_MS).unref();
    }
  };
  void ask();
  return { accountId: () => accountId, stop: () => clearTimeout(timer) };
}

if (import.meta.main) {
  await start(async () => {
    const settings = settingsFromProcess();
    await untilStopped(settings.stopMs, async (stop) => {
      const context = await compose(settings);
      await using _storage = closedInTime(context);
      await using _following = await context.follow(false);
      await using ops = await openOps(context, stop, 'intake');
      await using intake = await openIntake(context, stop);
      announce(context, { port: intake.port, opsPort: ops.port });
      await stop.asked;
      context.log.info('stopping');
    });
  });
}
