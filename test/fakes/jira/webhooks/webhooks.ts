import { randomUUID } from 'node:crypto';
import type { WebhookTarget, WebhookTargetDraft } from '../options.ts';
import { webhookTargetSchema } from '../options.ts';
import type { Delivery, Parcel } from './delivery.ts';
import { openLanes } from './lanes.ts';

const KEPT_DELIVERIES = 200_000;
const KEPT_BODIES = 5_000;

export interface Announcement {
  readonly name: string;
  readonly issueId: string;
  readonly issueKey: string;
  readonly bulk: boolean;
}

export type Draw = (kind: WebhookTarget['kind']) => object;

/** The site's outgoing events, and the ways they go wrong. */
export interface SiteWebhooks {
  /** From now on events are posted there. */
  connect(target: WebhookTargetDraft): void;
  disconnect(): void;
  /** Every delivery so far, oldest first. */
  deliveries(): readonly Delivery[];
  /** The raw bytes that were sent under this identifier. */
  body(id: string): Buffer | undefined;
  /** Sends the same bytes under the same identifier once more. */
  redeliver(id: string): void;
  /** Sends each of the next `count` deliveries twice. */
  duplicate(count: number): void;
  /** Holds deliveries until `window` have gathered, then sends them last first. 0 stops and releases. */
  reorder(window: number): void;
  /** Loses the next `count` deliveries. */
  dropNext(count: number): void;
  pause(): void;
  resume(): void;
  /** Resolves when every delivery was answered for good or given up. */
  flush(): Promise<void>;
  /** Tells every subscriber; `draw` makes the body in the shape a kind of target gets. */
  announce(event: Announcement, draw: Draw): void;
  close(): void;
}

interface State {
  targets: WebhookTarget[];
  readonly deliveries: Delivery[];
  readonly sent: Map<string, Parcel>;
  held: Parcel[];
  duplicates: number;
  drops: number;
  window: number;
}

export function openWebhooks(): SiteWebhooks {
  const state: State = { targets: [], deliveries: [], sent: new Map(), held: [], duplicates: 0, drops: 0, window: 0 };
  const lanes = openLanes();
  const release = () => {
    const parcels = state.held.toReversed();
    state.held = [];
    for (const parcel of parcels) lanes.enqueue(parcel);
  };
  return {
    connect: (target) => void state.targets.push(webhookTargetSchema.parse(target)),
    disconnect: () => {
      state.targets = [];
    },
    deliveries: () => state.deliveries,
    body: (id) => state.sent.get(id)?.body,
    redeliver: (id) => lanes.enqueue(again(state, id)),
    duplicate: (count) => {
      state.duplicates = count;
    },
    dropNext: (count) => {
      state.drops = count;
    },
    reorder: (window) => {
      state.window = window;
      if (window <= state.held.length) release();
    },
    pause: lanes.pause,
    resume: lanes.resume,
    flush: async () => {
      release();
      await lanes.drained();
    },
    announce: (event, draw) => {
      for (const parcel of parcelsOf(state, event, draw)) dispatch(state, parcel, lanes.enqueue);
      if (state.window > 0 && state.held.length >= state.window) release();
    },
    close: lanes.close,
  };
}

function parcelsOf(state: State, event: Announcement, draw: Draw): Parcel[] {
  const targets = state.targets.filter((target) => target.events.includes(event.name));
  return targets.map((target) => ({
    target,
    delivery: deliveryOf(event),
    body: Buffer.from(JSON.stringify(draw(target.kind))),
    retries: 0,
  }));
}

function deliveryOf({ name, issueId, issueKey, bulk }: Announcement): Delivery {
  return {
    id: randomUUID(),
    event: name,
    issueId,
    issueKey,
    createdAt: Date.now(),
    flow: bulk ? 'Secondary' : 'Primary',
    attempts: [],
    state: 'pending',
  };
}

function dispatch(state: State, parcel: Parcel, enqueue: (parcel: Parcel) => void): void {
  remember(state, parcel);
  if (state.drops > 0) {
    state.drops -= 1;
    parcel.delivery.state = 'dropped';
    return;
  }
  const copies = state.duplicates > 0 ? [parcel, { ...parcel }] : [parcel];
  state.duplicates = Math.max(0, state.duplicates - 1);
  for (const copy of copies) {
    if (state.window > 0) state.held.push(copy);
    if (state.window === 0) enqueue(copy);
  }
}

function remember(state: State, parcel: Parcel): void {
  state.deliveries.push(parcel.delivery);
  if (state.deliveries.length > KEPT_DELIVERIES) state.deliveries.splice(0, KEPT_DELIVERIES / 10);
  state.sent.set(parcel.delivery.id, parcel);
  const oldest = state.sent.size > KEPT_BODIES ? state.sent.keys().next().value : undefined;
  if (oldest !== undefined) state.sent.delete(oldest);
}

function again(state: State, id: string): Parcel {
  const parcel = state.sent.get(id);
  if (!parcel) throw new Error(`the bytes of delivery ${id} are not kept any more`);
  return { ...parcel, retries: 0 };
}
