import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { Space } from '../../../domain/ticket/space.ts';
import { QuantisedIndex } from '../../dense/quantised-index.ts';
import { InvertedIndex } from '../../sparse/inverted-index.ts';
import { decodeVector } from '../../sparse/vector.ts';
import type { Sql } from '../sql.ts';
import { VectorBytes } from './vector-bytes.ts';
import { nameOf } from './vectors.ts';

const TicketRow = z.object({
  id: z.string(),
  changed_by: z.string(),
  project: z.string(),
  created_at: z.date(),
  security_level: z.string().nullable(),
  sparse: z.string(),
  is_forgotten: z.boolean(),
  is_correction: z.boolean(),
});

const VectorRow = z.object({ id: z.string(), changed_by: z.string(), embedding: VectorBytes });

/** Another process may have changed the tables; look again when the last look is older than this. */
const REFRESH_AFTER_MS = 1_000;
/** Rows per statement: with their way into the index, some 10 ms of the thread that serves. */
const PAGE = 250;

/** The vectors of the space that questions are compared in. */
interface Meanings {
  readonly space: string;
  readonly index: QuantisedIndex;
  horizon: string;
  isWhole: boolean;
}

interface Position {
  readonly changed_by: string;
  readonly id: string;
}

/**
 * What of past tickets is searched in this process: it is read when the first question comes, and follows the tables
 * from then on. It asks for rows changed by transactions at or after the oldest one that was still open at the last
 * look, so a row that another process commits late is never missed.
 */
export class Follower {
  readonly words = new InvertedIndex();
  /** Ids of tickets where people corrected us; most desks start with none. */
  readonly corrections = new Set<string>();
  readonly #sql: Sql;
  #meanings: Meanings | null = null;
  #horizon = '0';
  #refreshedAt = Number.NEGATIVE_INFINITY;
  #refreshing: Promise<void> | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** False in a process that was never asked anything: it need not know what it stores. */
  get isLoaded(): boolean {
    return this.#refreshedAt > Number.NEGATIVE_INFINITY || this.#refreshing !== null;
  }

  async refreshWhenOld(): Promise<void> {
    if (performance.now() - this.#refreshedAt > REFRESH_AFTER_MS) await this.refresh();
  }

  /** Callers at the same time share one look, but never one that began before their own change was stored. */
  async refresh(): Promise<void> {
    if (this.#refreshing) await this.#refreshing;
    this.#refreshing ??= this.#look().finally(() => {
      this.#refreshing = null;
    });
    await this.#refreshing;
  }

  /** The vectors of a space, read when it is asked for first; those of another one are let go. */
  async meaningsIn(space: Space): Promise<QuantisedIndex> {
    const name = nameOf(space);
    const meanings =
      this.#meanings?.space === name
        ? this.#meanings
        : { space: name, index: new QuantisedIndex(space.dimensions), horizon: '0', isWhole: false };
    this.#meanings = meanings;
    if (!meanings.isWhole) await this.refresh();
    return meanings.index;
  }

  /** Tickets first: a vector of one that comes after them is looked at again, for its transaction is later than theirs. */
  async #look(): Promise<void> {
    if (this.#horizon === '0') await mendTickets(this.#sql);
    const [now] = await this.#sql.rows(
      z.object({ horizon: z.string() }),
      'select pg_snapshot_xmin(pg_current_snapshot())::text as horizon',
    );
    const horizon = now?.horizon ?? this.#horizon;
    for await (const rows of pages((from) => this.#tickets(from), this.#horizon))
      for (const row of rows) this.#take(row);
    const meanings = this.#meanings;
    if (meanings) {
      if (meanings.horizon === '0') await mendVectors(this.#sql, meanings.space);
      const read = (from: Position) => vectorsOf(this.#sql, meanings.space, from);
      for await (const rows of pages(read, meanings.horizon)) this.#takeVectors(rows, meanings.index);
      Object.assign(meanings, { horizon, isWhole: true });
    }
    this.#horizon = horizon;
    this.#refreshedAt = performance.now();
  }

  #tickets({ changed_by, id }: Position) {
    return this.#sql.rows(
      TicketRow,
      `select id, changed_by::text as changed_by, project, created_at, security_level, encode(sparse, 'base64') as sparse, is_forgotten, is_correction
         from triage.memory m where (m.changed_by, id) > ($1::text::xid8, $2) order by m.changed_by, id limit ${PAGE}`,
      [changed_by, id],
    );
  }

  #take({ id, ...row }: z.infer<typeof TicketRow>): void {
    if (row.is_correction && !row.is_forgotten) this.corrections.add(id);
    else this.corrections.delete(id);
    if (row.is_forgotten) {
      const number = this.words.remove(id);
      if (number !== undefined) this.#meanings?.index.remove(number);
      return;
    }
    const meta = { project: row.project, createdMs: row.created_at.getTime(), securityLevel: row.security_level };
    this.words.put(id, decodeVector(Buffer.from(row.sparse, 'base64')), meta);
  }

  #takeVectors(rows: readonly z.infer<typeof VectorRow>[], index: QuantisedIndex): void {
    for (const { id, embedding } of rows) {
      const number = this.words.register.numberOf(id);
      if (number !== undefined) index.put(number, embedding);
    }
  }
}

/** Rows in the order of their last change; one that changes meanwhile comes again at the end. */
async function* pages<Row extends Position>(read: (from: Position) => Promise<readonly Row[]>, horizon: string) {
  for (let from: Position = { changed_by: horizon, id: '' }; ; ) {
    const rows = await read(from);
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    from = last;
    await breathe();
  }
}

function vectorsOf(sql: Sql, space: string, { changed_by, id }: Position) {
  return sql.rows(
    VectorRow,
    `select id, changed_by::text as changed_by, encode(embedding, 'base64') as embedding
       from triage.vectors v where space = $1 and (v.changed_by, id) > ($2::text::xid8, $3) order by v.changed_by, id limit ${PAGE}`,
    [space, changed_by, id],
  );
}

/** A database that was restored elsewhere counts its transactions anew, and its rows would look changed for ever. */
function mendTickets(sql: Sql): Promise<void> {
  return untilNone(() =>
    sql.execute(
      `update triage.memory set changed_by = pg_current_xact_id() where ctid = any (array(
         select ctid from triage.memory where changed_by > pg_current_xact_id() order by changed_by desc, id desc limit ${PAGE}))`,
    ),
  );
}

function mendVectors(sql: Sql, space: string): Promise<void> {
  return untilNone(() =>
    sql.execute(
      `update triage.vectors set changed_by = pg_current_xact_id() where ctid = any (array(
         select ctid from triage.vectors where space = $1 and changed_by > pg_current_xact_id()
          order by changed_by desc, id desc limit ${PAGE}))`,
      [space],
    ),
  );
}

async function untilNone(step: () => Promise<number>): Promise<void> {
  while ((await step()) > 0) await breathe();
}
