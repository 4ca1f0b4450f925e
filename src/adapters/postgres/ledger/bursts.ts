import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { grouped } from '../../../batching/grouped.ts';
import { TransientError } from '../../../domain/errors.ts';
import type { BurstLedger } from '../../../domain/ports/ledger.ts';
import type { Arrival, ArrivalQuery, Burst, JoinedBurst, KnownArrival } from '../../../domain/ticket/burst.ts';
import { decodeVector, encodeVector } from '../../sparse/vector.ts';
import type { Sql } from '../sql.ts';

const ArrivalRow = z
  .object({
    issue_id: z.string(),
    issue_key: z.string(),
    project: z.string(),
    at: z.date(),
    sketch: z.string(),
    burst_id: z.string().nullable(),
  })
  .transform((row) => ({
    issueId: row.issue_id,
    issueKey: row.issue_key,
    project: row.project,
    at: row.at.toISOString(),
    sketch: decodeVector(Buffer.from(row.sketch, 'base64')),
    burstId: row.burst_id,
  }));

const ChangedRow = ArrivalRow.and(z.object({ horizon: z.string() }));

const BurstRow = z
  .object({
    id: z.string(),
    project: z.string(),
    opened_at: z.date(),
    last_at: z.date(),
    members: z.array(z.string()),
  })
  .transform(({ opened_at, last_at, ...row }) => ({
    ...row,
    openedAt: opened_at.toISOString(),
    lastAt: last_at.toISOString(),
  }));

const JoinedRow = z
  .object({ id: z.string(), members: z.number(), is_new: z.boolean() })
  .transform(({ is_new, ...row }) => ({ ...row, isNew: is_new }));

/** The part of the ledger that deals with bursts. */
export function postgresBursts(sql: Sql): BurstLedger {
  const recent = new RecentArrivals(sql);
  return {
    recordArrival: (arrival) => recordArrival(sql, arrival),
    arrivals: (query) => recent.find(query),
    joinBurst: async ({ project, issueIds }): Promise<JoinedBurst> => {
      const [joined] = await sql.rows(JoinedRow, 'select * from triage.join_burst($1, $2, $3::text[])', [
        randomUUID(),
        project,
        issueIds,
      ]);
      if (!joined) throw new TransientError('a burst was not joined');
      return joined;
    },
    bursts: (limit): Promise<readonly Burst[]> =>
      sql.rows(
        BurstRow,
        `select b.*, array(select issue_key from triage.arrivals where burst_id = b.id order by at, issue_id) as members
           from triage.bursts b order by b.opened_at desc, b.id limit $1`,
        [limit],
      ),
  };
}

async function recordArrival(sql: Sql, { issueId, issueKey, project, at, sketch }: Arrival): Promise<void> {
  await sql.brief.execute(
    `insert into triage.arrivals as known (issue_id, issue_key, project, at, sketch)
     values ($1, $2, $3, $4::timestamptz, decode($5, 'base64'))
     on conflict (issue_id) do update
        set issue_key = excluded.issue_key, project = excluded.project, at = excluded.at, sketch = excluded.sketch,
            burst_id = case when known.project = excluded.project then known.burst_id end, changed_by = pg_current_xact_id()`,
    [issueId, issueKey, project, at, Buffer.from(encodeVector(sketch)).toString('base64')],
  );
}

const START = '0';

/** As many as are kept at hand, newest first, over all projects. */
const KEPT = 2_000;
/** So long an answer about ordinary traffic serves all who ask the same; so many are kept. */
const MOMENT_MS = 60_000;
const MOST_ANSWERS = 20;

/**
 * The newest arrivals, at hand: reading hundreds of sketches for each ticket of a flood would cost more than deciding.
 * Before each answer (but that about ordinary traffic, where a moment does not matter) it asks for rows changed by
 * transactions at or after the oldest one that was still open at the last look, so it knows what any replica has
 * committed.
 */
class RecentArrivals {
  readonly #sql: Sql;
  readonly #kept = new Map<string, KnownArrival>();
  /** The same, newest first. */
  readonly #byAge: KnownArrival[] = [];
  #horizon = START;
  /** Up to this time the table may hold more. */
  #wholeFrom = '';
  /** What it holds of ordinary traffic, by question. */
  readonly #answers = new Map<
    string,
    { readonly askedAt: number; readonly answer: Promise<readonly KnownArrival[]> }
  >();

  /** One look for all who ask at the same moment; it begins after they asked. */
  readonly #refreshed = grouped({ maxSize: 1_000, maxRunning: 1 }, async (asking: readonly null[]) => {
    await this.#refresh();
    return asking;
  });

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async find(query: ArrivalQuery): Promise<readonly KnownArrival[]> {
    if (!query.isOrdinary || this.#horizon === START) await this.#refreshed(null);
    const { project, from, until, isOrdinary, limit } = query;
    const found: KnownArrival[] = [];
    for (let place = this.#placeOf({ at: until, issueId: '' }); place < this.#byAge.length; place++) {
      const one = this.#byAge[place];
      if (!one || one.at < from || found.length === limit) break;
      if (one.project === project && (!isOrdinary || one.burstId === null)) found.push(one);
    }
    if (from >= this.#wholeFrom || found.length === limit) return found;
    return isOrdinary ? this.#further(query) : readArrivals(this.#sql, query);
  }

  /** Asks the table once a minute, for every ticket of a flood has the same question. */
  #further(query: ArrivalQuery): Promise<readonly KnownArrival[]> {
    const question = JSON.stringify(query);
    const known = this.#answers.get(question);
    if (known && performance.now() - known.askedAt < MOMENT_MS) return known.answer;
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    const answer = readArrivals(this.#sql, query);
    this.#answers.set(question, { askedAt: performance.now(), answer });
    answer.catch(() => {
      if (this.#answers.get(question)?.answer === answer) this.#answers.delete(question);
    });
    return answer;
  }

  async #refresh(): Promise<void> {
    const rows = await this.#sql.brief.rows(
      ChangedRow,
      `select issue_id, issue_key, project, at, encode(sketch, 'base64') as sketch, burst_id,
              pg_snapshot_xmin(pg_current_snapshot())::text as horizon
         from triage.arrivals where changed_by >= $1::text::xid8 order by at desc, issue_id limit ${KEPT}`,
      [this.#horizon],
    );
    // The oldest first, so that each is put near the beginning.
    for (const { horizon, ...arrival } of rows.reverse()) {
      this.#keep(arrival);
      this.#horizon = horizon;
    }
    if (rows.length === KEPT || this.#kept.size > 2 * KEPT) this.#forgetOldest();
  }

  #keep(arrival: KnownArrival): void {
    const known = this.#kept.get(arrival.issueId);
    if (known) this.#byAge.splice(this.#placeOf(known), 1);
    this.#kept.set(arrival.issueId, arrival);
    this.#byAge.splice(this.#placeOf(arrival), 0, arrival);
  }

  #forgetOldest(): void {
    for (const { issueId } of this.#byAge.splice(KEPT)) this.#kept.delete(issueId);
    this.#wholeFrom = this.#byAge[KEPT - 1]?.at ?? '';
  }

  /** Where it is, or would be. */
  #placeOf(wanted: Age): number {
    let [low, high] = [0, this.#byAge.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const one = this.#byAge[middle];
      if (one && byAge(one, wanted) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Age = Pick<KnownArrival, 'at' | 'issueId'>;

function byAge(one: Age, other: Age): number {
  if (one.at !== other.at) return one.at > other.at ? -1 : 1;
  if (one.issueId === other.issueId) return 0;
  return one.issueId < other.issueId ? -1 : 1;
}

function readArrivals(
  sql: Sql,
  { project, from, until, isOrdinary, limit }: ArrivalQuery,
): Promise<readonly KnownArrival[]> {
  return sql.rows(
    ArrivalRow,
    // Base64: PGlite reads bytes three times as slowly.
    `select issue_id, issue_key, project, at, encode(sketch, 'base64') as sketch, burst_id from triage.arrivals
      where project = $1 and at between $2::timestamptz and $3::timestamptz ${isOrdinary ? 'and burst_id is null' : ''}
      order by at desc, issue_id limit $4`,
    [project, from, until, limit],
  );
}

/** Deletes bursts whose last ticket is older than this, and arrivals that are in no burst any more. */
export async function trimBursts(sql: Sql, olderThanDays: number): Promise<number> {
  const old = `now() - $1::double precision * interval '1 day'`;
  const bursts = await sql.execute(`delete from triage.bursts where last_at < ${old}`, [olderThanDays]);
  const arrivals = await sql.execute(
    `delete from triage.arrivals where at < ${old} and not exists (select 1 from triage.bursts where id = burst_id)`,
    [olderThanDays],
  );
  return bursts + arrivals;
}
