import { once } from 'node:events';
import { Agent, get, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { listen, type Patience } from '../../../src/http/listen.ts';
import { say } from './raw.ts';

const HURRIED: Partial<Patience> = { headersMs: 100, requestMs: 200, keepAliveMs: 100, checkMs: 20 };
const HEAD = 'POST / HTTP/1.1\r\nhost: here\r\n';

const echo: RequestListener = async (request, response) => {
  try {
    for await (const _chunk of request);
    response.end('thanks');
  } catch {
    // It broke off: there is nobody to thank.
  }
};

const open = (app: RequestListener = echo, patience: Partial<Patience> = HURRIED) =>
  listen(app, { host: '127.0.0.1', port: 0, variable: 'PORT', closeMs: 1_000, patience });

describe('a client that takes its time', () => {
  test('over the headers gets 408', async () => {
    await using server = await open();
    expect(await say(server.port, HEAD)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('over the body gets 408', async () => {
    await using server = await open();
    expect(await say(server.port, `${HEAD}content-length: 10\r\n\r\nfive`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('over a chunked body gets 408', async () => {
    await using server = await open();
    expect(await say(server.port, `${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nfive\r\n`)).toMatch(
      /^HTTP\/1\.1 408 /,
    );
  });

  test('over the next request is let go', async () => {
    await using server = await open();
    const heard = await say(server.port, `${HEAD}content-length: 0\r\n\r\n`);
    expect(heard).toMatch(/^HTTP\/1\.1 200 /);
    expect(heard).not.toContain('408');
  });

  test('keeps nobody else waiting', async () => {
    await using server = await open(echo, { ...HURRIED, requestMs: 3_000, headersMs: 3_000 });
    const slow = Array.from({ length: 50 }, () => connect(server.port, '127.0.0.1').on('error', () => {}));
    for (const socket of slow) socket.write(HEAD);
    const response = await fetch(`http://127.0.0.1:${server.port}`);
    expect(await response.text()).toBe('thanks');
    for (const socket of slow) socket.destroy();
  });
});

describe('a client that sends too much', () => {
  test('of headers gets 431', async () => {
    await using server = await open();
    expect(await say(server.port, `${HEAD}x: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  });

  test('that is not HTTP gets 400', async () => {
    await using server = await open();
    expect(await say(server.port, '\u0016\u0003\u0001\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('with two lengths, or a length and chunks, gets 400', async () => {
    await using server = await open();
    const twice = `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nab`;
    const both = `${HEAD}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(await say(server.port, twice)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await say(server.port, both)).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('of connections is turned away, and those that are there are served', async () => {
    await using server = await open(echo, {
      ...HURRIED,
      keepAliveMs: 3_000,
      headersMs: 3_000,
      requestMs: 3_000,
      connections: 2,
    });
    const first = connect(server.port, '127.0.0.1');
    const second = connect(server.port, '127.0.0.1').on('error', () => {});
    await Promise.all([once(first, 'connect'), once(second, 'connect')]);
    expect(await say(server.port, `${HEAD}content-length: 0\r\n\r\n`)).toBe('');
    first.write(`${HEAD}content-length: 0\r\nconnection: close\r\n\r\n`);
    const [answer] = await once(first, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    second.destroy();
  });
});

describe('closing', () => {
  test('answers what was asked', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const { promise: release, resolve: goOn } = Promise.withResolvers<void>();
    const server = await open(async (_request, response) => {
      resolve();
      await release;
      response.end('in time');
    });
    const answer = fetch(`http://127.0.0.1:${server.port}`);
    await asked;
    const closed = server[Symbol.asyncDispose]();
    goOn();
    expect(await (await answer).text()).toBe('in time');
    await closed;
    await expect(fetch(`http://127.0.0.1:${server.port}`)).rejects.toThrow();
  });

  test('lets go of clients that keep their connection and go on asking', async () => {
    const server = await open(echo, { keepAliveMs: 60_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = () =>
      new Promise<string>((resolve) => {
        get({ host: '127.0.0.1', port: server.port, agent }, (response) => {
          response.resume();
          resolve(String(response.headers.connection));
        }).on('error', () => resolve('refused'));
      });
    expect(await ask()).toBe('keep-alive');
    const startedAt = performance.now();
    const closed = server[Symbol.asyncDispose]();
    while ((await ask()) !== 'refused');
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(900);
    agent.destroy();
  });

  test('does not wait for ever for one that never comes to an end', async () => {
    const server = await open(echo, { requestMs: 60_000, headersMs: 60_000 });
    const said = say(server.port, `${HEAD}content-length: 10\r\n\r\nfive`);
    await wait(20);
    await server[Symbol.asyncDispose]();
    expect(await said).toBe('');
  });
});

describe('a port that cannot be had', () => {
  test('is named with its variable and what to do', async () => {
    await using taken = await open();
    const again = listen(echo, { host: '127.0.0.1', port: taken.port, variable: 'OPS_PORT', closeMs: 100 });
    await expect(again).rejects.toThrow(MisconfiguredError);
    await expect(again).rejects.toThrow(
      `OPS_PORT: 127.0.0.1:${taken.port} is in use by another process; stop that one or choose another port`,
    );
  });

  test('because the address is not of this machine names HOST', async () => {
    const away = listen(echo, { host: '192.0.2.1', port: 0, variable: 'PORT', closeMs: 100 });
    await expect(away).rejects.toThrow('set HOST to one of its own');
  });
});
