import { z } from 'zod';

/** As ISO 8601 counts them. */
export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const TimeZone = z.string().refine(isTimeZone, 'must be a time zone such as Europe/Berlin');
const TimeOfDay = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day such as "08:30"');
const Day = z.iso.date('must be a day such as 2026-12-24');
/** On the clocks of the team's time zone. */
const LocalTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time such as 2026-12-24T08:00');

/** When people work, on the clocks of their time zone; `to` before `from`: past midnight. */
const Hours = z
  .array(
    z.strictObject({
      days: z.array(z.enum(DAYS)).min(1).default(['mon', 'tue', 'wed', 'thu', 'fri']),
      from: TimeOfDay,
      to: TimeOfDay,
    }),
  )
  .min(1);

const Calendar = z.string().min(1);

const MemberSchema = z.strictObject({
  accountId: z.string().min(1),
  name: z.string(),
  /** Values of the `by` target that this person takes; absent: all that the team takes. */
  skills: z.array(z.string()).default([]),
  /** Instead of the team's. */
  timeZone: TimeZone.optional(),
  hours: Hours.optional(),
  /** Open issues this person may have; instead of the team's. */
  capacity: z.int().min(0).optional(),
  /** Whole days away, both included. */
  absences: z.array(z.strictObject({ from: Day, to: Day })).default([]),
  /** Absences as iCal: an https address, or a file in `config/`. */
  calendar: Calendar.optional(),
});

const OnCallSchema = z.strictObject({
  /** Account ids: who is on call takes turns in this order, and the next ones stand in. */
  order: z.array(z.string()).min(1),
  rotate: z.enum(['daily', 'weekly']).default('weekly'),
  /** The first day of the first in the order. */
  since: Day,
  /** When one hands over to the next. */
  at: TimeOfDay.default('09:00'),
  /** Swapped shifts, instead of the turn. */
  shifts: z.array(z.strictObject({ accountId: z.string(), from: LocalTime, to: LocalTime })).default([]),
});

/** How a person is chosen; `team-only` leaves that to the team. */
export const POLICIES = [
  'team-only',
  'round-robin',
  'least-loaded',
  'past-resolver',
  'component-lead',
  'on-call',
] as const;
export type Policy = (typeof POLICIES)[number];

/** `config/teams.yaml`. */
export const TeamsSchema = z.strictObject({
  /** Which target's value chooses the team, and which targets receive team and person. */
  route: z.strictObject({ by: z.string(), team: z.string().optional(), assignee: z.string().optional() }).optional(),
  /** Where a team says none of its own. */
  timeZone: TimeZone.default('UTC'),
  teams: z.record(
    z.string().min(1),
    z.strictObject({
      /** Values of the `by` target that this team takes. */
      takes: z.array(z.string()),
      /** No model leads a ticket here: only rules, people and the local classifier. */
      restricted: z.boolean().default(false),
      policy: z.enum(POLICIES).default('team-only'),
      members: z.array(MemberSchema).default([]),
      timeZone: TimeZone.optional(),
      /** Absent: around the clock. */
      hours: Hours.optional(),
      /** Open issues each member may have; absent: any number. */
      capacity: z.int().min(0).optional(),
      /** Days off of the whole team, as iCal. */
      calendar: Calendar.optional(),
      onCall: OnCallSchema.optional(),
      /** Gets the ticket when nobody of this team can take it. */
      escalation: z.string().optional(),
    }),
  ),
});

export type Teams = z.infer<typeof TeamsSchema>;
export type Team = Teams['teams'][string];
export type Member = Team['members'][number];
export type Hours = NonNullable<Team['hours']>;
export type OnCall = NonNullable<Team['onCall']>;

/** Who works when, by `teams.yaml` and the calendars it names. */
export interface Roster {
  /** Why this member of the team does not work at this time; null: works. Unknown teams and members: not working. */
  whyAway(team: string, accountId: string, at: Date): 'off shift' | 'absent' | null;
  /** Account ids in the order they are called: who is on call, then who stands in. Empty where nobody is. */
  onCall(team: string, at: Date): readonly string[];
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
