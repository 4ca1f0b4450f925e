import { createHmac, randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { WEBHOOK_SECRET } from '../support/env.ts';

export interface LoadResult {
  readonly acksPerSecond: number;
  readonly latenciesMs: readonly number[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Posts signed webhooks over this many connections, each waiting for its answer, until all are answered. */
export async function load(
  url: string,
  { connections, count }: { readonly connections: number; readonly count: number },
): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const bodies = Array.from({ length: count }, signed);
  const latenciesMs: number[] = [];
  const statuses: Record<string, number> = {};
  const startedAt = performance.now();
  const worker = async () => {
    for (let next = bodies.pop(); next; next = bodies.pop()) {
      const sentAt = performance.now();
      const status = await post(`${url}/webhooks/jira`, next, agent);
      latenciesMs.push(performance.now() - sentAt);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
  return { acksPerSecond: count / ((performance.now() - startedAt) / 1000), latenciesMs, statuses };
}

interface Signed {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

/** Other issues every time, so that nothing is a duplicate. */
let lastId = 1_000_000 + (Date.now() % 1_000_000_000);

/** A webhook of about 5 kB, the size of a real one. */
function signed(): Signed {
  const id = String(lastId++);
  const body = Buffer.from(
    JSON.stringify({
      timestamp: Date.now(),
      webhookEvent: 'jira:issue_created',
      user: { accountId: 'user-0001' },
      issue: {
        id,
        key: `IT-${id}`,
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
