/**
 * What this machine is worth, run as a process of its own: prints its processor time, in milliseconds, for reading an
 * issue and editing it with nothing but jira.js. Processor times of two machines, or hours, compare by it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { editIssue, getIssue } from 'jira.js/cloud';
import { createClient } from 'jira.js/core';
import { z } from 'zod';

const PAIRS = 10_000;
const AT_ONCE = 16;

const server = fork(fileURLToPath(new URL('bare-jira.ts', import.meta.url)), { stdio: 'inherit' });
const [address] = await once(server, 'message');
const { port } = z.object({ port: z.number() }).parse(address);
const auth = { type: 'basic', email: 'bot@example.com', apiToken: 'token' } as const;
const client = createClient({ host: `http://127.0.0.1:${port}`, auth });
try {
  // First those that V8 compiles meanwhile.
  await pairs();
  const before = process.cpuUsage();
  await pairs();
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(`${(user + system) / 1000 / PAIRS}\n`);
} finally {
  server.kill();
}

async function pairs(): Promise<void> {
  let left = PAIRS;
  const worker = async () => {
    while (left-- > 0) {
      await getIssue(client, { issueIdOrKey: '10001' });
      await editIssue(client, { issueIdOrKey: '10001', update: { labels: [{ add: 'pair' }] } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
