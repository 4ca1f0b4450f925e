import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Delivery } from '../domain/decision/delivery.ts';

/** Which delivery a job serves; its end is written to the ledger under these. */
const serves = { deliveryId: z.string(), attempt: z.int().min(1) };

const DeliverySchema: z.ZodType<Delivery> = z.object({
  site: z.string(),
  door: z.enum(['webhook', 'automation', 'admin', 'sweep']),
  identifier: z.string().nullable(),
  contentHash: z.string(),
  event: z.string(),
  issueId: z.string().nullable(),
  issueKey: z.string().nullable(),
  plan: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('do'),
      intent: z.enum(['triage', 'learn', 'forget']),
      isForced: z.boolean(),
      overridesHumans: z.boolean().exactOptional(),
      isBulk: z.boolean().exactOptional(),
    }),
    z.object({ kind: z.literal('ignore'), reason: z.string() }),
  ]),
  trace: z.string().exactOptional(),
});
/** Deliveries that are acknowledged together and not yet in the inbox. `group` is random. */
const IntakePayload = z.object({ group: z.string(), deliveries: z.array(DeliverySchema).min(1) });
const TriagePayload = z.object({
  ...serves,
  issueId: z.string(),
  isForced: z.boolean(),
  overridesHumans: z.boolean().default(false),
  /** How often it was decided before, because the ticket changed before it was written. */
  round: z.int().min(0).default(0),
});
/** `waitingSince`: when the ticket was created, if it has been waiting for this since then. */
const WriteBackPayload = z.object({ ...serves, decisionId: z.string(), waitingSince: z.string().optional() });
/** Writes on one issue that are taken back, newest first: each needs what the one before it left. */
const UndoPayload = z.object({ undos: z.array(z.object({ id: z.string(), writeId: z.string() })).min(1) });
const Heard = z.object({ ...serves, issueId: z.string(), intent: z.enum(['learn', 'forget']) });
/** `others`: what came in together with it, for a job costs more than a look. */
const FeedbackPayload = Heard.extend({ others: z.array(Heard).optional() });
const UpkeepPayload = z.object({
  task: z.enum(['requeue', 'clean', 'learn', 'embed', 'sweep-memory', 'sweep-tickets', 'live-check', 'drift']),
});

interface Payloads {
  intake: z.infer<typeof IntakePayload>;
  triage: z.infer<typeof TriagePayload>;
  'write-back': z.infer<typeof WriteBackPayload>;
  undo: z.infer<typeof UndoPayload>;
  feedback: z.infer<typeof FeedbackPayload>;
  upkeep: z.infer<typeof UpkeepPayload>;
}

export type QueueName = keyof Payloads;
export type PayloadOf<Name extends QueueName> = Payloads[Name];
export const queueNames = [
  'intake',
  'triage',
  'write-back',
  'undo',
  'feedback',
  'upkeep',
] as const satisfies readonly QueueName[];

/** With the pauses of `backend.ts` about a day: no outage of Jira that people would call one costs a ticket. */
const PATIENT = 300;

interface Entry<Payload> {
  readonly payload: z.ZodType<Payload>;
  readonly idOf: (payload: Payload) => string;
  readonly attempts: number;
}

/**
 * Every job there is: payload, id and retries. Payloads carry keys, never ticket text or secrets. The id is derived
 * from the payload, so publishing twice queues once; it is not idempotency, the ledger's inbox is.
 */
export const catalogue: { readonly [Name in QueueName]: Entry<Payloads[Name]> } = {
  intake: {
    payload: IntakePayload,
    // Not by content: what failed and is sent again has to run again, and it is the inbox that knows.
    idOf: ({ group }) => `intake-${group}`,
    attempts: PATIENT,
  },
  triage: {
    payload: TriagePayload,
    idOf: ({ deliveryId, attempt, round }) => `triage-${deliveryId}-${attempt}${round > 0 ? `-round-${round}` : ''}`,
    attempts: PATIENT,
  },
  'write-back': { payload: WriteBackPayload, idOf: (payload) => `write-${payload.decisionId}`, attempts: PATIENT },
  undo: { payload: UndoPayload, idOf: ({ undos }) => `undo-${fingerprint(undos)}`, attempts: PATIENT },
  feedback: {
    payload: FeedbackPayload,
    // Another one than for each alone, so that what fails in company can go on alone.
    idOf: ({ deliveryId, attempt, others = [] }) =>
      `feedback-${deliveryId}-${attempt}${others.length > 0 ? `-and-${others.length}` : ''}`,
    attempts: PATIENT,
  },
  upkeep: { payload: UpkeepPayload, idOf: (payload) => `upkeep-${payload.task}`, attempts: 1 },
};

/** What is in one job; another list of the same issue is another job. */
function fingerprint(undos: readonly { readonly id: string }[]): string {
  return createHash('sha256')
    .update(JSON.stringify(undos.map(({ id }) => id)))
    .digest('hex')
    .slice(0, 32);
}

/** Queues jobs; resolves once they are durable. Throws `TransientError` when the queue cannot be reached. */
export type Publish = <Name extends QueueName>(
  name: Name,
  payloads: readonly PayloadOf<Name>[],
  options?: PublishOptions,
) => Promise<void>;

export interface PublishOptions {
  /** `ahead` of everything that waits, or `behind` everything else however late it comes; in turn when absent. */
  readonly urgency?: 'ahead' | 'behind';
  /** Replace a job of the same id that rests as failed or completed. */
  readonly isRevival?: boolean;
  /** Not before so many milliseconds. */
  readonly delayMs?: number;
  /** Where the trace of each goes on, in the same order; that of who publishes when absent. */
  readonly traces?: readonly (string | undefined)[];
}
