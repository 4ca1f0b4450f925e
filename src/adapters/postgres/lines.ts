import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { messageOf } from '../../domain/errors.ts';
import type { Driver } from './sql.ts';

/** So many statements wait on one line before the next one is taken. */
const DEEP = 16;
/** A line that has answered nothing for so long while statements wait is busy with a slow one. */
const SLOW_MS = 50;
const MANY = 1_000;

/**
 * Connections on which statements are sent without waiting for the answers to those before: what tickets ask at the same
 * moment shares packets and one process of the server, and each statement is planned once per connection. For
 * statements that take a millisecond, since those behind a slow one wait for it. A line that breaks is opened anew by
 * the next statement; those under way on it fail.
 */
export class Lines implements Pick<Driver, 'query' | 'close'> {
  /** None once all is closed. */
  #lines: readonly Line[];

  constructor(config: pg.ClientConfig, { count, onError }: { count: number; onError: (error: Error) => void }) {
    this.#lines = Array.from({ length: count }, () => new Line(config, onError));
  }

  async query(...[text, params]: Parameters<Driver['query']>): ReturnType<Driver['query']> {
    if (this.#lines.length === 0) throw new Error('the connections are closed');
    const free = this.#lines.find((line) => line.load < DEEP);
    const line = free ?? this.#lines.reduce((least, other) => (other.load < least.load ? other : least));
    return line.query(text, params);
  }

  async close(): Promise<void> {
    const lines = this.#lines;
    this.#lines = [];
    await Promise.all(lines.map((line) => line.leave()));
  }
}

class Line {
  readonly #config: pg.ClientConfig;
  readonly #onError: (error: Error) => void;
  #client: Promise<pg.Client> | null = null;
  #underWay = 0;
  #heardAt = 0;

  constructor(config: pg.ClientConfig, onError: (error: Error) => void) {
    this.#config = config;
    this.#onError = onError;
  }

  /** How many statements one more would wait for; a slow one counts as many. */
  get load(): number {
    const isSlow = this.#underWay > 0 && performance.now() - this.#heardAt > SLOW_MS;
    return this.#underWay + (isSlow ? MANY : 0);
  }

  async query(...[text, params]: Parameters<Driver['query']>): ReturnType<Driver['query']> {
    if (this.#underWay++ === 0) this.#heardAt = performance.now();
    try {
      this.#client ??= this.#open();
      const client = await this.#client;
      leaveTogether(client.connection.stream);
      const result = await client.query<Record<string, unknown>>({ name: nameOf(text), text, values: [...params] });
      return { rows: result.rows, affected: result.rowCount ?? 0 };
    } catch (error) {
      if (isOutdated(error)) await this.leave();
      throw error;
    } finally {
      this.#underWay--;
      this.#heardAt = performance.now();
    }
  }

  /** Ends the connection; the next statement opens another one. */
  async leave(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    // One that never opened has told whoever waited for it, and needs no end.
    await (await client?.catch(() => null))?.end();
  }

  #open(): Promise<pg.Client> {
    const client = new pg.Client({ ...this.#config, pipeline: true });
    const opened = client.connect().then(() => client);
    const forget = () => {
      if (this.#client === opened) this.#client = null;
    };
    client.on('error', (error) => {
      forget();
      this.#onError(error);
    });
    client.on('end', forget);
    opened.catch(forget);
    return opened;
  }
}

/**
 * What is written to this stream from now until the end of this turn of the event loop goes in one system call. One for
 * each statement was a tenth of our processor time with tickets in flight.
 */
function leaveTogether(stream: Duplex): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

const names = new Map<string, string>();

/** What the server knows a statement by; its names end after 63 bytes. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known) return known;
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  names.set(text, name);
  return name;
}

/** A migration changed what a prepared statement returns, or the server forgot it: a new connection prepares it anew. */
function isOutdated(error: unknown): boolean {
  return /cached plan must not change|prepared statement .* does not exist/.test(messageOf(error));
}
