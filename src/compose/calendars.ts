import { setTimeout as sleep } from 'node:timers/promises';
import { type CalendarAccess, calendarsIn, readCalendar, shownOf } from '../adapters/calendar/read.ts';
import { safeMessageOf } from '../domain/errors.ts';
import type { Roster, Teams } from '../domain/playbook/teams.ts';
import type { Clock } from '../domain/ports/model.ts';
import { type Calendar, calendarOf } from '../roster/calendar.ts';
import { rosterOf } from '../roster/roster.ts';
import type { Logger } from '../telemetry/log.ts';

/** The calendars that `teams.yaml` names, read again every hour. Disposing stops that. */
export interface Calendars extends AsyncDisposable {
  /** Who works when, by the present teams and the calendars as they were read last. */
  readonly roster: () => Roster;
  /** Reads all of them, after whatever is being read. Never throws: what cannot be read is a warning. */
  readonly refresh: () => Promise<void>;
}

interface Surroundings {
  readonly clock: Clock;
  readonly log: Pick<Logger, 'warn'>;
}

const REFRESH_MS = 3_600_000;
/** A start waits no longer for calendars that do not answer. */
const PATIENCE_MS = 15_000;
const AT_ONCE = 2;

/** Reads every calendar and resolves when each has answered or failed, or after 15 seconds. A failure is a warning. */
export async function openCalendars(
  teams: () => Teams,
  access: Omit<CalendarAccess, 'signal'>,
  around: Surroundings,
): Promise<Calendars> {
  const shelf = new CalendarShelf(teams, access, around);
  await Promise.race([shelf.refresh(), sleep(PATIENCE_MS, undefined, { ref: false })]);
  return shelf;
}

class CalendarShelf implements Calendars {
  readonly #teams: () => Teams;
  readonly #access: CalendarAccess;
  readonly #around: Surroundings;
  readonly #stopping = new AbortController();
  readonly #timer: NodeJS.Timeout;
  /** By how `teams.yaml` names them; what was read last stays until something newer was. */
  readonly #calendars = new Map<string, Calendar>();
  readonly #tried = new Set<string>();
  #work: Promise<void> = Promise.resolve();
  #made: { readonly teams: Teams; readonly roster: Roster } | null = null;

  constructor(teams: () => Teams, access: CalendarAccess, around: Surroundings) {
    this.#teams = teams;
    this.#access = { ...access, signal: this.#stopping.signal };
    this.#around = around;
    this.#timer = setInterval(() => void this.refresh(), REFRESH_MS).unref();
  }

  refresh(): Promise<void> {
    return this.#afterwards(async () => {
      const named = sourcesIn(this.#teams());
      for (const source of this.#tried) if (!named.has(source)) this.#forget(source);
      await this.#readAll(named);
    });
  }

  readonly roster = (): Roster => {
    const teams = this.#teams();
    if (this.#made?.teams !== teams) {
      this.#made = { teams, roster: rosterOf(teams, this.#calendars) };
      void this.#catchUp(teams);
    }
    return this.#made.roster;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#work;
  }

  /** A new playbook may name calendars that nobody has read yet. */
  #catchUp(teams: Teams): Promise<void> {
    return this.#afterwards(() =>
      this.#readAll(new Map([...sourcesIn(teams)].filter(([source]) => !this.#tried.has(source)))),
    );
  }

  #afterwards(act: () => Promise<void>): Promise<void> {
    this.#work = this.#work.then(act);
    return this.#work;
  }

  #forget(source: string): void {
    this.#tried.delete(source);
    this.#calendars.delete(source);
  }

  async #readAll(sources: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const waiting = sources.entries();
    const readThem = async () => {
      for (const [source, places] of waiting) await this.#read(source, places);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, readThem));
  }

  async #read(source: string, places: readonly string[]): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#tried.add(source);
    try {
      const spans = await readCalendar(source, this.#around.clock.now(), this.#access);
      this.#calendars.set(source, calendarOf(spans));
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const instead = this.#calendars.has(source) ? 'what was read last holds' : 'nobody is away because of it';
      this.#around.log.warn(
        { places, from: shownOf(source), why: safeMessageOf(error), instead },
        'a calendar of teams.yaml cannot be read now',
      );
    }
  }
}

/** Where each calendar is named, by how it is named. */
function sourcesIn(teams: Teams): ReadonlyMap<string, readonly string[]> {
  const places = new Map<string, string[]>();
  for (const { path, source } of calendarsIn(teams))
    places.set(source, [...(places.get(source) ?? []), path.join('.')]);
  return places;
}
