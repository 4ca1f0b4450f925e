import { z } from 'zod';
import type { ServerDesk } from './desk.ts';
import type { Reply } from './gate/fault.ts';
import { ShareSchema, TroubleSchema } from './gate/troubles/troubles.ts';
import type { Call } from './log.ts';

const Orders = z.union([
  z.strictObject({ next: z.array(TroubleSchema) }),
  z.strictObject({ always: TroubleSchema.nullable(), share: ShareSchema.optional() }),
]);
export type TroubleOrder = z.input<typeof Orders>;

/** What a server in another process tells about itself. */
export interface ModelStats {
  readonly requests: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly inFlight: { readonly now: number; readonly max: number };
}

/** The server's own pages, under `/__model`, for whoever runs it in another process; null for any other address. */
export function control({ log, troubles, inFlight }: ServerDesk, { method, url, body }: Call): Reply | null {
  if (!url.pathname.startsWith('/__model/')) return null;
  const what = `${method} ${url.pathname.slice('/__model/'.length)}`;
  if (what === 'GET stats') {
    const requests = [...log.statuses.values()].reduce((sum, count) => sum + count, 0);
    return { status: 200, body: { requests, statuses: Object.fromEntries(log.statuses), inFlight } };
  }
  if (what === 'GET requests') return { status: 200, body: log.requests };
  if (what !== 'POST trouble') return { status: 404, body: { error: `there is no ${what}` } };
  const order = Orders.safeParse(body);
  if (!order.success) return { status: 400, body: { error: z.prettifyError(order.error) } };
  if ('next' in order.data) troubles.queue(order.data.next);
  else troubles.last(order.data.always, order.data.share);
  return { status: 200, body: {} };
}
