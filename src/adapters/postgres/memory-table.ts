import { z } from 'zod';
import type { PastTicket } from '../../domain/issue.ts';
import type { Neighbour } from '../../domain/ports.ts';
import type { Found } from '../sparse/hits.ts';
import { documentVector, encodeVector } from '../sparse/vector.ts';
import type { Sql } from './sql.ts';

const Values = z.record(z.string(), z.object({ value: z.string(), by: z.enum(['human', 'machine']) }));

const Columns = z.object({
  id: z.string(),
  key: z.string(),
  project: z.string(),
  summary: z.string(),
  created_at: z.date(),
  security_level: z.string().nullable(),
  resolution: z.string().nullable(),
  context: z.record(z.string(), z.string()),
  values: Values,
});

const TicketRow = Columns.transform(toTicket);

const WholeTicketRow = Columns.extend({
  body: z.string(),
  embedding_model: z.string().nullable(),
  embedding: z.array(z.number()).nullable(),
}).transform(({ body, embedding_model, embedding, ...row }) => ({
  ...toTicket(row),
  text: body,
  embedding: embedding_model !== null && embedding ? { model: embedding_model, vector: embedding } : null,
}));

function toTicket({ created_at, security_level, ...row }: z.infer<typeof Columns>) {
  return { ...row, created: created_at.toISOString(), securityLevel: security_level };
}

/** Tickets with their text per page: a page takes a few milliseconds of an embedded database's thread. */
const TICKETS_PAGE = 200;

/** Inserts or replaces by id. */
export async function storeTickets(sql: Sql, tickets: readonly PastTicket[]): Promise<void> {
  await sql.execute(
    `insert into triage.memory (id, key, project, summary, body, created_at, security_level, resolution, context, "values", sparse, embedding_model, embedding)
     select id, key, project, summary, body, created_at::timestamptz, security_level, resolution, context::jsonb, vals::jsonb, decode(sparse, 'base64'), model, embedding::real[]
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
            as t (id, key, project, summary, body, created_at, security_level, resolution, context, vals, sparse, model, embedding)
     on conflict (id) do update set key = excluded.key, project = excluded.project, summary = excluded.summary, body = excluded.body,
       created_at = excluded.created_at, security_level = excluded.security_level, resolution = excluded.resolution, context = excluded.context, "values" = excluded."values", sparse = excluded.sparse,
       embedding_model = excluded.embedding_model, embedding = excluded.embedding, is_forgotten = false, changed_by = pg_current_xact_id()`,
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
      tickets.map((ticket) => storableJson(ticket.values)),
      tickets.map((ticket) =>
        Buffer.from(encodeVector(documentVector(`${ticket.summary}\n${ticket.text}`))).toString('base64'),
      ),
      tickets.map((ticket) => ticket.embedding?.model ?? null),
      tickets.map((ticket) => (ticket.embedding ? `{${ticket.embedding.vector.join(',')}}` : null)),
    ],
  );
}

/** `jsonb` refuses NUL and half surrogate pairs, which names in Jira may hold. */
function storableJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? item.replaceAll('\0', '').toWellFormed() : item,
  );
}

/** The tickets behind some hits, in the same order; what was forgotten meanwhile is left out. */
export async function readHits(sql: Sql, hits: readonly Found[]): Promise<readonly Neighbour[]> {
  const rows = await sql.rows(
    TicketRow,
    `select id, key, project, summary, created_at, security_level, resolution, context, "values" from triage.memory where id = any($1::text[]) and not is_forgotten`,
    [hits.map((hit) => hit.id)],
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return hits.flatMap(({ id, score, likeness }) => {
    const ticket = byId.get(id);
    return ticket ? [{ ticket, similarity: score, likeness }] : [];
  });
}

/** Every ticket with its text, oldest first. */
export async function* readTickets(sql: Sql): AsyncGenerator<readonly PastTicket[]> {
  for (let last: PastTicket | undefined; ; ) {
    const rows = await sql.rows(
      WholeTicketRow,
      `select id, key, project, summary, body, created_at, security_level, resolution, context, "values", embedding_model, embedding from triage.memory
        where not is_forgotten and (created_at, id) > ($1::timestamptz, $2) order by created_at, id limit ${TICKETS_PAGE}`,
      [last?.created ?? '-infinity', last?.id ?? ''],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < TICKETS_PAGE) return;
    last = rows.at(-1);
  }
}
