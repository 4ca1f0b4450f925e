import type { z } from 'zod';
import { type Teams, TeamsSchema } from '../../../src/domain/playbook/teams.ts';
import { type AwaySpan, type Calendar, calendarOf } from '../../../src/roster/calendar.ts';
import { rosterOf } from '../../../src/roster/roster.ts';

type TeamsDraft = z.input<typeof TeamsSchema>;
export type TeamDraft = TeamsDraft['teams'][string];
export type MemberDraft = NonNullable<TeamDraft['members']>[number];

export const ANN = { accountId: 'ann', name: 'Ann' } as const;

/** A file with one team, `Desk`. */
export function teamsWith(team: Partial<TeamDraft> = {}, file: Partial<TeamsDraft> = {}): Teams {
  return TeamsSchema.parse({ ...file, teams: { Desk: { takes: [], members: [ANN], ...team } } });
}

/** Asks about Ann, the only member of `Desk`. */
export function ann(
  member: Partial<MemberDraft>,
  team: Partial<TeamDraft> = {},
  calendars: Readonly<Record<string, readonly AwaySpan[]>> = {},
) {
  const read = new Map<string, Calendar>(Object.entries(calendars).map(([name, spans]) => [name, calendarOf(spans)]));
  const roster = rosterOf(teamsWith({ ...team, members: [{ ...ANN, ...member }] }), read);
  return { away: (at: string) => roster.whyAway('Desk', 'ann', new Date(at)) };
}
