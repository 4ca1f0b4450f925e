import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUTOMATION_SECRET, WEBHOOK_SECRET } from '../../support/env.ts';
import { runs } from '../../support/fuzz/bounds.ts';
import { hostileBodies } from '../../support/fuzz/captures.ts';
import { rawRequest, statusOf } from '../../support/fuzz/socket.ts';
import { type TestStage, testStage } from '../../support/stage.ts';

/** A bug or a crash would show as one of these, or as no answer at all. */
const HONEST = [202, 400, 401, 404, 405, 408, 411, 413, 415, 417, 431, 503];
const MB = 1024 * 1024;

const sign = (body: Buffer) => `sha256=${createHmac('sha256', WEBHOOK_SECRET).update(body).digest('hex')}`;
const small = hostileBodies().filter((body) => body.length < MB);
type Headed = Parameters<typeof rawRequest>[0];
const lengthOf = (body: Buffer) => `content-length: ${body.length}`;

describe('the running service', () => {
  let stage: TestStage;
  let running: Awaited<ReturnType<TestStage['start']>>;
  let port: number;

  beforeAll(async () => {
    stage = await testStage({ history: [] });
    running = await stage.start();
    port = Number(new URL(running.service.url).port);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  const metric = async (name: string) => {
    const page = await (await fetch(`${running.service.opsUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN);
  };

  const doors = fc.constantFrom<((body: Buffer) => Headed)[]>(
    (body) => ({ headers: [`x-hub-signature: ${sign(body)}`, lengthOf(body)] }),
    (body) => ({
      path: '/webhooks/automation',
      headers: [`x-triage-secret: ${AUTOMATION_SECRET}`, lengthOf(body)],
    }),
  );

  test('takes or turns away every body that comes signed, and lives', { timeout: 180_000 }, async () => {
    const send = (headed: Headed, body: Buffer) => statusOf(port, rawRequest(headed, body));
    await fc.assert(
      fc.asyncProperty(doors, small, async (door, body) => {
        expect([202, 400]).toContain(await send(door(body), body));
      }),
      runs(250),
    );
    expect((await fetch(`${running.service.url}/healthz`)).status).toBe(200);
  });

  const hex = fc.constantFrom(0, 1, 63, 64, 65, 128, 4_000).map((length) => 'a'.repeat(length));
  const scheme = fc.constantFrom(
    'sha256=',
    'sha256',
    'SHA256=',
    'sha1=',
    'sha512=',
    '=',
    '',
    'sha256==',
    'none=',
    ' sha256=',
  );
  const noise = fc.string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 300,
  });
  const signature = fc.oneof(
    fc.tuple(scheme, hex).map((parts) => parts.join('')),
    noise,
  );
  const further = fc.oneof(
    fc.constantFrom(
      'transfer-encoding: chunked',
      'transfer-encoding: gzip, chunked',
      'content-encoding: gzip',
      'content-encoding: ',
      'expect: 100-continue',
      'expect: nonsense',
      'upgrade: websocket',
      'content-length: 7',
      'content-length: -1',
      'content-length: 99999999999999999999',
      'x-hub-signature: sha256=',
      'host: elsewhere',
      ': nameless',
      'no colon',
      ' folded: line',
      `x-long: ${'x'.repeat(20_000)}`,
    ),
    noise.map((value) => `x-atlassian-webhook-identifier: ${value}`),
    noise.map((value) => `x-${value}: 1`),
    noise,
  );
  const request = fc.record({
    method: fc.constantFrom(
      'POST',
      'GET',
      'PUT',
      'TRACE',
      'OPTIONS',
      'DELETE',
      'PATCH',
      'HEAD',
      'CONNECT',
      'post',
      'NONSENSE',
    ),
    path: fc.oneof(
      fc.constantFrom(
        '/webhooks/jira',
        '/webhooks/automation',
        '/webhooks/jira/',
        '/webhooks/jira?x=1',
        '//',
        '*',
        '/%',
        'http://x/webhooks/jira',
        '/metrics',
        '/admin/status',
        '/../admin',
      ),
      noise.map((path) => `/${path.replaceAll(' ', '')}`),
    ),
    headers: fc.array(further, { maxLength: 3 }),
    signatures: fc.array(signature, { maxLength: 2 }),
  });

  test('turns away every request that nobody signed, whatever its headers, and lives', {
    timeout: 180_000,
  }, async () => {
    const body = Buffer.from('{"webhookEvent":"jira:issue_created","issue":{"id":"1","key":"IT-1"}}');
    await fc.assert(
      fc.asyncProperty(request, async ({ signatures, headers, ...line }) => {
        const all = [...signatures.map((value) => `x-hub-signature: ${value}`), lengthOf(body), ...headers];
        const status = await statusOf(port, rawRequest({ ...line, headers: all }, body));
        if (status === null) return;
        expect(HONEST).toContain(status);
        expect(status).not.toBe(202);
      }),
      runs(250),
    );
    expect((await fetch(`${running.service.url}/healthz`)).status).toBe(200);
  });

  test('takes no more memory for a hundred bodies of a megabyte', { timeout: 120_000 }, async () => {
    const body = Buffer.from(JSON.stringify({ webhookEvent: 'comment_created', text: 'x'.repeat(MB) }));
    const send = () =>
      statusOf(port, rawRequest({ headers: [`x-hub-signature: ${sign(body)}`, lengthOf(body)] }, body));
    for (let times = 0; times < 10; times += 1) await send();
    const before = await metric('process_resident_memory_bytes');
    for (let times = 0; times < 100; times += 1) expect(await send()).toBe(202);
    const grown = (await metric('process_resident_memory_bytes')) - before;
    expect(before).toBeGreaterThan(0);
    expect(grown / MB).toBeLessThan(100);
  });

  test('has come to an end with all of it, without a bug and without a word about one', {
    timeout: 120_000,
  }, async () => {
    await running.admin.idle({ timeoutMs: 90_000 });
    const complaints = running.service.complaints.join('\n');
    expect(complaints).not.toMatch(/a bug answered 500|unhandled|uncaught|heap out of memory/i);
    expect(await running.service.stop()).toBe(0);
  });
});
