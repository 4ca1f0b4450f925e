import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { Correction, CorrectionQuery, Excerpt, Neighbour, Whereat } from '../../../domain/ports/memory.ts';
import type { PastTicket, TrueValue } from '../../../domain/ticket/issue.ts';
import type { Found } from '../../sparse/hits.ts';
import { documentVector, encodeVector } from '../../sparse/vector.ts';
import { type Sql, storableJson } from '../sql.ts';
import { VectorBytes } from './vector-bytes.ts';

/** What `json` columns hold, checked in place: `z.record` copied each of twenty tickets, for every new one. */
const jsonOf = <Item>(isItem: (item: unknown) => boolean) =>
  z.custom<Readonly<Record<string, Item>>>((all) => isObject(all) && Object.values(all).every(isItem));
const Texts = jsonOf<string>(isText);
const Values = jsonOf<TrueValue>(
  (item) =>
    isObject(item) &&
    isText(item['value']) &&
    (item['by'] === 'human' || item['by'] === 'machine') &&
    (item['insteadOf'] === undefined || isText(item['insteadOf'])),
);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

const Columns = z.object({
  id: z.string(),
  key: z.string(),
  project: z.string(),
  summary: z.string(),
  created_at: z.date(),
  security_level: z.string().nullable(),
  resolution: z.string().nullable(),
  context: Texts,
  values: Values,
  is_treated: z.boolean(),
});

const TicketRow = Columns.transform(toTicket);

const WhereatRow = Columns.pick({ id: true, project: true, security_level: true }).transform(
  ({ security_level, ...row }) => ({ ...row, securityLevel: security_level }),
);

const ExcerptRow = z.object({ id: z.string(), text: z.string(), people: z.array(z.string()) });

const WordsRow = Columns.extend({ text: z.string(), people: z.array(z.string()) }).transform(toTicket);

const WholeTicketRow = Columns.extend({
  text: z.string(),
  people: z.array(z.string()),
  model: z.string().nullable(),
  embedding: VectorBytes.nullable(),
}).transform(({ model, embedding, ...row }) => ({
  ...toTicket(row),
  embedding: model !== null && embedding ? { model, vector: Array.from(embedding) } : null,
}));

function toTicket<Row extends z.infer<typeof Columns>>({ created_at, security_level, is_treated, ...row }: Row) {
  const treated = is_treated ? { isTreated: true } : {};
  return { ...row, created: created_at.toISOString(), securityLevel: security_level, ...treated };
}

/** Tickets with their text per page: a page takes a few milliseconds of an embedded database's thread. */
const TICKETS_PAGE = 200;

/** Inserts or replaces by id, in that order, so that replicas do not wait for each other in a circle. Tells which version of its words each ticket has now. */
export async function storeTickets(sql: Sql, tickets: readonly PastTicket[]): Promise<ReadonlyMap<string, string>> {
  const rows = await sql.rows(
    z.object({ id: z.string(), version: z.string() }),
    `insert into triage.memory (id, key, project, summary, body, version, created_at, security_level, resolution, context, people, "values", sparse, is_treated)
     select id, key, project, summary, body, triage.version_of(summary, body), created_at::timestamptz, security_level, resolution, context::jsonb, people::jsonb, vals::jsonb, decode(sparse, 'base64'), is_treated
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[])
            as t (id, key, project, summary, body, created_at, security_level, resolution, context, people, vals, sparse, is_treated)
      order by id
     on conflict (id) do update set key = excluded.key, project = excluded.project, summary = excluded.summary, body = excluded.body, version = excluded.version,
       created_at = excluded.created_at, security_level = excluded.security_level, resolution = excluded.resolution, context = excluded.context, people = excluded.people,
       "values" = excluded."values", sparse = excluded.sparse, is_treated = excluded.is_treated, is_forgotten = false, changed_by = pg_current_xact_id()
     returning id, version`,
    [
      tickets.map((ticket) => ticket.id),
      tickets.map((ticket) => ticket.key),
      tickets.map((ticket) => ticket.project),
      tickets.map((ticket) => ticket.summary),
      tickets.map((ticket) => ticket.text),
      tickets.map((ticket) => ticket.created),
      tickets.map((ticket) => ticket.securityLevel),
      tickets.map((ticket) => ticket.resolution),
      tickets.map((ticket) => storableJson(ticket.context)),
      tickets.map((ticket) => storableJson(ticket.people)),
      tickets.map((ticket) => storableJson(ticket.values)),
      tickets.map((ticket) =>
        Buffer.from(encodeVector(documentVector(`${ticket.summary}\n${ticket.text}`))).toString('base64'),
      ),
      tickets.map((ticket) => ticket.isTreated ?? false),
    ],
  );
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** The tickets behind the hits of each search, in the same order; what was forgotten meanwhile is left out. */
export async function readHits(
  sql: Sql,
  searches: readonly (readonly Found[])[],
): Promise<readonly (readonly Neighbour[])[]> {
  const rows = await sql.brief.rows(
    TicketRow,
    `select id, key, project, summary, created_at, security_level, resolution, context, "values", is_treated from triage.memory where id = any($1::text[]) and not is_forgotten`,
    [[...new Set(searches.flatMap((hits) => hits.map(({ id }) => id)))]],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  const neighbour = ({ id, score, likeness }: Found) => {
    const ticket = byId.get(id);
    return ticket ? [{ ticket, similarity: score, likeness }] : [];
  };
  return searches.map((hits) => hits.flatMap(neighbour));
}

/** Pages of the table that are counted per statement: some 20 ms of an embedded database's thread. */
const COUNTED = 4_000;

/** How many tickets are remembered. */
export async function countTickets(sql: Sql): Promise<number> {
  let size = 0;
  for (let page = 0, pages = 1; page < pages; page += COUNTED) {
    const [row] = await sql.rows(
      z.object({ size: z.number(), pages: z.number() }),
      `select (select count(*)::int from triage.memory where ctid >= $1::tid and ctid < $2::tid and not is_forgotten) as size,
              (pg_relation_size('triage.memory') / current_setting('block_size')::int)::int as pages`,
      [`(${page},0)`, `(${page + COUNTED},0)`],
    );
    size += row?.size ?? 0;
    pages = row?.pages ?? 0;
    await breathe();
  }
  return size;
}

/** Ids of tickets and where they are, in the order of the primary key. */
export function readIds(sql: Sql, after: string, limit: number): Promise<readonly Whereat[]> {
  return sql.rows(
    WhereatRow,
    'select id, project, security_level from triage.memory where id > $1 and not is_forgotten order by id limit $2',
    [after, limit],
  );
}

/** What the tickets asked for say, in the same order, without those that are not known. */
export async function readExcerpts(sql: Sql, ids: readonly string[]): Promise<readonly Excerpt[]> {
  const rows = await sql.rows(
    ExcerptRow,
    'select id, body as text, people from triage.memory where id = any($1::text[]) and not is_forgotten',
    [ids],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

/** The newest tickets where a person replaced a value of ours for one of these targets. */
export function readCorrections(
  sql: Sql,
  { targets, projects, before, limit }: CorrectionQuery,
): Promise<readonly Correction[]> {
  return sql.rows(
    WordsRow,
    `select id, key, project, summary, body as text, created_at, security_level, resolution, context, people, "values", is_treated from triage.memory
      where is_correction and not is_forgotten and security_level is null and project = any($1::text[]) and created_at < $2::timestamptz
        and exists (select 1 from unnest($3::text[]) as target where "values" -> target ? 'insteadOf')
      order by created_at desc, id desc limit $4`,
    [projects, before, targets, limit],
  );
}

/** Every ticket with its text and its vector in the live space, oldest first. */
export async function* readTickets(sql: Sql): AsyncGenerator<readonly PastTicket[]> {
  for (let last: PastTicket | undefined; ; ) {
    const rows = await sql.rows(
      WholeTicketRow,
      `select m.id, key, project, summary, body as text, m.created_at, security_level, resolution, context, people, "values", is_treated, model, encode(embedding, 'base64') as embedding
         from triage.memory m
         left join triage.spaces s on s.state = 'live'
         left join triage.vectors v on v.id = m.id and v.space = s.name and v.version = m.version
        where not is_forgotten and (m.created_at, m.id) > ($1::timestamptz, $2) order by m.created_at, m.id limit ${TICKETS_PAGE}`,
      [last?.created ?? '-infinity', last?.id ?? ''],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < TICKETS_PAGE) return;
    last = rows.at(-1);
  }
}
