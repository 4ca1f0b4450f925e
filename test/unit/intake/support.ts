import { createHmac } from 'node:crypto';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { beforeDeadline } from '../../../src/http/deadline.ts';
import { createApp, type IntakeParts } from '../../../src/intake/app.ts';
import { receiver } from '../../../src/intake/receive.ts';
import type { Publish } from '../../../src/queue/catalogue.ts';
import { openLog } from '../../../src/telemetry/log.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { AUTOMATION_SECRET, WEBHOOK_SECRET } from '../../support/env.ts';
import { BOT } from '../../support/fixtures.ts';
import { listen } from '../support/server.ts';

interface Published {
  readonly queue: string;
  readonly payloads: readonly unknown[];
  readonly urgency: string;
}

export const never = () => new Promise<never>(() => {});

/** The public app on a port of its own, and what it recorded and queued. */
export async function openApp(parts: Partial<IntakeParts> & { ledger?: Ledger; publish?: Publish } = {}) {
  const published: Published[] = [];
  const record: Publish = async (queue, payloads, options = {}) =>
    void published.push({ queue, payloads, urgency: options.urgency ?? 'in turn' });
  const { ledger = ledgerFake(), publish = record, ...others } = parts;
  const metrics = createMetrics();
  const receive = receiver({ ledger, publish });
  const app = createApp({
    acknowledge: (delivery) => beforeDeadline(receive(delivery)),
    isBusy: () => false,
    ears: () => ({ projects: ['IT'], ourAccountId: BOT, watched: new Set() }),
    site: 'acme.atlassian.net',
    secrets: { webhook: ['an-older-secret-0123456789abcdefghij', WEBHOOK_SECRET], automation: AUTOMATION_SECRET },
    readiness: {},
    metrics,
    log: openLog('silent'),
    ...others,
  });
  const server = await listen(app);
  const rejected = async () =>
    (await metrics.rejected.get()).values.flatMap(({ labels, value }) => (value > 0 ? [{ ...labels, value }] : []));
  return { ...server, ledger, published, metrics, rejected };
}

/** A signed event about a new issue. */
export const created = (parts: Record<string, unknown> = {}) =>
  JSON.stringify({
    timestamp: 1,
    webhookEvent: 'jira:issue_created',
    user: { accountId: 'customer-cy' },
    issue: { id: '10001', key: 'IT-1', fields: { project: { key: 'IT' }, summary: 'secret words' } },
    ...parts,
  });

export const sign = (body: string | Uint8Array, secret = WEBHOOK_SECRET) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

/** Posts it signed, as Jira does. */
export function send(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/webhooks/jira`, {
    method: 'POST',
    body,
    headers: { 'x-hub-signature': sign(body), 'content-type': 'application/json', ...headers },
  });
}
