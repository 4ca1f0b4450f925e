import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { WEBHOOK_SECRET } from '../support/env.ts';

export interface LoadResult {
  readonly acksPerSecond: number;
  readonly latenciesMs: readonly number[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Signed {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Posts signed webhooks over this many connections, each waiting for its answer, until all are answered. */
export function load(
  url: string,
  { connections, count }: { readonly connections: number; readonly count: number },
): Promise<LoadResult> {
  return postAll(url, Array.from({ length: count }, signed), connections);
}

/** Posts these, over so many connections that each wait for their answer. */
export async function postAll(url: string, bodies: readonly Signed[], connections: number): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const left = bodies.values();
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  const startedAt = performance.now();
  const worker = async () => {
    for (const next of left) {
      const sentAt = performance.now();
      const status = await post(`${url}/webhooks/jira`, next, agent);
      latenciesMs.push(performance.now() - sentAt);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return { acksPerSecond: bodies.length / ((performance.now() - startedAt) / 1000), latenciesMs, statuses };
}

/**
 * Posts signed webhooks at a steady rate, whether earlier ones are answered or not. Latencies count from the moment a
 * webhook was due, so that a server that stands still is not measured only once.
 */
export async function steadyLoad(
  url: string,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const bodies = Array.from({ length: perSecond * seconds }, signed);
  const statuses: Record<string, number> = {};
  const startedAt = performance.now();
  const latenciesMs = await Promise.all(
    bodies.map(async (next, index) => {
      const dueAt = startedAt + (index * 1000) / perSecond;
      await wait(Math.max(dueAt - performance.now(), 0));
      const status = await post(`${url}/webhooks/jira`, next, agent);
      statuses[status] = (statuses[status] ?? 0) + 1;
      return performance.now() - dueAt;
    }),
  );
  agent.destroy();
  return { acksPerSecond: bodies.length / ((performance.now() - startedAt) / 1000), latenciesMs, statuses };
}

/** Other issues every time, so that nothing is a duplicate. */
let lastId = 1_000_000 + (Date.now() % 1_000_000_000);

/** A webhook of about 5 kB, the size of a real one, about an issue that is nowhere. */
export function signed(): Signed {
  const id = String(lastId++);
  return signedFor({ id, key: `IT-${id}` });
}

/** The same about an issue that exists. */
export function signedFor({ id, key }: { readonly id: string; readonly key: string }): Signed {
  const body = Buffer.from(
    JSON.stringify({
      timestamp: Date.now(),
      webhookEvent: 'jira:issue_created',
      user: { accountId: 'user-0001' },
      issue: {
        id,
        key,
        fields: {
          summary: 'Load',
          description: 'x'.repeat(4_700),
          project: { key: 'IT' },
          issuetype: { name: 'Incident' },
          labels: [],
        },
      },
    }),
  );
  const signature = createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex');
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'x-hub-signature': `sha256=${signature}`,
      'x-atlassian-webhook-identifier': randomUUID(),
    },
  };
}

function post(url: string, { body, headers }: Signed, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } },
      (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
