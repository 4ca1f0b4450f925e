import { z } from 'zod';
import { PermanentError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';

const CURSOR = 'sweep-tickets';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Of what was swept before, so much is swept again each time: an issue may reach Jira's search index minutes late. */
const OVERLAP_MS = 60 * MINUTE_MS;
/** Once a day it is so much: the index may be in trouble for hours. */
const DEEP_MS = 3 * DAY_MS;
const DEEP_EVERY_MS = DAY_MS;

const Time = z.iso.datetime();

const Way = z.object({
  /** Everything before this was looked at and found accounted for. */
  sweptTo: Time,
  /** When it was last looked at far back. */
  deepAt: Time,
  /** A look that the last run did not bring to its end; null: none. */
  look: z.object({ begunAt: Time, isDeep: z.boolean(), reached: Time, oldestFound: Time.nullable() }).nullable(),
});

const ProjectState = z.object({
  /** What was created before this is none of ours: it was there before us. */
  from: Time,
  created: Way,
  updated: Way,
});

const State = z.object({
  projects: z.record(z.string(), ProjectState),
  /** Tickets that the last run found and could not hand over. */
  missing: z.int(),
  /** When a run last came to the end everywhere, by our clock; null: never. */
  completedAt: Time.nullable(),
});

/** By which of its dates issues are walked through; both, because neither look is trusted alone. */
export const FIELDS = ['created', 'updated'] as const;
export type Field = (typeof FIELDS)[number];
export type Way = z.infer<typeof Way>;
export type Look = NonNullable<Way['look']>;
export type ProjectState = z.infer<typeof ProjectState>;
/** How far sweeping came. Times are Jira's, unless they say otherwise. */
export type SweepState = z.infer<typeof State>;

export const NOTHING_SWEPT: SweepState = { projects: {}, missing: 0, completedAt: null };

/** What is kept, or a beginning. Throws `PermanentError` when it cannot be read. */
export async function readState(ledger: Pick<Ledger, 'cursor'>): Promise<SweepState> {
  const kept = await ledger.cursor(CURSOR);
  if (kept === null) return NOTHING_SWEPT;
  const state = State.safeParse(parsed(kept));
  if (state.success) return state.data;
  throw new PermanentError('how far sweeping came cannot be read; begin anew with triage sweep --since 7d');
}

export async function writeState(state: SweepState, ledger: Pick<Ledger, 'setCursor'>): Promise<void> {
  await ledger.setCursor(CURSOR, JSON.stringify(state));
}

/** Sweeping that begins at this time of Jira's. */
export function beginning(from: string): ProjectState {
  const way = { sweptTo: from, deepAt: from, look: null };
  return { from, created: way, updated: way };
}

/** The same, looking back to an earlier time once more, or for the first time. */
export function lookingBack(state: ProjectState, since: string): ProjectState {
  const back = (way: Way): Way => ({ ...way, sweptTo: earlier(way.sweptTo, since), look: null });
  return { from: earlier(state.from, since), created: back(state.created), updated: back(state.updated) };
}

/**
 * How far back anything may be swept: what is older may be trimmed from the ledger, and then looks as if it had never
 * arrived. With some room, for clocks differ.
 */
export function remembersFrom(now: string, retentionDays: number): string {
  const roomDays = Math.min(1, retentionDays / 4);
  return minus(now, (retentionDays - roomDays) * DAY_MS);
}

/** The look that a way is in the middle of, or a new one. */
export function lookOf({ look, sweptTo, deepAt }: Way, now: string): Look {
  if (look) return look;
  // A time in the future is one that Jira told wrongly; whatever was swept by it is swept again.
  const isDeep = Math.abs(Date.parse(now) - Date.parse(deepAt)) >= DEEP_EVERY_MS;
  const reached = minus(earlier(sweptTo, now), isDeep ? DEEP_MS : OVERLAP_MS);
  return { begunAt: now, isDeep, reached, oldestFound: null };
}

/**
 * The way after a look that came to its end. Where something was found missing, the next look begins before it: what one
 * look skipped, for results move while they are paged through, another one finds.
 */
export function afterLook(way: Way, { begunAt, isDeep, oldestFound }: Look, settleMs: number): Way {
  const settled = minus(begunAt, settleMs);
  return {
    sweptTo: oldestFound === null ? settled : earlier(settled, oldestFound),
    deepAt: isDeep && oldestFound === null ? begunAt : way.deepAt,
    look: null,
  };
}

export function minus(time: string, ms: number): string {
  return new Date(Math.max(Date.parse(time) - ms, 0)).toISOString();
}

export function earlier(one: string, other: string): string {
  return Date.parse(one) <= Date.parse(other) ? one : other;
}

export function later(one: string, other: string): string {
  return Date.parse(one) >= Date.parse(other) ? one : other;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Told by the schema.
    return null;
  }
}
