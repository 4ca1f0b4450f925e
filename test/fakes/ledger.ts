import type { Ledger } from '../../src/domain/ports/ledger.ts';
import type { Clock } from '../../src/domain/ports/model.ts';
import { burstsFake } from './ledger/bursts.ts';
import { deadLettersFake } from './ledger/dead-letters.ts';
import { inboxFake, told } from './ledger/inbox.ts';
import { knownFake } from './ledger/known.ts';
import { byJudgedAt, outcomesFake } from './ledger/outcomes.ts';
import { precedentsFake } from './ledger/precedents.ts';
import { pulseFake } from './ledger/pulse.ts';
import { byDecidedAt, drop, emptyTables, idsOf, type Tables } from './ledger/tables.ts';
import { turnsFake } from './ledger/turns.ts';
import { writesFake } from './ledger/writes.ts';

const DAY_MS = 24 * 3600 * 1000;

/** The ledger in maps; what it promises is what the PostgreSQL one promises. */
export function ledgerFake(clock: Clock = { now: () => new Date() }): Ledger {
  const tables = emptyTables();
  const cursors = new Map<string, string>();
  const now = () => clock.now().getTime();
  const { trimBursts, ...bursts } = burstsFake();
  const { trimBrakes, ...outcomes } = outcomesFake(tables, clock);
  const { trimTurns, ...turns } = turnsFake(clock);
  const { trimLetters, ...letters } = deadLettersFake(tables, now);
  return {
    ...bursts,
    ...outcomes,
    ...turns,
    ...letters,
    ...inboxFake(tables, now),
    ...writesFake(tables, clock),
    ...precedentsFake(tables),
    ...knownFake(tables, now),
    ...pulseFake(tables, now),
    story: async (issueKey) => story(tables, issueKey),
    cursor: async (name) => cursors.get(name) ?? null,
    setCursor: async (name, value) => {
      if (value === null) cursors.delete(name);
      else cursors.set(name, value);
    },
    trim: async (olderThanDays) => {
      const limit = now() - olderThanDays * DAY_MS;
      const auditsMs = now() - 2 * olderThanDays * DAY_MS;
      return (
        trimTables(tables, limit) +
        trimBursts(limit) +
        trimBrakes(limit) +
        trimLetters(limit) +
        trimTurns({ turnsMs: limit, auditsMs })
      );
    },
    ping: async () => {},
  };
}

function story(tables: Tables, issueKey: string) {
  const ids = idsOf(tables, issueKey);
  const known = [...tables.decisions.values(), ...tables.writes.values()].filter(({ issueId }) => ids.has(issueId));
  const keys = new Set<string | null>([issueKey, ...known.map((one) => one.issueKey)]);
  const isAbout = (one: { readonly issueKey: string | null }) => keys.has(one.issueKey);
  return {
    deliveries: [...tables.deliveries.values()].filter(({ delivery }) => isAbout(delivery)).map(told),
    decisions: [...tables.decisions.values()].filter(isAbout).sort(byDecidedAt),
    writes: [...tables.writes.values()].filter(isAbout),
    outcomes: [...tables.outcomes.values()].filter(isAbout).sort(byJudgedAt),
  };
}

/** A decision and its write go together, so that nothing looks as if it had not been written. */
function trimTables({ deliveries, decisions, writes, outcomes }: Tables, limitMs: number): number {
  const isOld = (at: string | undefined) => at === undefined || Date.parse(at) <= limitMs;
  const kept = new Set(
    [...writes.values()]
      .filter(({ decisionId, state, at }) => {
        const decision = decisions.get(decisionId);
        return state === 'planned' || !isOld(at) || (decision !== undefined && !isOld(decision.decidedAt));
      })
      .map(({ decisionId }) => decisionId),
  );
  return (
    drop(deliveries, ({ state, settledAt }) => state !== 'accepted' && settledAt !== null && settledAt <= limitMs) +
    drop(decisions, ({ id, decidedAt }) => isOld(decidedAt) && !kept.has(id)) +
    drop(writes, ({ decisionId }) => !kept.has(decisionId)) +
    drop(outcomes, ({ decisionId, judgedAt }) => isOld(judgedAt) && !decisions.has(decisionId))
  );
}
