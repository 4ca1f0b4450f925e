import type { WebhookTarget } from '../options.ts';
import type { Attempt, Parcel } from './delivery.ts';
import { mayRetry, post, wasTaken } from './delivery.ts';

const MAX_RETRIES = 5;

/** Queues between the site and its targets: one per target and flow, each with its limit of posts in flight. */
export interface Lanes {
  enqueue(parcel: Parcel): void;
  pause(): void;
  resume(): void;
  drained(): Promise<void>;
  close(): void;
}

interface Lane {
  waiting: Parcel[];
  head: number;
  inFlight: number;
  readonly limit: number;
}

interface State {
  readonly lanes: Map<string, Lane>;
  readonly timers: Set<NodeJS.Timeout>;
  pending: number;
  paused: boolean;
  closed: boolean;
  waiters: (() => void)[];
}

export function openLanes(): Lanes {
  const state: State = { lanes: new Map(), timers: new Set(), pending: 0, paused: false, closed: false, waiters: [] };
  return {
    enqueue: (parcel) => {
      state.pending += 1;
      later(state, parcel.target.delayMs, () => push(state, parcel));
    },
    pause: () => {
      state.paused = true;
    },
    resume: () => {
      state.paused = false;
      for (const lane of state.lanes.values()) pump(state, lane);
    },
    drained: () => drained(state),
    close: () => close(state),
  };
}

async function drained(state: State): Promise<void> {
  if (state.pending === 0 || state.closed) return;
  if (state.paused) throw new Error('webhooks are paused: resume() before flush()');
  await new Promise<void>((resolve) => state.waiters.push(resolve));
}

function close(state: State): void {
  state.closed = true;
  for (const timer of state.timers) clearTimeout(timer);
  for (const waiter of state.waiters.splice(0)) waiter();
}

function push(state: State, parcel: Parcel): void {
  const lane = laneOf(state, parcel);
  lane.waiting.push(parcel);
  pump(state, lane);
}

function laneOf(state: State, { target, delivery }: Parcel): Lane {
  const name = `${delivery.flow} ${target.url}`;
  const lane = state.lanes.get(name) ?? { waiting: [], head: 0, inFlight: 0, limit: limitOf(target, delivery.flow) };
  state.lanes.set(name, lane);
  return lane;
}

/** The secondary flow has half of the lanes. */
function limitOf({ maxInFlight }: WebhookTarget, flow: Parcel['delivery']['flow']): number {
  return flow === 'Primary' ? maxInFlight : Math.max(1, Math.floor(maxInFlight / 2));
}

function pump(state: State, lane: Lane): void {
  while (!state.paused && !state.closed && lane.inFlight < lane.limit) {
    const parcel = take(lane);
    if (!parcel) return;
    lane.inFlight += 1;
    void post(parcel).then((attempt) => {
      lane.inFlight -= 1;
      settle(state, parcel, attempt);
      pump(state, lane);
    });
  }
}

function take(lane: Lane): Parcel | undefined {
  const parcel = lane.waiting[lane.head];
  if (!parcel) return undefined;
  lane.head += 1;
  if (lane.head < 1_000) return parcel;
  lane.waiting = lane.waiting.slice(lane.head);
  lane.head = 0;
  return parcel;
}

function settle(state: State, parcel: Parcel, attempt: Attempt): void {
  const { delivery, target } = parcel;
  delivery.attempts.push(attempt);
  if (mayRetry(attempt) && parcel.retries < MAX_RETRIES) {
    const wait = target.backoffMs[parcel.retries] ?? target.backoffMs.at(-1) ?? 0;
    parcel.retries += 1;
    later(state, wait, () => push(state, parcel));
    return;
  }
  if (delivery.state !== 'delivered') delivery.state = outcome(attempt);
  state.pending -= 1;
  if (state.pending === 0) for (const waiter of state.waiters.splice(0)) waiter();
}

function outcome(attempt: Attempt): 'delivered' | 'gave-up' | 'refused' {
  if (wasTaken(attempt)) return 'delivered';
  return mayRetry(attempt) ? 'gave-up' : 'refused';
}

function later(state: State, ms: number, act: () => void): void {
  if (state.closed) return;
  if (ms <= 0) {
    act();
    return;
  }
  const timer = setTimeout(() => {
    state.timers.delete(timer);
    act();
  }, ms);
  state.timers.add(timer);
}
