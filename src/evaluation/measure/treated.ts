import { olderFirst, type PastTicket } from '../../domain/ticket/issue.ts';
import type { Split } from '../dataset.ts';

/** Left to people alone: from before going live, from the control group, or never seen by us. */
export function isUntreated({ isTreated }: PastTicket): boolean {
  return isTreated !== true;
}

/** A split of untreated tickets, with those treated ones to learn from that are older than all that is measured on. */
export function withTreated(parts: Split, treated: readonly PastTicket[]): Split {
  const [first] = [...parts.calibration, ...parts.test].sort(olderFirst);
  const older = treated.filter((ticket) => first !== undefined && olderFirst(ticket, first) < 0);
  return { ...parts, history: [...parts.history, ...older].sort(olderFirst) };
}
