import { type messages, type PGlite, parse, protocol } from '@electric-sql/pglite';
import { messageOf } from '../../domain/errors.ts';

const { serialize } = protocol;

/** What the session knows a statement by, and what it takes and gives. */
interface Prepared {
  readonly name: string;
  /** OIDs, in the order of the parameters. */
  readonly parameterTypes: readonly number[];
  /** None where it gives no rows. */
  readonly columns: readonly messages.BackendMessage[];
}

export interface Answer<Row> {
  readonly rows: Row[];
  /** How many rows it wrote. */
  readonly affected: number;
}

/** Our own statements and BullMQ's are some two hundred; more are those whose text is made up each time. */
const KEPT = 500;

/**
 * Statements that PGlite parses and plans once per session. Its own `query` does so each time, and asks the database six
 * times where this asks once: measured, that is a quarter of what a ticket costs here. By PostgreSQL's extended query
 * protocol (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY).
 */
export class Statements {
  readonly #database: PGlite;
  /** By their text, those that were not used for the longest time first. */
  readonly #prepared = new Map<string, Prepared>();
  #count = 0;

  constructor(database: PGlite) {
    this.#database = database;
  }

  /**
   * Runs one statement alone, which finds its rows by keys or else `scans`. Without that no plan reads a whole table where
   * there is an index; with it each run has a plan of its own, for one from when a table was nearly empty would go on reading
   * all of it: 10,000 deliveries for each issue of a sweep. Throws what the database says of it, without the parameters.
   */
  query<Row>(text: string, params: readonly unknown[], { scans = false } = {}): Promise<Answer<Row>> {
    return this.#database.runExclusive(async () => {
      if (!scans) return this.#runReplanned<Row>(text, params);
      await this.#send(serialize.query('set enable_seqscan = on; set plan_cache_mode = force_custom_plan'));
      try {
        return await this.#runReplanned<Row>(text, params);
      } finally {
        await this.#send(serialize.query('set enable_seqscan = off; set plan_cache_mode = auto'));
      }
    });
  }

  /** Plans it anew when a migration changed what it returns; this is said before anything has run. */
  async #runReplanned<Row>(text: string, params: readonly unknown[]): Promise<Answer<Row>> {
    try {
      return await this.#run<Row>(text, params);
    } catch (error) {
      if (!messageOf(error).includes('cached plan must not change')) throw error;
      await this.#forget(text);
      return this.#run<Row>(text, params);
    }
  }

  async #run<Row>(text: string, params: readonly unknown[]): Promise<Answer<Row>> {
    const { name, parameterTypes, columns } = await this.#preparedFor(text);
    const values = params.map((value, index) => this.#written(value, parameterTypes[index]));
    const told = await this.#send(serialize.bind({ statement: name, values }), serialize.execute({}));
    const [result] = parse.parseResults([...columns, ...told], this.#database.parsers);
    return { rows: (result?.rows ?? []) as Row[], affected: result?.affectedRows ?? 0 };
  }

  async #preparedFor(text: string): Promise<Prepared> {
    const prepared = this.#prepared.get(text) ?? (await this.#prepare(text));
    this.#prepared.delete(text);
    this.#prepared.set(text, prepared);
    const [oldest] = this.#prepared.keys();
    if (this.#prepared.size > KEPT && oldest !== undefined) await this.#forget(oldest);
    return prepared;
  }

  async #prepare(text: string): Promise<Prepared> {
    const name = `s${this.#count++}`;
    const told = await this.#send(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }));
    const columns = told.filter((message) => message.name === 'rowDescription');
    return { name, parameterTypes: parse.parseDescribeStatementResults(told), columns };
  }

  async #forget(text: string): Promise<void> {
    const prepared = this.#prepared.get(text);
    this.#prepared.delete(text);
    if (prepared) await this.#send(serialize.close({ type: 'S', name: prepared.name }));
  }

  #written(value: unknown, type = 0): string | null {
    if (value === null || value === undefined) return null;
    return this.#database.serializers[type]?.(value) ?? String(value);
  }

  /** All at once, which makes them one transaction. */
  #send(...parts: readonly Uint8Array[]): Promise<messages.BackendMessage[]> {
    if (!this.#database.ready) throw new Error('the database is closed');
    return this.#database.execProtocolStream(Buffer.concat([...parts, serialize.sync()]));
  }
}
