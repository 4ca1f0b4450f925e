import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** `up`: from who connected towards the server behind; `down`: its answers. */
export type Direction = 'up' | 'down';

/** A chunk of bytes that arrived at the proxy and has not been passed on yet. */
export interface Passing {
  readonly direction: Direction;
  readonly bytes: Buffer;
  /** Of this chunk in its direction, over all connections since the proxy opened, counted from 1. */
  readonly nth: number;
}

/** Keeps a chunk from being passed on, or lets it go. */
export type Verdict = 'pass' | 'drop';

/** A TCP proxy on this machine whose line can be cut, frozen and slowed down, and that tells of every chunk. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Resets every connection and refuses new ones until `resume`. */
  cut(): void;
  /** Resets every connection; new ones are welcome. */
  reset(): void;
  /** Half-open: connections stay and are taken, and nothing gets through until `resume`. */
  hold(): void;
  /** Every chunk comes so much later. */
  delay(ms: number): void;
  resume(): void;
  /** Asked about every chunk from now on; the last one given counts. Null: all pass. */
  watch(by: ((chunk: Passing) => Verdict) | null): void;
}

interface State {
  readonly target: () => { readonly port: number; readonly host?: string };
  readonly links: Set<Link>;
  readonly counts: Record<Direction, number>;
  mode: 'open' | 'cut' | 'held';
  delayMs: number;
  watcher: ((chunk: Passing) => Verdict) | null;
}

interface Link {
  readonly client: Socket;
  readonly server: Socket;
}

/** Opens a proxy to a port of this machine, which may change. */
export async function openProxy(target: State['target'], listenOn = 0): Promise<TcpProxy> {
  const state: State = {
    target,
    links: new Set(),
    counts: { up: 0, down: 0 },
    mode: 'open',
    delayMs: 0,
    watcher: null,
  };
  const server = createServer({ pauseOnConnect: true }, (client) => take(state, client));
  server.listen(listenOn, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const reset = () => {
    for (const { client, server: behind } of state.links) {
      client.resetAndDestroy();
      behind.resetAndDestroy();
    }
  };
  const become = (mode: State['mode']) => {
    state.mode = mode;
    for (const { client, server: behind } of state.links)
      for (const socket of [client, behind]) mode === 'held' ? socket.pause() : socket.resume();
  };
  return {
    port: address.port,
    reset,
    cut: () => {
      become('cut');
      reset();
    },
    hold: () => become('held'),
    delay: (ms) => {
      state.delayMs = ms;
    },
    resume: () => {
      state.delayMs = 0;
      become('open');
    },
    watch: (by) => {
      state.watcher = by;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}

function take(state: State, client: Socket): void {
  if (state.mode === 'cut') return void client.resetAndDestroy();
  const link: Link = { client, server: connect({ host: '127.0.0.1', ...state.target() }) };
  state.links.add(link);
  forward(state, 'up', { from: client, to: link.server });
  forward(state, 'down', { from: link.server, to: client });
  const part = (one: Socket, other: Socket) => {
    one.setNoDelay(true);
    // A reset is told by `close`, too; without a listener it would end the process.
    one.on('error', () => {});
    one.once('close', () => {
      state.links.delete(link);
      other.destroy();
    });
  };
  part(client, link.server);
  part(link.server, client);
  if (state.mode === 'held') link.server.pause();
  else client.resume();
}

function forward(state: State, direction: Direction, { from, to }: { from: Socket; to: Socket }): void {
  from.on('data', (bytes: Buffer) => {
    state.counts[direction] += 1;
    const nth = state.counts[direction];
    if (state.watcher?.({ direction, bytes, nth }) === 'drop') return;
    if (state.delayMs === 0) return void to.write(bytes);
    setTimeout(() => to.write(bytes), state.delayMs).unref();
  });
  from.on('end', () => to.end());
}
