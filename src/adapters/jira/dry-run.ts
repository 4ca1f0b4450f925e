import type { Tracker } from '../../domain/ports/tracker.ts';

/** The same Jira, with every mutation answered by `dry-run` instead of being sent. */
export function withoutWrites(tracker: Tracker): Tracker {
  const unsent = async () => ({ kind: 'dry-run' as const });
  return { ...tracker, edit: unsent, putInternalNote: unsent };
}
