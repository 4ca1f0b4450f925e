import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signed } from '../../bench/load.ts';
import type { Service } from '../../support/service.ts';
import { type TestStage, testStage } from '../../support/stage.ts';
import { servedStage, serverUrl, until } from './servers.ts';

let stage: TestStage;
beforeAll(async () => {
  stage = await testStage({ history: [], env: { STOP_SECONDS: '10' } });
});
afterAll(() => stage[Symbol.asyncDispose]());

/** Begins a webhook, waits until the service has taken notice, and keeps the end of its body back. */
async function begin({ url }: Service): Promise<{ readonly socket: Socket; readonly rest: Buffer; heard: string }> {
  const { body, headers } = signed();
  const lines = Object.entries({ ...headers, 'content-length': body.length }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const begun = { socket, rest: body.subarray(100), heard: '' };
  socket.on('data', (chunk: Buffer) => {
    begun.heard += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    `POST /webhooks/jira HTTP/1.1\r\nhost: here\r\nconnection: close\r\nexpect: 100-continue\r\n${lines.join('\r\n')}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.write(body.subarray(0, 100));
  return begun;
}

const failing = async ({ opsUrl }: Service): Promise<unknown> => {
  const response = await fetch(`${opsUrl}/readyz`);
  return response.json();
};

describe('a process that is asked to end', () => {
  it('takes nothing new, says so, answers what was begun, and ends with 0', async () => {
    await using running = await stage.start({ STOP_SECONDS: '120' });
    const { service } = running;
    const begun = await begin(service);
    expect(await failing(service)).toMatchObject({ failing: [] });
    const ended = service.stop();
    await until(
      () =>
        fetch(`${service.url}/healthz`).then(
          () => false,
          () => true,
        ),
      'the public port is closed',
    );
    expect(await failing(service)).toMatchObject({ failing: ['running'] });
    expect((await fetch(`${service.opsUrl}/healthz`)).status).toBe(200);
    begun.socket.write(begun.rest);
    await once(begun.socket, 'close');
    expect(begun.heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /);
    expect(await ended).toBe(0);
  });

  it('does not wait for a client that never comes to an end', async () => {
    await using running = await stage.start({ STOP_SECONDS: '5' });
    await begin(running.service);
    const startedAt = performance.now();
    expect(await running.service.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('ends at once when it is asked a second time', async () => {
    await using running = await stage.start({ STOP_SECONDS: '60' });
    await begin(running.service);
    const ended = running.service.stop();
    await until(
      () =>
        fetch(`${running.service.url}/healthz`).then(
          () => false,
          () => true,
        ),
      'it began to end',
    );
    process.kill(running.service.pid, 'SIGTERM');
    expect(await ended).toBe(1);
  });
});

describe('a port that is taken', () => {
  it('is named by its variable, with what to do', async () => {
    await using running = await stage.start();
    const { port } = new URL(running.service.url);
    await expect(stage.start({ DATA_DIR: join(stage.folder, 'another') })).rejects.toThrow(
      `✗ PORT: 127.0.0.1:${port} is in use by another process`,
    );
  });
});

describe.runIf(serverUrl)('with its servers away', () => {
  it('each role still ends with 0 and in time', async () => {
    await using served = await servedStage('Redis', { history: [], env: { STOP_SECONDS: '10' } });
    const intake = await served.stage.start({}, 'intake');
    const workers = await served.stage.start({}, 'workers');
    await served.redis?.kill();
    served.database.hold();
    const startedAt = performance.now();
    expect(await Promise.all([intake, workers].map(({ service }) => service.stop()))).toEqual([0, 0]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});
