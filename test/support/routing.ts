import type { Roster } from '../../src/domain/playbook/teams.ts';
import type { Clock } from '../../src/domain/ports/model.ts';
import type { Tracker } from '../../src/domain/ports/tracker.ts';
import { type Loads, openLoads } from '../../src/triage/routing/loads.ts';
import type { RoutePorts } from '../../src/triage/routing/ports.ts';
import { ledgerFake } from '../fakes/ledger.ts';
import { memoryFake } from '../fakes/memory.ts';

/** Everybody is at work, nobody is on call. */
export const everybodyWorks: Roster = { whyAway: () => null, onCall: () => [] };

/** Everybody is at work but these. */
export function rosterWith(
  away: Readonly<Record<string, 'off shift' | 'absent'>>,
  onCall: readonly string[] = [],
): Roster {
  const whys = new Map(Object.entries(away));
  return { whyAway: (_team, accountId) => whys.get(accountId) ?? null, onCall: () => onCall };
}

/** Nobody has anything to do, whatever they are given. */
export const emptyDesks: Loads = { open: async () => 0, claim: () => true };

/** What deciding needs where it is not about people. */
export const freeDesk = { roster: () => everybodyWorks, loads: emptyDesks };

/** What Jira would say about people: who may not be assigned, open issues by person, leads by component. */
export interface People {
  readonly unassignable?: ReadonlySet<string>;
  readonly open?: ReadonlyMap<string, number>;
  readonly leads?: ReadonlyMap<string, string>;
}

/** The part of Jira that routing asks. `asked` fills with what was asked. */
export function peopleWith({ unassignable, open, leads }: People = {}, asked: string[] = []) {
  const tracker: Pick<Tracker, 'isAssignable' | 'componentLead' | 'count'> = {
    isAssignable: async (_key, accountId) => {
      asked.push(`assignable ${accountId}`);
      return !unassignable?.has(accountId);
    },
    componentLead: async (_project, component) => leads?.get(component) ?? null,
    count: async (jql) => {
      asked.push(jql);
      return open?.get(/^assignee = "(.*?)" AND/.exec(jql)?.[1] ?? '') ?? 0;
    },
  };
  return tracker;
}

/** Ports of a desk where everybody works, may be assigned, and has nothing to do, but for what is said otherwise. */
export function routingPorts({
  people,
  ...parts
}: Partial<RoutePorts> & { readonly people?: People } = {}): RoutePorts {
  const clock: Clock = parts.clock ?? { now: () => new Date('2026-05-01T09:00:00.000Z') };
  const tracker = peopleWith(people);
  return {
    tracker,
    ledger: ledgerFake(clock),
    memory: memoryFake(),
    roster: () => everybodyWorks,
    loads: openLoads({ tracker, clock }),
    clock,
    ...parts,
  };
}
