import { randomUUID } from 'node:crypto';
import type { Decision } from '../../src/domain/decision.ts';
import type { Delivery, Receipt, WriteRecord } from '../../src/domain/delivery.ts';
import { TransientError } from '../../src/domain/errors.ts';
import type { Clock, Ledger } from '../../src/domain/ports.ts';
import { burstsFake } from './bursts.ts';

interface Row {
  readonly id: string;
  readonly delivery: Delivery;
  readonly receivedAt: number;
  readonly attempt: number;
  readonly state: string;
  readonly reason: string | null;
  readonly settledAt: number | null;
}

type Write = WriteRecord & { readonly at: string };

const DAY_MS = 24 * 3600 * 1000;

/** The ledger in maps; what it promises is what the PostgreSQL one promises. */
export function ledgerFake(clock: Clock = { now: () => new Date() }): Ledger {
  const rows = new Map<string, Row>();
  const decisions = new Map<string, Decision>();
  const writes = new Map<string, Write>();
  const cursors = new Map<string, string>();
  const now = () => clock.now().getTime();
  const { trimBursts, ...bursts } = burstsFake();
  return {
    ...bursts,
    ...inbox(rows, decisions, now),
    recordDecision: async (decision) => {
      const earlier = decisions.get(decision.id);
      if (!earlier) decisions.set(decision.id, decision);
      return earlier ?? decision;
    },
    decision: async (id) => decisions.get(id) ?? null,
    sameDecision: async ({ issueId, revision, inputHash, exceptDelivery }) => {
      const same = [...decisions.values()].find((decision) => {
        const row = rows.get(decision.deliveryId);
        const isSame = decision.issueId === issueId && decision.revision === revision;
        const stands = row !== undefined && row.state !== 'failed' && row.id !== exceptDelivery;
        return isSame && stands && decision.inputHash === inputHash;
      });
      return same?.id ?? null;
    },
    write: async (decisionId) => writes.get(decisionId) ?? null,
    recordWrite: async (record) => {
      const standing = writes.get(record.decisionId);
      if (standing && standing.state !== 'planned') return standing;
      const isTaken = [...writes.values()].some(
        (other) =>
          other.issueId === record.issueId && other.state === 'planned' && other.decisionId !== record.decisionId,
      );
      if (record.state === 'planned' && isTaken)
        throw new TransientError(`another decision is writing to ${record.issueKey}`);
      writes.set(record.decisionId, { ...record, at: clock.now().toISOString() });
      return record;
    },
    story: async (issueKey) => {
      const all = [...decisions.values()];
      const ids = [
        ...all.filter((decision) => decision.issueKey === issueKey).map(({ issueId }) => issueId),
        ...[...rows.values()]
          .filter(({ delivery }) => delivery.issueKey === issueKey)
          .map(({ delivery }) => delivery.issueId),
      ];
      const keys = new Set<string | null>([
        issueKey,
        ...all.filter(({ issueId }) => ids.includes(issueId)).map((decision) => decision.issueKey),
      ]);
      return {
        deliveries: [...rows.values()].filter(({ delivery }) => keys.has(delivery.issueKey)).map(told),
        decisions: all.filter((decision) => keys.has(decision.issueKey)),
        writes: [...writes.values()].filter((write) => keys.has(write.issueKey)),
      };
    },
    cursor: async (name) => cursors.get(name) ?? null,
    setCursor: async (name, value) => {
      if (value === null) cursors.delete(name);
      else cursors.set(name, value);
    },
    trim: async (olderThanDays) => {
      const limit = now() - olderThanDays * DAY_MS;
      return (
        drop(rows, ({ state, settledAt }) => state !== 'accepted' && settledAt !== null && settledAt <= limit) +
        drop(writes, ({ state, at }) => state !== 'planned' && Date.parse(at) <= limit) +
        drop(decisions, ({ id, decidedAt }) => Date.parse(decidedAt) <= limit && !writes.has(id)) +
        trimBursts(limit)
      );
    },
    ping: async () => {},
  };
}

/** The part of the ledger that deals with deliveries. */
function inbox(
  rows: Map<string, Row>,
  decisions: ReadonlyMap<string, Decision>,
  now: () => number,
): Pick<Ledger, 'receive' | 'settle' | 'openDeliveries' | 'deliveryCounts'> {
  const receiveOne = (delivery: Delivery): Receipt => {
    const known = [...rows.values()].find(({ delivery: other }) => isSame(other, delivery));
    if (known) return receiveAgain(known);
    const isAccepted = delivery.plan.kind === 'do';
    const row: Row = {
      id: randomUUID(),
      delivery,
      receivedAt: now(),
      attempt: 1,
      state: isAccepted ? 'accepted' : 'ignored',
      reason: delivery.plan.kind === 'do' ? null : delivery.plan.reason,
      settledAt: isAccepted ? null : now(),
    };
    rows.set(row.id, row);
    return { id: row.id, status: isAccepted ? 'new' : 'ignored', attempt: 1 };
  };
  const receiveAgain = (row: Row): Receipt => {
    const { id, attempt } = row;
    if (row.state === 'ignored') return { id, status: 'ignored', attempt };
    if (row.state === 'accepted') return { id, status: 'again', attempt };
    if (row.state !== 'failed') return { id, status: 'done', attempt };
    const reopened = { state: 'accepted', reason: null, settledAt: null, receivedAt: now(), attempt: attempt + 1 };
    rows.set(id, { ...row, ...reopened });
    return { id, status: 'again', attempt: attempt + 1 };
  };
  return {
    receive: async (deliveries) => deliveries.map(receiveOne),
    settle: async (id, attempt, end) => {
      const row = rows.get(id);
      if (row?.state !== 'accepted' || row.attempt !== attempt) return;
      rows.set(id, { ...row, state: end.state, reason: 'reason' in end ? end.reason : null, settledAt: now() });
    },
    openDeliveries: async (olderThanMs, limit) =>
      [...rows.values()]
        .sort((left, right) => left.receivedAt - right.receivedAt)
        .filter(({ state, receivedAt }) => state === 'accepted' && receivedAt <= now() - olderThanMs)
        .slice(0, limit)
        .flatMap(({ id, attempt, delivery: { plan, issueId } }) => {
          if (plan.kind !== 'do' || issueId === null) return [];
          const decisionId = decisions.has(`${id}-${attempt}`) ? `${id}-${attempt}` : null;
          return [{ id, attempt, issueId, intent: plan.intent, isForced: plan.isForced, decisionId }];
        }),
    deliveryCounts: async () => {
      const counts: Record<string, number> = {};
      for (const { state } of rows.values()) counts[state] = (counts[state] ?? 0) + 1;
      return counts;
    },
  };
}

function isSame(one: Delivery, other: Delivery): boolean {
  if (one.site !== other.site) return false;
  return one.contentHash === other.contentHash || (one.identifier !== null && one.identifier === other.identifier);
}

function told({ id, delivery: { door, event }, state, reason, attempt, receivedAt, settledAt }: Row) {
  return {
    id,
    door,
    event,
    state,
    reason,
    attempt,
    receivedAt: new Date(receivedAt).toISOString(),
    settledAt: settledAt === null ? null : new Date(settledAt).toISOString(),
  };
}

function drop<Value>(entries: Map<string, Value>, isOld: (value: Value) => boolean): number {
  const old = [...entries].filter(([, value]) => isOld(value));
  for (const [key] of old) entries.delete(key);
  return old.length;
}
