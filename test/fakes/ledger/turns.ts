import type { AuditEntry } from '../../../src/domain/decision/delivery.ts';
import type { AuditLedger, TurnLedger } from '../../../src/domain/ports/ledger.ts';
import type { Clock } from '../../../src/domain/ports/model.ts';

/** The parts of the ledger that deal with turns and audits, and their part of `trim`. */
export interface TurnsFake extends TurnLedger, AuditLedger {
  /** Audits are kept twice as long. */
  trimTurns(limits: { readonly turnsMs: number; readonly auditsMs: number }): number;
}

interface Turn {
  readonly number: number;
  readonly at: number;
}

export function turnsFake(clock: Clock): TurnsFake {
  /** By team and person. */
  const turns = new Map<string, Turn>();
  /** By team and key. */
  const taken = new Map<string, { readonly person: string; readonly at: number }>();
  let audits: readonly AuditEntry[] = [];
  let last = 0;
  return {
    nextTurn: async ({ team, candidates, key }) => {
      const known = key === null ? undefined : taken.get(JSON.stringify([team, key]));
      if (known && candidates.includes(known.person)) return known.person;
      const lastOf = (person: string) => turns.get(JSON.stringify([team, person]))?.number ?? 0;
      const [next] = candidates.toSorted((one, other) => lastOf(one) - lastOf(other));
      if (next === undefined) throw new Error(`nobody of ${team} is there to take a turn`);
      if (key === null) return next;
      last += 1;
      const at = clock.now().getTime();
      turns.set(JSON.stringify([team, next]), { number: last, at });
      taken.set(JSON.stringify([team, key]), { person: next, at });
      return next;
    },
    audit: async (entry) => {
      audits = [...audits, entry];
    },
    audits: async (limit) =>
      audits
        .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
        .reverse()
        .slice(0, limit),
    trimTurns: ({ turnsMs, auditsMs }) => {
      const before = turns.size + taken.size + audits.length;
      for (const table of [turns, taken]) for (const [key, { at }] of table) if (at <= turnsMs) table.delete(key);
      audits = audits.filter(({ at }) => Date.parse(at) > auditsMs);
      return before - turns.size - taken.size - audits.length;
    },
  };
}
