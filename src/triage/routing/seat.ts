import type { Evidence, Verdict } from '../../domain/decision/decision.ts';
import { readValue, type Target } from '../../domain/playbook/target.ts';
import type { Team } from '../../domain/playbook/teams.ts';
import type { Issue } from '../../domain/ticket/issue.ts';

/** A ticket that wants a team and a person. */
export interface Ticket {
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  /** What was decided so far, by target name. */
  readonly decided: ReadonlyMap<string, Verdict>;
  /** Of the delivery, so that a turn is taken once; null where nobody is to lose a turn by it. */
  readonly key: string | null;
}

/** A place to fill: one of this team for this ticket. */
export interface Seat {
  readonly ticket: Ticket;
  readonly name: string;
  readonly team: Team;
  /** The value that leads here; null where nobody knows it. */
  readonly value: string | null;
  /** The target that receives the person; null where the team's queue is all there is. */
  readonly assignee: Target | null;
}

/** Who has the ticket from us already: by our mark, for whom Jira gives new tickets to got none from us. Null: nobody. */
export function holderOf({ assignee, ticket: { issue } }: Seat): string | null {
  if (assignee === null) return null;
  const held = readValue(assignee, issue);
  return held !== null && issue.mark?.values[assignee.name] === held ? held : null;
}
