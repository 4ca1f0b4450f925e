/** The floor of intake, run as a process of its own: express, HMAC, `queue.add` on Redis, and nothing else. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { Queue } from 'bullmq';
import express from 'express';
import { Redis } from 'ioredis';
import { WEBHOOK_SECRET } from '../support/env.ts';

const connection = new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: 1, enableOfflineQueue: false });
await once(connection, 'ready');
const queue = new Queue('bare-intake', { connection, skipWaitingForReady: true });
const app = express();
app.post('/webhooks/jira', express.raw({ type: () => true, limit: '25mb' }), async (request, response) => {
  const given = Buffer.from(String(request.get('x-hub-signature')).slice('sha256='.length), 'hex');
  const expected = createHmac('sha256', WEBHOOK_SECRET).update(request.body).digest();
  if (!timingSafeEqual(given, expected)) return void response.sendStatus(401);
  const { issue } = JSON.parse(request.body.toString());
  await queue.add('triage', { issueId: issue.id }, { jobId: `bare-${issue.id}` });
  response.sendStatus(202);
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address && typeof address === 'object')
    process.stdout.write(`${JSON.stringify({ level: 30, msg: 'listening', port: address.port })}\n`);
});
