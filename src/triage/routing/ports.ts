import type { Clock, Memory, Tracker, TurnLedger } from '../../domain/ports.ts';
import type { Roster } from '../../domain/teams.ts';
import type { Loads } from './loads.ts';

/** What choosing a team and a person looks at. Nothing here changes Jira. */
export interface RoutePorts {
  readonly tracker: Pick<Tracker, 'isAssignable' | 'componentLead'>;
  readonly ledger: Pick<TurnLedger, 'nextTurn'>;
  /** As it is now: calendars are read again and again. */
  readonly roster: () => Roster;
  readonly memory: Memory;
  readonly loads: Loads;
  readonly clock: Clock;
}
