import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { Delivery, StoredWrite } from '../../../src/domain/decision/delivery.ts';
import type { Outcome } from '../../../src/domain/decision/outcome.ts';

export interface DeliveryRow {
  readonly id: string;
  readonly delivery: Delivery;
  readonly receivedAt: number;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly settledAt: number | null;
}

/** What several parts of the ledger read. */
export interface Tables {
  readonly deliveries: Map<string, DeliveryRow>;
  readonly decisions: Map<string, Decision>;
  readonly writes: Map<string, StoredWrite>;
  /** By decision and target. */
  readonly outcomes: Map<string, Outcome>;
}

export function emptyTables(): Tables {
  return { deliveries: new Map(), decisions: new Map(), writes: new Map(), outcomes: new Map() };
}

/** Oldest first; of rounds within one moment the earlier one. */
export function byDecidedAt(one: Decision, other: Decision): number {
  return (
    Date.parse(one.decidedAt) - Date.parse(other.decidedAt) ||
    one.id.length - other.id.length ||
    (one.id < other.id ? -1 : 1)
  );
}

/** Every id that an issue with this key has or had. */
export function idsOf({ deliveries, decisions, writes }: Tables, issueKey: string): ReadonlySet<string> {
  const named = [...decisions.values(), ...writes.values(), ...[...deliveries.values()].map((row) => row.delivery)];
  return new Set(named.flatMap((one) => (one.issueKey === issueKey && one.issueId !== null ? [one.issueId] : [])));
}

export function drop<Value>(entries: Map<string, Value>, isOld: (value: Value) => boolean): number {
  const old = [...entries].filter(([, value]) => isOld(value));
  for (const [key] of old) entries.delete(key);
  return old.length;
}
