import { setTimeout as wait } from 'node:timers/promises';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { Roster } from '../../domain/playbook/teams.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import { rosterOf } from '../../roster/roster.ts';
import type { Settings } from '../../settings/env.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { lookUpMembers } from '../../upkeep/members.ts';
import { type Calendars, openCalendars } from '../calendars.ts';
import { askedAtOnce } from '../endpoints.ts';
import type { Edition, Rulebook } from './edition.ts';
import { keepLooking, openReload, type Reload } from './reload.ts';

/** A start does not wait longer for a Jira that does not answer. */
const PATIENCE_MS = 8_000;

export interface FollowParts {
  readonly rulebook: Rulebook;
  readonly tracker: Pick<Tracker, 'person'>;
  readonly settings: Pick<Settings, 'configFolder' | 'calendarHosts' | 'embeddings'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}

export interface Following {
  /**
   * Follows `config/` until disposed. Who decides on tickets first looks up the teams' members in Jira and reads their
   * calendars; throws `MisconfiguredError` when Jira does not know somebody. Intake does without, for it must not fail
   * because of people.
   */
  readonly follow: (isDeciding: boolean) => Promise<AsyncDisposable>;
  /** Who works when, by the playbook that holds now. Calendars count from `follow` on. */
  readonly roster: () => Roster;
  readonly playbookTrouble: Reload['trouble'];
}

/** What of the playbook lives on while `config/` changes. */
export function openFollowing(parts: FollowParts): Following {
  const { rulebook, tracker, settings, clock, log } = parts;
  const teams = () => rulebook.current().playbook.teams;
  let calendars: Calendars | null = null;
  const reload = openReload({
    ...parts,
    // Nobody decides by an edition before `follow`, and intake never does.
    check: async (edition) => (calendars ? checkLive(edition, tracker) : []),
    rereadBeside: () => void calendars?.refresh(),
    lagging: (before, after) => lagging(before, after, settings),
  });
  return {
    playbookTrouble: reload.trouble,
    roster: () => calendars?.roster() ?? rosterOf(teams(), new Map()),
    follow: async (isDeciding) => {
      await using opened = new AsyncDisposableStack();
      if (isDeciding) {
        for (const why of await checkLive(rulebook.current(), tracker)) log.warn({ why }, 'playbook');
        const access = { configFolder: settings.configFolder, allowedHosts: settings.calendarHosts };
        calendars = opened.use(await openCalendars(teams, access, { clock, log }));
      }
      opened.use(keepLooking(reload));
      return opened.move();
    },
  };
}

/**
 * Holds an edition's people against Jira. Returns warnings, also when Jira does not answer in time; throws
 * `MisconfiguredError` with a line for each member whom Jira does not know.
 */
export async function checkLive(
  { playbook, tell }: Pick<Edition, 'playbook' | 'tell'>,
  tracker: Pick<Tracker, 'person'>,
  patienceMs = PATIENCE_MS,
): Promise<readonly string[]> {
  const late = wait(patienceMs, null, { ref: false });
  const seen = await Promise.race([lookUpMembers(playbook, tracker), late]);
  if (seen === null) return ['members of teams are not looked up in Jira: it does not answer in time'];
  if (seen.faults.length > 0) throw new MisconfiguredError(seen.faults.map(tell));
  return seen.warnings;
}

/** What was opened by the first playbook and stays as it is until the next start. */
function lagging(before: Edition, after: Edition, { embeddings }: FollowParts['settings']): readonly string[] {
  const lags: string[] = [];
  const isRemote = embeddings !== null && !('folder' in embeddings);
  if (isRemote && before.playbook.privacy.redaction !== after.playbook.privacy.redaction)
    lags.push(
      'privacy.redaction changed: vectors are made anew only after a restart, and until then the stricter holds',
    );
  if (askedAtOnce(before.endpoints, before.playbook) !== askedAtOnce(after.endpoints, after.playbook))
    lags.push(
      'how many questions a model takes at once changed: how many tickets are decided at once follows after a restart',
    );
  return lags;
}
