import type { PassedOver } from '../../domain/decision/decision.ts';
import type { Member, Roster } from '../../domain/playbook/teams.ts';
import type { Seat } from './seat.ts';

export interface Sifted {
  /** Account ids of the members who could take it as far as `teams.yaml` knows, in its order. */
  readonly eligible: readonly string[];
  readonly passedOver: readonly PassedOver[];
}

/** Who of a team has the skill and is at work; nothing here asks Jira. */
export function sift(seat: Seat, roster: Roster, at: Date): Sifted {
  const members = new Map(seat.team.members.map((member) => [member.accountId, member]));
  const sifted = [...members.values()].map((member) => ({
    accountId: member.accountId,
    why: whyUnskilled(member, seat) ?? whyAway(member, seat, { roster, at }),
  }));
  return {
    eligible: sifted.filter(({ why }) => why === null).map(({ accountId }) => accountId),
    passedOver: sifted.flatMap(({ accountId, why }) => (why === null ? [] : [{ accountId, why }])),
  };
}

/** Skills are values that the team takes; what came here another way says nothing about them. */
function whyUnskilled({ accountId, skills }: Member, seat: Seat): string | null {
  const { team, value } = seat;
  const isOurs = value !== null && team.takes.includes(value);
  if (isOurs && skills.length > 0 && !skills.includes(value)) return `does not take ${value}`;
  return whyNever(accountId, seat);
}

/** What the playbook says about a person, member or not. */
export function whyNever(accountId: string, { assignee }: Seat): string | null {
  const options = assignee && Object.hasOwn(assignee.classes, accountId) ? assignee.classes[accountId] : undefined;
  return options?.exclude ? 'never assigned, says the playbook' : null;
}

/** Whoever is on call is called whatever the hours. */
function whyAway(
  { accountId }: Member,
  { name, team }: Seat,
  { roster, at }: { readonly roster: Roster; readonly at: Date },
): string | null {
  const why = roster.whyAway(name, accountId, at);
  return team.policy === 'on-call' && why === 'off shift' ? null : why;
}
