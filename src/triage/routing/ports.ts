import type { Roster } from '../../domain/playbook/teams.ts';
import type { TurnLedger } from '../../domain/ports/ledger.ts';
import type { Recall } from '../../domain/ports/memory.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import type { Loads } from './loads.ts';

/** What choosing a team and a person looks at. Nothing here changes Jira. */
export interface RoutePorts {
  readonly tracker: Pick<Tracker, 'isAssignable' | 'componentLead'>;
  readonly ledger: Pick<TurnLedger, 'nextTurn'>;
  /** As it is now: calendars are read again and again. */
  readonly roster: () => Roster;
  readonly memory: Recall;
  readonly loads: Loads;
  readonly clock: Clock;
}
