import { z } from 'zod';
import type { Quality, ReclassifyAnswer, SweepAnswer, UndoOrder, UndoOutlook } from '../../../admin/steering.ts';
import type { DeadLetter } from '../../../domain/decision/dead-letter.ts';
import type { AuditEntry, StoredWrite } from '../../../domain/decision/delivery.ts';
import type { Brake } from '../../../domain/playbook/brake.ts';

const Text = z.string().nullable();
const Changes = z.record(z.string(), z.object({ before: Text, after: Text }));
const Words = z.record(z.string(), z.string());

/** The service's answers as they are read here; a service of another version is noticed, not misread. */
export const Outlook: z.ZodType<UndoOutlook> = z.object({
  undos: z.array(
    z.object({
      id: z.string(),
      writeId: z.string(),
      at: z.string(),
      issueKey: z.string(),
      changes: Changes,
      heldBack: Words,
      reason: Text,
    }),
  ),
  more: z.number(),
  why: Text,
});

export const Order: z.ZodType<UndoOrder> = z.object({
  undos: z.array(z.object({ id: z.string(), writeId: z.string(), issueKey: z.string() })),
  why: Text,
});

export const Write: z.ZodType<StoredWrite> = z.object({
  decisionId: z.string(),
  issueId: z.string(),
  issueKey: z.string(),
  state: z.enum(['planned', 'applied', 'unchanged', 'dry-run', 'refused', 'superseded']),
  reason: Text,
  changes: Changes,
  heldBack: Words,
  suggestions: Words,
  passedOver: z.array(z.object({ accountId: z.string(), why: z.string() })),
  undoes: Text,
  at: z.string(),
  undoneBy: Text,
});

export const Walk: z.ZodType<ReclassifyAnswer> = z.object({
  queued: z.number(),
  foreign: z.number(),
  next: Text,
  retryAfterMs: z.number(),
});

export const Swept: z.ZodType<SweepAnswer> = z.object({
  triage: z.number(),
  learn: z.number(),
  missing: z.number(),
  looked: z.number(),
  isComplete: z.boolean(),
  remaining: z.number(),
  hidden: Words,
  from: Text,
});

const OneBrake: z.ZodType<Brake> = z.object({
  id: z.string(),
  target: z.string(),
  value: Text,
  kind: z.enum(['override-rate', 'field-gone']),
  why: z.string(),
  pulledAt: z.string(),
});
export const Brakes = z.object({ brakes: z.array(OneBrake) });
export const Released = z.object({ released: OneBrake });

export const Letter: z.ZodType<DeadLetter> = z.object({
  id: z.string(),
  queue: z.string(),
  payload: z.unknown(),
  error: z.string(),
  history: z.array(z.string()),
  attempts: z.number(),
  buriedAt: z.string(),
});
export const Letters = z.object({ deadLetters: z.array(Letter) });
export const LetterReplayed = z.object({ outcome: z.enum(['queued', 'done']) });
export const LetterDiscarded = z.object({ outcome: z.literal('discarded') });

const Entry: z.ZodType<AuditEntry> = z.object({
  at: z.string(),
  actor: z.string(),
  action: z.string(),
  detail: z.string(),
});
export const Audit = z.object({ audit: z.array(Entry) });

export const QualityAnswer: z.ZodType<Quality> = z.object({
  since: z.string(),
  rates: z.array(
    z.object({
      target: z.string(),
      value: z.string(),
      revision: z.string(),
      judged: z.number(),
      overridden: z.number(),
      lowerBound: z.number(),
    }),
  ),
  groups: z.array(
    z.object({
      target: z.string(),
      group: z.enum(['treated', 'control']),
      tickets: z.number(),
      judged: z.number(),
      right: z.number(),
      medianSettledMs: z.number().nullable(),
    }),
  ),
  brakes: z.array(OneBrake),
});

/** Why the service did not do it. */
export const Refusal = z.object({ error: z.string() });
