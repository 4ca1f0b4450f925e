import type { KnownIssue } from '../../domain/ports/sweep.ts';
import type { Glimpse } from '../../domain/ports/tracker.ts';

/** Our edit is on record moments after Jira has it; a person's correction comes later than that. */
const ECHO_MS = 3_000;

/** What is wanted for an issue and nobody asked for. */
export type Missed = 'triage' | 'learn';

export interface Scene {
  /** Jira's time. */
  readonly now: string;
  /** Before this nothing is ours, or the ledger may have forgotten it. */
  readonly oldest: string;
  /** What happened since then may still be on its way to us. */
  readonly settleMs: number;
}

/**
 * What was missed of an issue. It is triaged once in its life. It is learnt from when it was changed after we last heard
 * of it, and is finished, or holds an edit of ours that a person may have corrected. Ages are compared and not times:
 * Jira's clock and the ledger's may differ by hours.
 */
export function missedOf(issue: Glimpse, known: KnownIssue, scene: Scene): readonly Missed[] {
  const missed: Missed[] = [];
  if (isOurs(issue.created, scene) && !known.isTold && !isMarked(issue)) missed.push('triage');
  if (isOurs(issue.updated, scene) && isWorthALook(issue, known, scene)) missed.push('learn');
  return missed;
}

function isOurs(time: string, scene: Scene): boolean {
  return Date.parse(time) >= Date.parse(scene.oldest) && ageOf(time, scene) >= scene.settleMs;
}

/** A mark older than the issue came with a copy of another one. */
function isMarked({ mark, created }: Glimpse): boolean {
  return mark !== null && Date.parse(mark.at) >= Date.parse(created);
}

function isWorthALook({ updated, isFinished }: Glimpse, { heardAgoMs, wroteAgoMs }: KnownIssue, scene: Scene): boolean {
  const ageMs = ageOf(updated, scene);
  const isHeard = heardAgoMs !== null && heardAgoMs >= 0 && heardAgoMs <= ageMs;
  if (isHeard) return false;
  return isFinished || (wroteAgoMs !== null && ageMs < wroteAgoMs - ECHO_MS);
}

function ageOf(time: string, { now }: Scene): number {
  return Date.parse(now) - Date.parse(time);
}
