import { randomUUID } from 'node:crypto';
import { sign } from '../../fakes/jira/webhooks/delivery.ts';
import { WEBHOOK_SECRET } from '../../support/env.ts';
import type { FaultDesk } from '../desk.ts';

/** What a sender got for an answer. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly tookMs: number;
}

/** Posts the signed bytes of a delivery again under another identifier, which nobody signs. */
export async function postUnderNewName({ site, doorstep }: FaultDesk, deliveryId: string): Promise<Answer> {
  const body = site.webhooks.body(deliveryId);
  if (!body) throw new Error(`the bytes of delivery ${deliveryId} are not kept any more`);
  const startedAt = performance.now();
  const response = await fetch(`http://127.0.0.1:${doorstep.port}/webhooks/jira`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-hub-signature': sign(body, WEBHOOK_SECRET),
      'x-atlassian-webhook-identifier': randomUUID(),
    },
    body: new Uint8Array(body),
  });
  await response.arrayBuffer();
  const { status, headers } = response;
  return { status, retryAfter: headers.get('retry-after'), tookMs: performance.now() - startedAt };
}
