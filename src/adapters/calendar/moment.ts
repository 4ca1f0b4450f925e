import type { DateWithTimeZone } from 'node-ical';
import { localMoment } from '../../roster/local-time.ts';

/** A date of an iCal text, as the parser understood it in a process whose clock is on UTC. */
export interface Moment {
  /** What the clocks show that it was written for: `2026-12-24T08:00:00`. */
  readonly wall: string;
  /** Null where it belongs to no time zone: a whole day, or the clocks of whoever reads it. */
  readonly epochMs: number | null;
  readonly zone: string | null;
  readonly isDay: boolean;
}

/** Null for what is no date. Times of a zone that nobody knows are taken as written for the reader's clocks. */
export function momentOf(date: unknown): Moment | null {
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) return null;
  const { tz, dateOnly }: DateWithTimeZone = date;
  const zone = dateOnly === true ? null : zoneOf(tz);
  if (zone !== null) return momentAt(date.getTime(), zone);
  return { wall: wallOf(date.getTime()), epochMs: null, zone: null, isDay: dateOnly === true };
}

export function momentAt(epochMs: number, zone: string): Moment {
  return { wall: localMoment(new Date(epochMs), zone).wall, epochMs, zone, isDay: false };
}

/** Whether an exception to a series means this occurrence of it. */
export function isSameMoment(exception: Moment, occurrence: Moment): boolean {
  if (exception.isDay || occurrence.isDay) return exception.wall.slice(0, 10) === occurrence.wall.slice(0, 10);
  if (exception.epochMs === null || occurrence.epochMs === null) return exception.wall === occurrence.wall;
  return exception.epochMs === occurrence.epochMs;
}

/** Milliseconds of a wall time as if it were in UTC: for lengths, and for nothing else. */
export function wallMs(wall: string): number {
  return Date.parse(`${wall}Z`);
}

export function wallOf(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(0, 'yyyy-mm-ddThh:mm:ss'.length);
}

/** A name that this machine knows, or the offset that Outlook's descriptions begin with: `(UTC+01:00) Amsterdam`. */
function zoneOf(tz: string | undefined): string | null {
  if (tz === undefined) return null;
  const [, sign, hours = '', minutes = '00'] = /^\(?(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)/.exec(tz) ?? [];
  const zone = sign === undefined ? tz : `${sign}${hours.padStart(2, '0')}:${minutes}`;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}
