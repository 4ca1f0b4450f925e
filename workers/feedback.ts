import type { Context } from '../src/compose.ts';
import { safeMessageOf } from '../src/domain/errors.ts';
import { guard, isOverride } from '../src/feedback/guard-rails.ts';
import { inTurn } from '../src/feedback/in-turn.ts';
import { follow } from '../src/feedback/learn.ts';
import { paced } from '../src/feedback/paced.ts';
import { sharing } from '../src/feedback/sharing.ts';
import type { PayloadOf } from '../src/queue/catalogue.ts';
import { type Processor, runWorker } from './run.ts';

/** Soon enough for people, seldom enough for the database when a whole desk is corrected at once. */
const GUARD_PAUSE_MS = 1_000;
/** How far the clocks of two processes may be apart. */
const SKEW_MS = 2_000;
/** Of the deliveries in one job. */
const AT_ONCE = 2;

/** Looks at what people made of our decisions, brings memory in line, and pulls the brake where they disagree too often. */
export function feedbackWorker(context: Context): AsyncDisposable {
  const { tracker, memory, embedder, textOf, ledger, publisher, clock, metrics, settings } = context;
  const guarding = paced(() => pullBrakes(context), GUARD_PAUSE_MS);
  const ports = { tracker, memory, embedder, textOf, clock, ledger, areWritesOn: settings.areWritesOn };
  const lookOnce = async (issueId: string, intents: readonly PayloadOf<'feedback'>['intent'][]) => {
    const intent = intents.includes('forget') ? 'forget' : 'learn';
    const learnt = await follow({ issueId, intent }, context.playbook(), ports);
    for (const { target, result } of learnt.outcomes) metrics.outcomes.inc({ target, result });
    if (learnt.outcomes.some(isOverride)) guarding.ask();
    return learnt.end;
  };
  const look = sharing(lookOnce, Date.now);
  const learn =
    (queuedAt: number) =>
    async ({ deliveryId, attempt, issueId, intent }: Omit<PayloadOf<'feedback'>, 'others'>) =>
      ledger.settle(deliveryId, attempt, await look(issueId, { request: intent, since: queuedAt + SKEW_MS }));
  const processor: Processor<'feedback'> = {
    queue: 'feedback',
    concurrency: context.settings.concurrency.feedback ?? 8,
    process: async ({ others = [], ...first }, { queuedAt }) => {
      const trouble = await inTurn([first, ...others], AT_ONCE, learn(queuedAt));
      if (!trouble) return;
      if (others.length === 0) throw trouble.error;
      // Each goes on alone, with pauses and an end of its own.
      await publisher.publish('feedback', trouble.left);
    },
    giveUp: async ({ others = [], ...first }, reason) => {
      for (const { deliveryId, attempt } of [first, ...others])
        await ledger.settle(deliveryId, attempt, { state: 'failed', reason });
    },
  };
  const worker = runWorker(context, processor);
  // What was recorded right before a crash has not been looked at.
  guarding.ask();
  return {
    [Symbol.asyncDispose]: async () => {
      guarding[Symbol.dispose]();
      await worker[Symbol.asyncDispose]();
    },
  };
}

async function pullBrakes(context: Context): Promise<void> {
  const { metrics, log } = context;
  try {
    for (const { target, value, kind, why } of await guard(context.playbook(), context)) {
      metrics.brakesPulled.inc({ kind });
      log.warn(
        { target, value, why },
        'people override this too often: it is only suggested until a person releases it',
      );
    }
  } catch (error) {
    log.warn({ why: safeMessageOf(error) }, 'override rates cannot be looked at now; the next correction asks again');
  }
}
