import { messageOf } from '../../domain/errors.ts';
import type { Teams } from '../../domain/playbook/teams.ts';
import type { AwaySpan } from '../../roster/calendar.ts';
import type { ScheduleFault } from '../../roster/faults.ts';
import { spansApart } from './apart.ts';
import { addressFault, download, hostOf, type WebAccess } from './download.ts';
import { fileText } from './file.ts';

export interface CalendarAccess extends WebAccess {
  /** Files lie in here. */
  readonly configFolder: string;
}

/** Where `teams.yaml` names a calendar. */
export interface NamedCalendar {
  readonly path: ScheduleFault['path'];
  /** As it is written there. */
  readonly source: string;
}

const DAY_MS = 86_400_000;
/** Long enough for what is decided before the next reading, however long that takes to succeed. */
const BEFORE_MS = 7 * DAY_MS;
const AFTER_MS = 60 * DAY_MS;

/**
 * Times away from a week ago to sixty days ahead. Throws `PermanentError` or `TransientError`; the message says why and
 * shows of an address the host alone.
 */
export async function readCalendar(source: string, now: Date, access: CalendarAccess): Promise<readonly AwaySpan[]> {
  const text = isAddress(source) ? await download(source, access) : await fileText(access.configFolder, source);
  const window = { fromMs: now.getTime() - BEFORE_MS, toMs: now.getTime() + AFTER_MS };
  return spansApart(text, window, access.signal);
}

/** What may be shown of where a calendar is. */
export function shownOf(source: string): string {
  return isAddress(source) ? hostOf(source) : source;
}

/** Every place that names a calendar. */
export function calendarsIn({ teams }: Teams): readonly NamedCalendar[] {
  return Object.entries(teams).flatMap(([name, { calendar, members }]) => [
    ...(calendar === undefined ? [] : [{ path: ['teams', name, 'calendar'], source: calendar }]),
    ...members.flatMap(({ calendar: own }, index) =>
      own === undefined ? [] : [{ path: ['teams', name, 'members', index, 'calendar'], source: own }],
    ),
  ]);
}

/**
 * Calendars that cannot be meant: files that cannot be read, and addresses that must not be tried. Whether an address
 * answers is not asked here.
 */
export async function calendarFaults(teams: Teams, configFolder: string): Promise<readonly ScheduleFault[]> {
  const known = new Map<string, string | null>();
  const faults: ScheduleFault[] = [];
  for (const { path, source } of calendarsIn(teams)) {
    const why = known.has(source) ? (known.get(source) ?? null) : await faultOf(source, configFolder);
    known.set(source, why);
    if (why !== null) faults.push({ path, why });
  }
  return faults;
}

async function faultOf(source: string, configFolder: string): Promise<string | null> {
  if (isAddress(source)) return addressFault(source);
  try {
    await readCalendar(source, new Date(), { configFolder, allowedHosts: [] });
    return null;
  } catch (error) {
    return `cannot be read: ${messageOf(error)}`;
  }
}

function isAddress(source: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\//i.test(source);
}
