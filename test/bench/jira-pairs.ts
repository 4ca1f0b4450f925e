import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { editIssue, getIssue } from 'jira.js/cloud';
import { createClient } from 'jira.js/core';
import { z } from 'zod';

const SERVER = fileURLToPath(new URL('bare-jira.ts', import.meta.url));
const PAIRS = 20_000;
const WARM_UP = 20_000;
const AT_ONCE = 16;

/**
 * What this machine is worth: our processor time, in milliseconds, for reading an issue and editing it with nothing but
 * jira.js. Processor times of two machines compare by it.
 */
export async function msPerPair(): Promise<number> {
  const server = fork(SERVER, { stdio: 'inherit' });
  try {
    const [address] = await once(server, 'message');
    const { port } = z.object({ port: z.number() }).parse(address);
    const auth = { type: 'basic', email: 'a@b.example', apiToken: 'token' } as const;
    const client = createClient({ host: `http://127.0.0.1:${port}`, auth });
    await pairs(WARM_UP, client);
    const before = process.cpuUsage();
    await pairs(PAIRS, client);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / PAIRS;
  } finally {
    server.kill();
  }
}

async function pairs(count: number, client: ReturnType<typeof createClient>): Promise<void> {
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      await getIssue(client, { issueIdOrKey: '10001' });
      await editIssue(client, { issueIdOrKey: '10001', update: { labels: [{ add: 'pair' }] } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
