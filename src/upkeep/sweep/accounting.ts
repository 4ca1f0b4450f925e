import type { Ledger } from '../../domain/ports/ledger.ts';
import { readState } from './state.ts';

const MINUTE_MS = 60_000;
/** What Jira told us of is at its end within seconds, unless something is wrong. */
const TOLD_MS = 15 * MINUTE_MS;
/** What was caught up or asked for by the thousand waits its turn. */
const ASKED_MS = 24 * 60 * MINUTE_MS;

export interface Accounts {
  /** Tickets that Jira has and nobody looks after: not handed over by the last sweep, or accepted and stuck. */
  readonly unaccounted: number;
  /** When a sweep last went through to its end, by our clock, as an ISO time; null: never. */
  readonly sweptAt: string | null;
}

/** What every process can tell of sweeps, whichever of them ran the last one. `graceMs`: how long decisions wait by design. */
export async function accounts(
  ledger: Pick<Ledger, 'cursor' | 'overdue'>,
  { graceMs }: { readonly graceMs: number },
): Promise<Accounts> {
  const [{ missing, completedAt }, overdue] = await Promise.all([
    readState(ledger),
    ledger.overdue({ toldMs: TOLD_MS, askedMs: ASKED_MS, graceMs }),
  ]);
  return { unaccounted: missing + overdue, sweptAt: completedAt };
}
