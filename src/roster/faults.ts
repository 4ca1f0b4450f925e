import { Temporal } from 'temporal-polyfill';
import { DAYS, type Hours, type Member, type OnCall, type Team, type Teams } from '../domain/playbook/teams.ts';

/** What is wrong at a place in `teams.yaml`. */
export interface ScheduleFault {
  /** Keys from the root of the file to the faulty value. */
  readonly path: readonly (string | number)[];
  readonly why: string;
}

/** Hours, absences and shifts that cannot be meant: overlapping, backwards, empty, or of people who are not in the team. */
export function scheduleFaults({ teams }: Teams): readonly ScheduleFault[] {
  return Object.entries(teams).flatMap(([name, team]) => within(['teams', name], teamFaults(team)));
}

function teamFaults(team: Team): readonly ScheduleFault[] {
  return [
    ...within(['hours'], hoursFaults(team.hours)),
    ...team.members.flatMap((member, index) => within(['members', index], memberFaults(member))),
    ...(team.onCall ? within(['onCall'], onCallFaults(team.onCall, team.members)) : []),
  ];
}

function memberFaults({ hours, absences }: Member): readonly ScheduleFault[] {
  const backwards = absences.flatMap(({ from, to }, index) =>
    from > to ? [{ path: ['absences', index], why: `ends on ${to}, before it begins on ${from}` }] : [],
  );
  return [...within(['hours'], hoursFaults(hours)), ...backwards];
}

function onCallFaults({ order, shifts }: OnCall, members: readonly Member[]): readonly ScheduleFault[] {
  const isMember = (accountId: string) => members.some((member) => member.accountId === accountId);
  const strangers = order.flatMap((accountId, index) =>
    isMember(accountId) ? [] : [{ path: ['order', index], why: `"${accountId}" is not a member of this team` }],
  );
  const wrong = shifts.flatMap(({ accountId, from, to }, index) => {
    const path = ['shifts', index];
    if (!isMember(accountId)) return [{ path, why: `"${accountId}" is not a member of this team` }];
    const unreal = [from, to].find((time) => !isReal(time));
    if (unreal !== undefined) return [{ path, why: `${unreal} is not in the calendar` }];
    return from < to ? [] : [{ path, why: `ends at ${to}, not after it begins at ${from}` }];
  });
  return [...strangers, ...within(['shifts'], shiftOverlaps(shifts)), ...wrong];
}

function isReal(localTime: string): boolean {
  try {
    Temporal.PlainDateTime.from(localTime);
    return true;
  } catch {
    return false;
  }
}

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** One day's working hours, in minutes of the week. */
interface Stretch {
  readonly index: number;
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

function hoursFaults(hours: Hours = []): readonly ScheduleFault[] {
  const empty = hours.flatMap(({ from, to }, index) => {
    if (from === '24:00') return [{ path: [index], why: 'begins at "24:00"; write "00:00" and the next day' }];
    return from === to ? [{ path: [index], why: 'ends when it begins; a whole day is from "00:00" to "24:00"' }] : [];
  });
  if (empty.length > 0) return empty;
  const stretches = hours.flatMap(stretchesOf);
  return stretches.flatMap((later, place) => {
    const earlier = stretches.slice(0, place).find((other) => haveTimeInCommon(other, later));
    return earlier
      ? [{ path: [later.index], why: `${later.day} overlaps entry ${earlier.index + 1} (${earlier.day})` }]
      : [];
  });
}

function stretchesOf({ days, from, to }: Hours[number], index: number): Stretch[] {
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const length = end > start ? end - start : end - start + DAY_MINUTES;
  return days.map((day) => {
    const midnight = DAYS.indexOf(day) * DAY_MINUTES;
    return { index, day, from: midnight + start, to: midnight + start + length };
  });
}

function minutesOf(timeOfDay: string): number {
  const [hours = 0, minutes = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Sunday's night shift ends in Monday. */
function haveTimeInCommon(one: Stretch, other: Stretch): boolean {
  return [-WEEK_MINUTES, 0, WEEK_MINUTES].some((weeks) => one.from + weeks < other.to && other.from < one.to + weeks);
}

function shiftOverlaps(shifts: OnCall['shifts']): readonly ScheduleFault[] {
  return shifts.flatMap((later, index) => {
    const earlier = shifts.findIndex((other, place) => place < index && other.from < later.to && later.from < other.to);
    return earlier < 0 ? [] : [{ path: [index], why: `overlaps entry ${earlier + 1}` }];
  });
}

function within(path: ScheduleFault['path'], faults: readonly ScheduleFault[]): readonly ScheduleFault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
}
