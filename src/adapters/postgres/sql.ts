import type { z } from 'zod';
import { safeMessageOf, TransientError } from '../../domain/errors.ts';

export type SqlValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

/** What PGlite and node-postgres have in common; the code above this line does not know which one it talks to. */
export interface Driver {
  query(
    text: string,
    params: readonly SqlValue[],
  ): Promise<{ readonly rows: readonly unknown[]; readonly affected: number }>;
  /** As `query`, for statements that find their few rows by keys: those under way together may wait for one another. */
  brief?(...statement: Parameters<Driver['query']>): ReturnType<Driver['query']>;
  /** Runs several statements as one (implicit) transaction: all or nothing. */
  script(text: string): Promise<void>;
  close(): Promise<void>;
}

/** Runs SQL and parses each row; throws `TransientError` when the database refuses or cannot be reached. */
export class Sql {
  readonly #driver: Driver;
  #brief: Sql | null = null;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  /** The same database, for statements that find their few rows by keys, as deciding a ticket does a dozen times. */
  get brief(): Sql {
    const { brief } = this.#driver;
    this.#brief ??= brief ? new Sql({ ...this.#driver, query: brief }) : this;
    return this.#brief;
  }

  async rows<Row extends z.ZodType>(
    row: Row,
    text: string,
    params: readonly SqlValue[] = [],
  ): Promise<z.output<Row>[]> {
    const result = await this.#run(text, params);
    return result.rows.map((raw) => row.parse(raw));
  }

  /** How many rows the statement touched. */
  async execute(text: string, params: readonly SqlValue[] = []): Promise<number> {
    return (await this.#run(text, params)).affected;
  }

  async script(text: string): Promise<void> {
    await this.#driver.script(text);
  }

  async #run(text: string, params: readonly SqlValue[]) {
    try {
      return await this.#driver.query(text, params.map(storable));
    } catch (cause) {
      // Without `cause`: PGlite's error carries the parameters, that is, ticket text.
      throw new TransientError(`database: ${safeMessageOf(cause)}`);
    }
  }
}

/** PostgreSQL's text cannot hold NUL; everything else passes as it is. */
function storable(value: SqlValue): SqlValue {
  if (typeof value === 'string') return value.includes('\0') ? value.replaceAll('\0', '') : value;
  if (value === null || typeof value !== 'object') return value;
  return value.some((item) => typeof item === 'string' && item.includes('\0')) ? value.map(storableItem) : value;
}

function storableItem<Item extends string | number | boolean | null>(item: Item): Item | string {
  return typeof item === 'string' ? item.replaceAll('\0', '') : item;
}

/** As `jsonb` takes it: it refuses NUL and half surrogate pairs, which tickets, names and models may well hold. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return REFUSED.test(json) ? JSON.stringify(value, withoutRefused) : json;
}

/** `JSON.stringify` escapes both, and whole pairs never; a backslash of the text may make it look so, too. */
const REFUSED = /\\u(?:0000|d[89a-f])/;

function withoutRefused(_: string, item: unknown): unknown {
  return typeof item === 'string' ? item.replaceAll('\0', '').toWellFormed() : item;
}
