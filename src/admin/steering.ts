import { z } from 'zod';
import type { DeadLetter } from '../domain/decision/dead-letter.ts';
import type { AuditEntry, StoredWrite } from '../domain/decision/delivery.ts';
import type { GroupQuality, OverrideRate } from '../domain/decision/outcome.ts';
import type { UndoRehearsal } from '../domain/decision/undo.ts';
import { RejectedError } from '../domain/errors.ts';
import type { Brake } from '../domain/playbook/brake.ts';

export const IssueKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{1,99}-\d{1,18}$/, 'is not an issue key; it looks like IT-123');
const Id = z.string().min(1).max(300);
/** Who asks, as far as we know; for the audit. */
export const Actor = z.string().trim().min(1).max(200);

export const UndoRequest = z
  .strictObject({
    issue: IssueKey.optional(),
    revision: Id.optional(),
    /** Of a decision, or `undo-…` of an undo. */
    decision: Id.optional(),
    /** `90m`, `2h`, `3d`, or an ISO time. */
    since: z.string().max(40).optional(),
    /** Tell what would be done, and do nothing. */
    dryRun: z.boolean().default(false),
    actor: Actor.optional(),
  })
  .refine(
    ({ issue, revision, decision }) => [issue, revision, decision].filter((one) => one !== undefined).length === 1,
    {
      message: 'say what to undo: one of issue, revision and decision',
    },
  )
  .refine(({ revision, since }) => revision === undefined || since !== undefined, {
    message: 'a whole revision needs since, for example 2h',
  });

export const ReclassifyRequest = z
  .strictObject({
    issues: z.array(IssueKey).min(1).max(1_000).optional(),
    jql: z.string().trim().min(1).max(10_000).optional(),
    /** Where an earlier answer said to go on. */
    next: z.string().max(10_000).optional(),
    /** Leave tickets alone whose text did not change since the same playbook decided on them. */
    onlyChanged: z.boolean().default(false),
    /** Even people's values may be replaced. */
    overrideHumans: z.boolean().default(false),
    /** Tell about how many tickets there are, and do nothing. */
    dryRun: z.boolean().default(false),
    actor: Actor.optional(),
  })
  .refine(({ issues, jql }) => (issues === undefined) !== (jql === undefined), {
    message: 'give either issues or jql',
  });

export const SweepRequest = z.strictObject({
  /** Look back so far, also before the service was first started: `90m`, `2h`, `7d`, or an ISO time. */
  since: z.string().max(40).optional(),
  /** What is younger is left to its webhook. */
  settleSeconds: z.int().min(0).max(3_600).optional(),
  /** Tell what would be found, and hand nothing over. */
  dryRun: z.boolean().default(false),
  actor: Actor.optional(),
});

export type SweepRequest = z.infer<typeof SweepRequest>;
export type UndoRequest = z.infer<typeof UndoRequest>;
export type ReclassifyRequest = z.infer<typeof ReclassifyRequest>;

/** What people can make the service do, the same over HTTP and on the command line. Refusals are `RejectedError`. */
export interface Steering {
  /** What an undo would do, read from Jira for the newest 100 writes; changes nothing. */
  rehearseUndo(request: UndoRequest): Promise<UndoOutlook>;
  /** Records who asked and has it done; empty with `why` where there is nothing to take back. */
  undo(request: UndoRequest): Promise<UndoOrder>;
  write(id: string): Promise<StoredWrite | null>;
  /** Queues tickets for a new decision by the current playbook; of a query, about 1,000 per call. */
  reclassify(request: ReclassifyRequest): Promise<ReclassifyAnswer>;
  /** Holds Jira against the ledger as upkeep does every five minutes; a long time back takes several calls. */
  sweep(request: SweepRequest): Promise<SweepAnswer>;
  brakes(): Promise<readonly Brake[]>;
  releaseBrake(id: string, actor: string): Promise<Brake>;
  /** Jobs out of attempts, the newest 200. */
  deadLetters(): Promise<readonly DeadLetter[]>;
  deadLetter(id: string): Promise<DeadLetter>;
  /** Has it tried again; `done`: there was nothing left to do. */
  replayDeadLetter(id: string, actor: string): Promise<'queued' | 'done'>;
  discardDeadLetter(id: string, actor: string): Promise<void>;
  /** The newest 200. */
  audits(): Promise<readonly AuditEntry[]>;
  /** How what was written fared in the last so many days; null: as many as the guard rails look back. */
  quality(days: number | null): Promise<Quality>;
}

export interface UndoOutlook {
  readonly undos: readonly UndoRehearsal[];
  /** Further writes that were not looked at. */
  readonly more: number;
  readonly why: string | null;
}

export interface UndoOrder {
  readonly undos: readonly { readonly id: string; readonly writeId: string; readonly issueKey: string }[];
  readonly why: string | null;
}

export interface ReclassifyAnswer {
  /** Deliveries that were queued; of a dry run, about how many would be. */
  readonly queued: number;
  /** Found, but of projects that the playbook does not name. */
  readonly foreign: number;
  /** Where to go on; null at the end. */
  readonly next: string | null;
  readonly retryAfterMs: number;
}

export interface SweepAnswer {
  /** New tickets that nobody had told us of. */
  readonly triage: number;
  /** Changes that nobody had told us of. */
  readonly learn: number;
  /** New tickets that could not be handed over. */
  readonly missing: number;
  readonly looked: number;
  readonly isComplete: boolean;
  /** About how many issues are left for another call. */
  readonly remaining: number;
  /** Projects that Jira does not let us search, with why. */
  readonly hidden: Readonly<Record<string, string>>;
  /** From when on it is looked at since then, where that was asked for: no further back than the ledger remembers. */
  readonly from: string | null;
}

export interface Quality {
  readonly since: string;
  readonly rates: readonly RatedClass[];
  readonly groups: readonly GroupQuality[];
  readonly brakes: readonly Brake[];
}

export interface RatedClass extends OverrideRate {
  /** The true share of overridden values is hardly below this; 0 to 1. */
  readonly lowerBound: number;
}

/** Who is on record when nobody said a name. */
export function actorOf({ actor }: { readonly actor?: string | undefined }): string {
  return actor ?? 'admin token';
}

/** What a caller sent, checked; throws `RejectedError` (400) naming the first fault. */
export function requestOf<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const place = first?.path.join('.') ?? '';
  throw new RejectedError(400, `${place === '' ? '' : `${place}: `}${first?.message}`);
}
