import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProxy, type TcpProxy } from '../../support/proxy.ts';

describe('the proxy', () => {
  let server: Server;
  let proxy: TcpProxy;

  beforeEach(async () => {
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await openProxy(() => ({ port: portOf(server) }));
  });
  afterEach(async () => {
    await proxy[Symbol.asyncDispose]();
    server.close();
    await once(server, 'close');
  });

  const call = async (): Promise<Socket> => {
    const socket = connect(proxy.port, '127.0.0.1');
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  };
  const echoed = async (socket: Socket, text: string) => {
    socket.write(text);
    return String((await once(socket, 'data'))[0]);
  };

  it('passes bytes in both directions', async () => {
    const socket = await call();
    expect(await echoed(socket, 'one')).toBe('one');
    expect(await echoed(socket, 'two')).toBe('two');
    socket.destroy();
  });

  it('counts chunks by direction, and drops what it is told to drop', async () => {
    const seen: string[] = [];
    proxy.watch(({ direction, nth, bytes }) => {
      seen.push(`${direction} ${nth} ${bytes}`);
      return direction === 'up' && nth === 2 ? 'drop' : 'pass';
    });
    const socket = await call();
    await echoed(socket, 'one');
    socket.write('lost');
    await expect.poll(() => seen).toContain('up 2 lost');
    expect(await echoed(socket, 'three')).toBe('three');
    expect(seen).toEqual(['up 1 one', 'down 1 one', 'up 2 lost', 'up 3 three', 'down 2 three']);
    socket.destroy();
  });

  it('cut: ends what is connected and refuses what comes, until it resumes', async () => {
    const socket = await call();
    await echoed(socket, 'one');
    const ended = closed(socket);
    proxy.cut();
    await ended;
    const refused = connect(proxy.port, '127.0.0.1');
    refused.on('error', () => {});
    await closed(refused);
    proxy.resume();
    const again = await call();
    expect(await echoed(again, 'two')).toBe('two');
    again.destroy();
  });

  it('held: takes bytes and connections, and delivers all of them once it resumes', async () => {
    const before = await call();
    await echoed(before, 'one');
    proxy.hold();
    const during = await call();
    const answers = [echoed(before, 'two'), echoed(during, 'three')];
    const first = await Promise.race([...answers, new Promise((resolve) => setImmediate(resolve, 'nothing'))]);
    expect(first).toBe('nothing');
    proxy.resume();
    expect(await Promise.all(answers)).toEqual(['two', 'three']);
    before.destroy();
    during.destroy();
  });
});

/** Events' own `once` would take a reset for a failure. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
