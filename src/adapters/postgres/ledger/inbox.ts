import { createHash } from 'node:crypto';
import { z } from 'zod';
import { grouped } from '../../../batching/grouped.ts';
import type { Delivery, DeliveryEnd, OpenDelivery, Receipt } from '../../../domain/decision/delivery.ts';
import type { Ledger } from '../../../domain/ports/ledger.ts';
import type { Sql } from '../sql.ts';
import { NEWEST_FIRST } from './decisions.ts';

const IdRow = z.object({ id: z.string() });
const CountRow = z.object({ state: z.string(), count: z.number() });
const AttemptRow = z.object({ attempt: z.number() });
const Found = z.object({
  position: z.coerce.number(),
  id: z.string(),
  state: z.string(),
  attempt: z.number(),
});

/** The part of the ledger that deals with deliveries. */
export function postgresInbox(sql: Sql): Pick<Ledger, 'receive' | 'settle' | 'openDeliveries' | 'deliveryCounts'> {
  const settled = grouped(TOGETHER, (ends: readonly Settled[]) => settle(sql, ends));
  return {
    receive: (deliveries) => (deliveries.length === 0 ? Promise.resolve([]) : receive(sql, deliveries)),
    settle: async (id, attempt, end) => {
      await settled({ id, attempt, state: end.state, reason: 'reason' in end ? end.reason : null });
    },
    openDeliveries: (olderThanMs, limit, graceMs = 0) => openDeliveries(sql, [olderThanMs, limit, graceMs]),
    deliveryCounts: async () => {
      const rows = await sql.rows(
        CountRow,
        'select state, count(*)::int as count from triage.deliveries group by state',
      );
      return Object.fromEntries(rows.map((row) => [row.state, row.count]));
    },
  };
}

/** What ends while the last ones are on their way goes together. */
const TOGETHER = { maxSize: 64, maxRunning: 2 };

interface Settled {
  readonly id: string;
  readonly attempt: number;
  readonly state: DeliveryEnd['state'];
  readonly reason: string | null;
}

async function settle(sql: Sql, ends: readonly Settled[]): Promise<readonly Settled[]> {
  await sql.brief.execute(
    `update triage.deliveries d set state = t.state, reason = t.reason, settled_at = now()
       from (select distinct on (id, attempt) *
               from unnest($1::text[], $2::int[], $3::text[], $4::text[]) with ordinality as e (id, attempt, state, reason, n)
              order by id, attempt, n) t
      where d.id = t.id and d.attempt = t.attempt and d.state = 'accepted'`,
    [
      ends.map(({ id }) => id),
      ends.map(({ attempt }) => attempt),
      ends.map(({ state }) => state),
      ends.map(({ reason }) => reason),
    ],
  );
  return ends;
}

/** One statement for all that is new, a second only when something was seen before. */
async function receive(sql: Sql, deliveries: readonly Delivery[]): Promise<readonly Receipt[]> {
  const ids = deliveries.map(idOf);
  const inserted = new Set((await insert(sql, deliveries, ids)).map((row) => row.id));
  const known = inserted.size === deliveries.length ? [] : await find(sql, deliveries);
  const byPosition = new Map(known.map((row) => [row.position, row]));
  const receipts: Receipt[] = [];
  for (const [index, delivery] of deliveries.entries()) {
    const id = ids[index] ?? '';
    const row = byPosition.get(index + 1);
    if (inserted.delete(id)) receipts.push({ id, status: delivery.plan.kind === 'do' ? 'new' : 'ignored', attempt: 1 });
    else if (row) receipts.push(await receiveAgain(sql, row));
    else throw new Error('a delivery was neither stored nor found; was the ledger trimmed this very moment?');
  }
  return receipts;
}

/** Named by site and signed content, so that the primary key is the first of the two uniqueness rules. */
function idOf({ site, contentHash }: Delivery): string {
  return createHash('sha256').update(`${site}\n${contentHash}`).digest('hex').slice(0, 32);
}

async function insert(sql: Sql, deliveries: readonly Delivery[], ids: readonly string[]) {
  const column = <T>(pick: (delivery: Delivery) => T): T[] => deliveries.map(pick);
  return sql.brief.rows(
    IdRow,
    `insert into triage.deliveries
       (id, site, identifier, door, event, issue_id, issue_key, intent, is_forced, overrides_humans, state, reason, settled_at)
     select id, site, identifier, door, event, issue_id, issue_key, intent, is_forced, overrides_humans, state, reason,
            case when state = 'accepted' then null else now() end
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                   $9::boolean[], $10::boolean[], $11::text[], $12::text[])
            as t (id, site, identifier, door, event, issue_id, issue_key, intent, is_forced, overrides_humans, state, reason)
      order by id -- the same order everywhere, or overlapping batches of two replicas deadlock
     on conflict do nothing
     returning id`,
    [
      ids,
      column((delivery) => delivery.site),
      column((delivery) => delivery.identifier),
      column((delivery) => delivery.door),
      column((delivery) => delivery.event),
      column((delivery) => delivery.issueId),
      column((delivery) => delivery.issueKey),
      column(({ plan }) => (plan.kind === 'do' ? plan.intent : null)),
      column(({ plan }) => plan.kind === 'do' && plan.isForced),
      column(({ plan }) => plan.kind === 'do' && (plan.overridesHumans ?? false)),
      column(({ plan }) => (plan.kind === 'do' ? 'accepted' : 'ignored')),
      column(({ plan }) => (plan.kind === 'do' ? null : plan.reason)),
    ],
  );
}

function find(sql: Sql, deliveries: readonly Delivery[]) {
  return sql.rows(
    Found,
    `select distinct on (n) n::int as position, d.id, d.state, d.attempt
       from unnest($1::text[], $2::text[], $3::text[]) with ordinality as t (id, site, identifier, n)
       join triage.deliveries d on d.id = t.id or (d.site = t.site and d.identifier = t.identifier)
      order by n, d.received_at`,
    [deliveries.map(idOf), deliveries.map(({ site }) => site), deliveries.map(({ identifier }) => identifier)],
  );
}

async function receiveAgain(sql: Sql, row: z.infer<typeof Found>): Promise<Receipt> {
  if (row.state === 'ignored') return { id: row.id, status: 'ignored', attempt: row.attempt };
  if (row.state === 'accepted') return { id: row.id, status: 'again', attempt: row.attempt };
  if (row.state !== 'failed') return { id: row.id, status: 'done', attempt: row.attempt };
  const [reopened] = await sql.rows(
    AttemptRow,
    `update triage.deliveries set state = 'accepted', reason = null, settled_at = null, received_at = now(), attempt = attempt + 1
      where id = $1 and state = 'failed' and attempt = $2 returning attempt`,
    [row.id, row.attempt],
  );
  return { id: row.id, status: 'again', attempt: reopened?.attempt ?? row.attempt + 1 };
}

const Open = z.object({
  id: z.string(),
  attempt: z.number(),
  issue_id: z.string(),
  intent: z.enum(['triage', 'learn', 'forget']),
  is_forced: z.boolean(),
  overrides_humans: z.boolean(),
  decision_id: z.string().nullable(),
});

/** Oldest first. */
async function openDeliveries(
  sql: Sql,
  asked: readonly [olderThanMs: number, limit: number, graceMs: number],
): Promise<readonly OpenDelivery[]> {
  const rows = await sql.rows(
    Open,
    `select d.id, d.attempt, d.issue_id, d.intent, d.is_forced, d.overrides_humans, c.id as decision_id
       from triage.deliveries d
       left join lateral (
         select id, decided_at from triage.decisions, concat(d.id, '-', d.attempt) as first
          where delivery_id = d.id and (id = first or starts_with(id, first || '.'))
          order by ${NEWEST_FIRST} limit 1
       ) c on true
      where d.state = 'accepted' and d.received_at <= now() - $1::double precision * interval '1 millisecond'
        and ($3::double precision = 0 or c.id is null
             or c.decided_at <= now() - ($1::double precision + $3::double precision) * interval '1 millisecond')
      order by d.received_at limit $2`,
    asked,
  );
  return rows.map(toOpenDelivery);
}

export function toOpenDelivery(row: z.infer<typeof Open>): OpenDelivery {
  return {
    id: row.id,
    attempt: row.attempt,
    issueId: row.issue_id,
    intent: row.intent,
    isForced: row.is_forced,
    overridesHumans: row.overrides_humans,
    decisionId: row.decision_id,
  };
}
