import { DAYS, type Hours, type Member, type Roster, type Teams } from '../domain/playbook/teams.ts';
import type { Calendar } from './calendar.ts';
import { epochMsOf, isOnClocks, type LocalMoment, localMoment } from './local-time.ts';
import { callOrder } from './on-call.ts';

/**
 * Who works when. `calendars` by the string that names them in `teams.yaml`; nobody is away because of one that is not
 * there. A day off of the whole team is off shift, so that who is on call is still called; only a member's own absences
 * and calendar make them absent.
 */
export function rosterOf(teams: Teams, calendars: ReadonlyMap<string, Calendar>): Roster {
  const teamNamed = (name: string) => (Object.hasOwn(teams.teams, name) ? teams.teams[name] : undefined);
  const isCovered = (calendar: string | undefined, now: LocalMoment) =>
    calendar !== undefined && calendars.get(calendar)?.covers(now) === true;
  return {
    whyAway: (name, accountId, at) => {
      const team = teamNamed(name);
      const member = team?.members.find((candidate) => candidate.accountId === accountId);
      if (!team || !member) return 'absent';
      const now = localMoment(at, member.timeZone ?? team.timeZone ?? teams.timeZone);
      if (isOnLeave(member, now) || isCovered(member.calendar, now)) return 'absent';
      const hours = member.hours ?? team.hours;
      return isCovered(team.calendar, now) || (hours && !isWithin(hours, now)) ? 'off shift' : null;
    },
    onCall: (name, at) => {
      const team = teamNamed(name);
      return team?.onCall ? callOrder(team.onCall, localMoment(at, team.timeZone ?? teams.timeZone)) : [];
    },
  };
}

function isOnLeave({ absences }: Member, { wall }: LocalMoment): boolean {
  const today = wall.slice(0, 'yyyy-mm-dd'.length);
  return absences.some(({ from, to }) => from <= today && today <= to);
}

/** Yesterday's hours may last past midnight. */
function isWithin(hours: Hours, now: LocalMoment): boolean {
  const days = [now.day, now.day.subtract({ days: 1 })];
  return days.some((day) => hours.some((entry) => isWithinOn(day, entry, now)));
}

function isWithinOn(day: LocalMoment['day'], { days, from, to }: Hours[number], now: LocalMoment): boolean {
  const weekday = DAYS[day.dayOfWeek - 1];
  if (!days.some((name) => name === weekday) || !isOnClocks(day, now.timeZone)) return false;
  const lastDay = to > from ? day : day.add({ days: 1 });
  return epochMsOf(day, from, now.timeZone) <= now.epochMs && now.epochMs < epochMsOf(lastDay, to, now.timeZone);
}
