import { Temporal } from 'temporal-polyfill';
import type { OnCall } from '../domain/playbook/teams.ts';
import { epochMsOf, type LocalMoment } from './local-time.ts';

const PERIOD_DAYS = { daily: 1, weekly: 7 } as const;

/**
 * Who is called now: who is on call, then the others in their order, each once. `now` is on the team's clocks. Before
 * the first day nobody is, unless a shift says so; after somebody who is not in the order come those after whose turn
 * it is.
 */
export function callOrder(onCall: OnCall, now: LocalMoment): readonly string[] {
  const { order } = onCall;
  const turn = turnAt(onCall, now);
  const holder = shiftAt(onCall, now)?.accountId ?? order[turn];
  if (holder === undefined) return [];
  const isInTurn = order[turn] === holder || !order.includes(holder);
  const after = (isInTurn ? turn : order.indexOf(holder)) + 1;
  return [...new Set([holder, ...order.slice(after), ...order.slice(0, after)])];
}

/** Whose turn it is, as an index of the order; -1 before the first one's. */
function turnAt({ order, since, at, rotate }: OnCall, { day, epochMs, timeZone }: LocalMoment): number {
  const days = Temporal.PlainDate.from(since).until(day).days;
  const begun = epochMs < epochMsOf(day, at, timeZone) ? days - 1 : days;
  return begun < 0 ? -1 : Math.floor(begun / PERIOD_DAYS[rotate]) % order.length;
}

function shiftAt({ shifts }: OnCall, { epochMs, timeZone }: LocalMoment): OnCall['shifts'][number] | undefined {
  const msOf = (local: string) => {
    const [day = '', timeOfDay = ''] = local.split('T');
    return epochMsOf(Temporal.PlainDate.from(day), timeOfDay, timeZone);
  };
  return shifts.find(({ from, to }) => msOf(from) <= epochMs && epochMs < msOf(to));
}
