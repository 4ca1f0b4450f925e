import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import { grouped } from '../../../batching/grouped.ts';
import { type Decision, DecisionSchema } from '../../../domain/decision/decision.ts';
import { TransientError } from '../../../domain/errors.ts';
import type { DecidedShape, DecisionInput, Ledger, Precedents } from '../../../domain/ports/ledger.ts';
import { type Sql, storableJson } from '../sql.ts';
import type { AtHand } from './at-hand.ts';

export const DecisionRow = z.object({ decision: DecisionSchema });
const PrecedentRow = z.object({ decision: z.string().nullable(), delivery: z.string().nullable() });

/** Orders of decisions; of rounds within one moment the later one has the longer id, or the greater. */
export const NEWEST_FIRST = 'decided_at desc, length(id) desc, id desc';
export const OLDEST_FIRST = 'decided_at, length(id), id';

/** The part of the ledger that deals with decisions alone. */
export function postgresDecisions(
  sql: Sql,
  atHand: AtHand,
): Pick<Ledger, 'recordDecision' | 'decision' | 'precedents' | 'decided'> {
  return {
    recordDecision: async (decision) => {
      const standing = await recordDecision(sql, decision);
      atHand.keep(standing);
      return standing;
    },
    decision: (id) => readDecision(sql, id),
    // Tickets that were read together are asked about together.
    precedents: grouped({ maxSize: 64, maxRunning: 2 }, (inputs) => precedents(sql, inputs)),
    decided: (from, to) => decided(sql, from, to),
  };
}

const SAME_DECISION = `
  select c.id from triage.decisions c join triage.deliveries d on d.id = c.delivery_id
   where c.issue_id = t.issue_id and c.revision = t.revision and c.input_hash = t.input_hash and c.delivery_id <> t.delivery_id and d.state <> 'failed'
     and not exists (select 1 from triage.writes w where w.decision_id = c.id and w.state = 'superseded')
   order by c.decided_at limit 1`;

const TOLD_BEFORE = `
  select other.id from triage.deliveries own
    join triage.deliveries other on other.issue_id = own.issue_id and other.id <> own.id
   where own.id = t.delivery_id and own.event = 'jira:issue_created' and other.intent = 'triage'
     and (own.door = 'sweep' and other.door <> 'sweep'
          or own.door <> 'sweep' and other.door = 'sweep' and other.event = 'jira:issue_created')
     and (other.state = 'triaged'
          or other.state = 'accepted' and (other.received_at, other.id) < (own.received_at, own.id))
   order by other.received_at, other.id limit 1`;

const PRECEDENTS = `
  select (${SAME_DECISION}) as decision, (${TOLD_BEFORE}) as delivery
    from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality
         as t (delivery_id, issue_id, revision, input_hash, n)
   order by n`;

function precedents(sql: Sql, inputs: readonly DecisionInput[]): Promise<readonly Precedents[]> {
  return sql.brief.rows(PrecedentRow, PRECEDENTS, [
    inputs.map(({ deliveryId }) => deliveryId),
    inputs.map(({ issueId }) => issueId),
    inputs.map(({ revision }) => revision),
    inputs.map(({ inputHash }) => inputHash),
  ]);
}

async function readDecision(sql: Sql, id: string): Promise<Decision | null> {
  const [row] = await sql.brief.rows(DecisionRow, 'select decision from triage.decisions where id = $1', [id]);
  return row?.decision ?? null;
}

async function recordDecision(sql: Sql, decision: Decision): Promise<Decision> {
  const inserted = await sql.brief.execute(
    `insert into triage.decisions (id, delivery_id, issue_id, issue_key, revision, input_hash, decided_at, decision)
     values ($1, $2, $3, $4, $5, $6, $7::timestamptz, $8::jsonb) on conflict (id) do nothing`,
    [
      decision.id,
      decision.deliveryId,
      decision.issueId,
      decision.issueKey,
      decision.revision,
      decision.inputHash,
      decision.decidedAt,
      storableJson(decision),
    ],
  );
  if (inserted > 0) return decision;
  const earlier = await readDecision(sql, decision.id);
  if (!earlier) throw new TransientError(`decision ${decision.id} was trimmed while it was made`);
  return earlier;
}

/** Decisions per statement: each is unpacked, which takes an embedded database's thread 16 milliseconds per thousand. */
const PAGE = 2_000;

const Page = z.object({
  decisions: z.number(),
  last_at: z.string().nullable(),
  last_id: z.string().nullable(),
  known: z.number(),
  unknown: z.number().nullable(),
  verdicts: z
    .array(z.object({ target: z.string(), abstained: z.number(), value: z.string().nullable(), times: z.number() }))
    .nullable(),
});

/** A decision is unpacked once, and its verdicts are counted before they leave the database. */
const COUNT_PAGE = `
  with page as materialized (
    select decided_at, id, x.* from triage.decisions,
           jsonb_to_record(decision) as x ("unknownWords" double precision, verdicts jsonb)
     where decided_at >= $1::timestamptz and decided_at < $2::timestamptz and (decided_at, id) > ($3::timestamptz, $4)
     order by decided_at, id limit ${PAGE}
  ), counted as (
    select v.key as target, coalesce(v.value ->> 'value', v.value -> 'best' ->> 'value') as value,
           count(*) filter (where v.value ->> 'kind' = 'abstain') as abstained, count(*) as times
      from page, jsonb_each(verdicts) v group by 1, 2
  )
  select count(*)::int as decisions, count("unknownWords")::int as known, sum("unknownWords") as unknown,
         (array_agg(decided_at::text order by decided_at desc, id desc))[1] as last_at,
         (array_agg(id order by decided_at desc, id desc))[1] as last_id,
         (select jsonb_agg(counted) from counted) as verdicts
    from page`;

/** In pages, so that weeks of decisions do not hold up an embedded database. */
async function decided(sql: Sql, from: string, to: string): Promise<DecidedShape> {
  const tally = new Tally();
  for (let last = ['-infinity', '']; ; ) {
    const [page] = await sql.rows(Page, COUNT_PAGE, [from, to, ...last]);
    if (page) tally.add(page);
    if (!page || page.decisions < PAGE) return tally.shape();
    last = [page.last_at ?? 'infinity', page.last_id ?? ''];
    await breathe();
  }
}

class Tally {
  #decisions = 0;
  #known = 0;
  #unknown = 0;
  readonly #targets = new Map<string, { decisions: number; abstained: number; readonly values: Map<string, number> }>();

  add({ decisions, known, unknown, verdicts }: z.infer<typeof Page>): void {
    this.#decisions += decisions;
    this.#known += known;
    this.#unknown += unknown ?? 0;
    for (const { target, abstained, value, times } of verdicts ?? []) {
      const counted = this.#targets.get(target) ?? { decisions: 0, abstained: 0, values: new Map<string, number>() };
      this.#targets.set(target, counted);
      counted.decisions += times;
      counted.abstained += abstained;
      if (value !== null) counted.values.set(value, (counted.values.get(value) ?? 0) + times);
    }
  }

  shape(): DecidedShape {
    const targets = [...this.#targets].map(
      ([target, { values, ...counts }]) => [target, { ...counts, values: Object.fromEntries(values) }] as const,
    );
    return {
      decisions: this.#decisions,
      unknownWords: this.#known > 0 ? this.#unknown / this.#known : null,
      targets: Object.fromEntries(targets),
    };
  }
}
