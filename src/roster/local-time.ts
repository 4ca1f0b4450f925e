import { Temporal } from 'temporal-polyfill';

/** A moment, and what the clocks of a time zone show then. */
export interface LocalMoment {
  readonly epochMs: number;
  /** Without offset, to the second: `2026-12-24T08:00:00`. Such strings sort by time. */
  readonly wall: string;
  readonly day: Temporal.PlainDate;
  readonly timeZone: string;
}

/** By time zone the moment asked for last: a whole team is asked about the same one. */
const last = new Map<string, LocalMoment>();

/** What the clocks there show at this time. */
export function localMoment(at: Date, timeZone: string): LocalMoment {
  const known = last.get(timeZone);
  if (known?.epochMs === at.getTime()) return known;
  const moment = newMoment(at.getTime(), timeZone);
  last.set(timeZone, moment);
  return moment;
}

function newMoment(epochMs: number, timeZone: string): LocalMoment {
  const wall = Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone).toPlainDateTime();
  return { epochMs, wall: wall.toString({ smallestUnit: 'second' }), day: wall.toPlainDate(), timeZone };
}

/**
 * When the clocks there show this, in milliseconds since 1970; `24:00` is the midnight that follows. As in iCalendar
 * (RFC 5545, 3.3.5): a time that comes twice is the first of the two, one that is skipped counts by the offset before.
 */
export function epochMsOf(day: Temporal.PlainDate, timeOfDay: string, timeZone: string): number {
  const [date, plainTime] = timeOfDay === '24:00' ? [day.add({ days: 1 }), '00:00'] : [day, timeOfDay];
  return date.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
}

/** Whether the day was ever shown there: who moves across the date line skips one, as Samoa did on 2011-12-30. */
export function isOnClocks(day: Temporal.PlainDate, timeZone: string): boolean {
  return day.toZonedDateTime(timeZone).toPlainDate().equals(day);
}
