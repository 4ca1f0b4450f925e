import { randomUUID } from 'node:crypto';
import type { BurstLedger } from '../../../src/domain/ports/ledger.ts';
import type { Burst, KnownArrival } from '../../../src/domain/ticket/burst.ts';

/** The part of the ledger that deals with bursts, and its part of `trim`. */
export interface BurstsFake extends BurstLedger {
  trimBursts(limitMs: number): number;
}

export function burstsFake(): BurstsFake {
  const known = new Map<string, KnownArrival>();
  const projects = new Map<string, string>();
  const membersOf = (id: string) => [...known.values()].filter(({ burstId }) => burstId === id).sort(oldestFirst);
  const told = ([id, project]: readonly [string, string]): Burst => {
    const members = membersOf(id);
    const keys = members.map(({ issueKey }) => issueKey);
    return { id, project, openedAt: members[0]?.at ?? '', lastAt: members.at(-1)?.at ?? '', members: keys };
  };
  const all = () => [...projects].map(told).sort((one, other) => one.openedAt.localeCompare(other.openedAt));
  return {
    recordArrival: async (arrival) => {
      const earlier = known.get(arrival.issueId);
      const burstId = earlier?.project === arrival.project ? earlier.burstId : null;
      known.set(arrival.issueId, { ...arrival, burstId });
    },
    arrivals: async ({ project, from, until, isOrdinary, limit }) =>
      [...known.values()]
        .filter((arrival) => arrival.project === project && from <= arrival.at && arrival.at <= until)
        .filter(({ burstId }) => !isOrdinary || burstId === null)
        .sort(oldestFirst)
        .reverse()
        .slice(0, limit),
    joinBurst: async ({ project, issueIds }) => {
      const tickets = issueIds.flatMap((id) => known.get(id) ?? []).filter((arrival) => arrival.project === project);
      const open = all().find(
        ({ id }) => projects.get(id) === project && tickets.some(({ burstId }) => burstId === id),
      );
      const id = open?.id ?? randomUUID();
      projects.set(id, project);
      for (const ticket of tickets) known.set(ticket.issueId, { ...ticket, burstId: ticket.burstId ?? id });
      return { id, members: membersOf(id).length, isNew: open === undefined };
    },
    bursts: async (limit) => all().reverse().slice(0, limit),
    trimBursts: (limitMs) => {
      const oldBursts = all().filter(({ lastAt }) => Date.parse(lastAt) <= limitMs);
      for (const { id } of oldBursts) projects.delete(id);
      const oldArrivals = [...known.values()].filter(
        ({ at, burstId }) => Date.parse(at) <= limitMs && !(burstId !== null && projects.has(burstId)),
      );
      for (const { issueId } of oldArrivals) known.delete(issueId);
      return oldBursts.length + oldArrivals.length;
    },
  };
}

function oldestFirst(one: KnownArrival, other: KnownArrival): number {
  return one.at.localeCompare(other.at) || other.issueId.localeCompare(one.issueId);
}
