import type { Decision } from '../domain/decision/decision.ts';
import type { WriteRecord } from '../domain/decision/delivery.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import { inputHash } from '../domain/ticket/input-hash.ts';
import type { Issue } from '../domain/ticket/issue.ts';

/** A ticket that keeps changing is decided three times; the third decision is written whatever it says by then. */
const LAST_ROUND = 2;

/** Whether people rewrote the ticket or the playbook since it was decided, and it may be decided once more. */
export function isOutdated(decision: Decision, issue: Issue, playbook: Playbook): boolean {
  const isOld =
    decision.inputHash !== inputHash(issue) || contentOf(decision.revision) !== contentOf(playbook.revision);
  return isOld && decision.round < LAST_ROUND;
}

/** Without the commit: replicas of two builds may well have the same playbook. */
function contentOf(revision: string): string {
  return revision.slice(revision.lastIndexOf('-') + 1);
}

/** What is to be decided again. */
export interface NextRound {
  readonly issueId: string;
  readonly isForced: boolean;
  readonly overridesHumans: boolean;
  readonly round: number;
}

/**
 * The round that follows a superseded write, null where none does. Forced, for what changed is reason enough. Throws
 * `PermanentError` when the decision was trimmed meanwhile.
 */
export async function nextRound(
  { state, decisionId }: WriteRecord,
  { ledger }: { readonly ledger: Ledger },
): Promise<NextRound | null> {
  if (state !== 'superseded') return null;
  const decision = await ledger.decision(decisionId);
  if (!decision) throw new PermanentError(`decision ${decisionId} is not in the ledger`);
  const { issueId, overridesHumans, round } = decision;
  return { issueId, isForced: true, overridesHumans, round: round + 1 };
}
