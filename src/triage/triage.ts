import type { BurstShare, Decision } from '../domain/decision/decision.ts';
import { withBrakes } from '../domain/playbook/brake.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { DecisionInput, Ledger } from '../domain/ports/ledger.ts';
import type { Tracker } from '../domain/ports/tracker.ts';
import { inputHash } from '../domain/ticket/input-hash.ts';
import { noticeBurst } from './burst.ts';
import { type DecidePorts, type DecisionRequest, decide } from './decide.ts';

export interface TriageRequest extends DecisionRequest {
  readonly issueId: string;
  /** Decide again even when the same input was decided before. */
  readonly isForced: boolean;
}

export type TriageOutcome =
  /**
   * `opened`: the burst that this ticket completed. `waitingSince`: when the ticket was created, if this decision is what
   * it has been waiting for; null when it is decided again, or because a person asked.
   */
  | {
      readonly kind: 'decided';
      readonly decision: Decision;
      readonly opened: BurstShare | null;
      readonly waitingSince: string | null;
    }
  | { readonly kind: 'ignored'; readonly reason: string };

/**
 * Reads the issue as it is now, notices when it is one of many, decides, and records the decision. Running it twice
 * yields the first decision.
 */
export async function triage(
  request: TriageRequest,
  unbraked: Playbook,
  ports: DecidePorts & { readonly tracker: Tracker; readonly ledger: Ledger },
): Promise<TriageOutcome> {
  // Of the same edition as the playbook: another one, taken meanwhile, may not have its teams.
  const roster = ports.roster();
  const playbook = withBrakes(unbraked, await ports.ledger.brakes());
  const issue = await ports.tracker.issue(request.issueId);
  if (!issue) return { kind: 'ignored', reason: 'the issue is gone or not visible to us' };
  if (!playbook.projects.includes(issue.project))
    return { kind: 'ignored', reason: `project ${issue.project} is not in the playbook` };
  const input = {
    issueId: issue.id,
    revision: playbook.revision,
    inputHash: inputHash(issue),
    deliveryId: request.deliveryId,
  };
  const isWanted = request.isForced || request.round > 0;
  const why = isWanted ? null : await whyMoot(input, ports);
  if (why !== null) return { kind: 'ignored', reason: why };
  // Neither needs the other, and both may run twice.
  const [joined, decision] = await Promise.all([
    noticeBurst(issue, playbook, ports),
    decide(issue, playbook, { ...ports, roster: () => roster, delivery: request }),
  ]);
  const burst = joined && { id: joined.id, members: joined.members };
  return {
    kind: 'decided',
    decision: await ports.ledger.recordDecision({ ...decision, burst }),
    opened: joined?.isNew ? burst : null,
    waitingSince: isWanted ? null : issue.created,
  };
}

/** Why nothing is to be decided any more; null: it is. */
async function whyMoot(input: DecisionInput, { ledger }: { readonly ledger: Ledger }): Promise<string | null> {
  const { decision, delivery } = await ledger.precedents(input);
  if (decision !== null) return `same ticket, same playbook: decision ${decision} stands`;
  // A webhook that was late and the sweep that found its ticket meanwhile: a new ticket is triaged once, edited or not.
  return delivery === null ? null : `delivery ${delivery} told of this ticket first`;
}
