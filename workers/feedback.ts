import type { Context } from '../src/compose.ts';
import { messageOf } from '../src/domain/errors.ts';
import type { Outcome } from '../src/domain/outcome.ts';
import { guard } from '../src/feedback/guard-rails.ts';
import { follow, type Learnt } from '../src/feedback/learn.ts';
import { paced } from '../src/feedback/paced.ts';
import { sharing } from '../src/feedback/sharing.ts';
import { grouped } from '../src/intake/grouped.ts';
import type { PayloadOf } from '../src/queue/catalogue.ts';
import { type Processor, runWorker } from './run.ts';

/** Soon enough for people, seldom enough for the database when a whole desk is corrected at once. */
const GUARD_PAUSE_MS = 1_000;
const GROUPS = { maxSize: 64, maxRunning: 1 };

/** Looks at what people made of our decisions, brings memory in line, and pulls the brake where they disagree too often. */
export function feedbackWorker(context: Context): AsyncDisposable {
  const { tracker, memory, embedder, textOf, ledger, clock, metrics, settings } = context;
  const guarding = paced(() => pullBrakes(context), GUARD_PAUSE_MS);
  // Looks that end together are recorded together: one statement instead of many.
  const recordOutcomes = grouped(GROUPS, async (looks: readonly (readonly Outcome[])[]) => {
    await ledger.recordOutcomes(looks.flat());
    return looks.map(() => undefined);
  });
  const judging = { lastWord: ledger.lastWord, recordOutcomes };
  const ports = { tracker, memory, embedder, textOf, clock, ledger: judging, areWritesOn: settings.areWritesOn };
  const look = sharing(async (issueId: string, intents: readonly PayloadOf<'feedback'>['intent'][]) => {
    const intent = intents.includes('forget') ? 'forget' : 'learn';
    const learnt = await follow({ issueId, intent }, context.playbook(), ports);
    for (const { target, result } of learnt.outcomes) metrics.outcomes.inc({ target, result });
    if (isOverridden(learnt)) guarding.ask();
    return learnt.end;
  });
  const processor: Processor<'feedback'> = {
    queue: 'feedback',
    concurrency: 16,
    process: async ({ deliveryId, attempt, issueId, intent }) => {
      await ledger.settle(deliveryId, attempt, await look(issueId, intent));
    },
    giveUp: ({ deliveryId, attempt }, reason) => ledger.settle(deliveryId, attempt, { state: 'failed', reason }),
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

function isOverridden({ outcomes }: Learnt): boolean {
  return outcomes.some(({ how, result }) => how === 'written' && result === 'overridden');
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
    log.warn({ why: messageOf(error) }, 'override rates cannot be looked at now; the next correction asks again');
  }
}
