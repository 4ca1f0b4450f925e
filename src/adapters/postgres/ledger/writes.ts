import { z } from 'zod';
import { grouped } from '../../../batching/grouped.ts';
import { type Decision, DecisionSchema } from '../../../domain/decision/decision.ts';
import type { StoredWrite, WriteRecord } from '../../../domain/decision/delivery.ts';
import { isPartial } from '../../../domain/decision/undo.ts';
import { TransientError } from '../../../domain/errors.ts';
import type { Ledger, UndoFilter } from '../../../domain/ports/ledger.ts';
import { type Sql, storableJson } from '../sql.ts';
import type { AtHand } from './at-hand.ts';
import { NEWEST_FIRST } from './decisions.ts';

export const WriteRow = z
  .object({
    decision_id: z.string(),
    issue_id: z.string(),
    issue_key: z.string(),
    state: z.enum(['planned', 'applied', 'unchanged', 'dry-run', 'refused', 'superseded']),
    reason: z.string().nullable(),
    changes: z.record(z.string(), z.object({ before: z.string().nullable(), after: z.string().nullable() })),
    held_back: z.record(z.string(), z.string()),
    suggestions: z.record(z.string(), z.string()),
    passed_over: z.array(z.object({ accountId: z.string(), why: z.string() })),
    undoes: z.string().nullable(),
    undone_by: z.string().nullable(),
    at: z.date(),
  })
  .transform(
    (row): StoredWrite => ({
      decisionId: row.decision_id,
      issueId: row.issue_id,
      issueKey: row.issue_key,
      state: row.state,
      reason: row.reason,
      changes: row.changes,
      heldBack: row.held_back,
      suggestions: row.suggestions,
      passedOver: row.passed_over,
      undoes: row.undoes,
      undoneBy: row.undone_by,
      at: row.at.toISOString(),
    }),
  );

/** A decision, and its write if there is one. */
const LastWordRow = z
  .looseObject({ decision: DecisionSchema, decision_id: z.string().nullable() })
  .transform(({ decision, ...row }) => ({ decision, write: row.decision_id === null ? null : WriteRow.parse(row) }));

/** The part of the ledger that deals with what was written. */
export function postgresWrites(
  sql: Sql,
  atHand: AtHand,
): Pick<Ledger, 'lastWord' | 'write' | 'claimWrite' | 'recordWrite' | 'undoable' | 'openUndos'> {
  return {
    // A backfill asks for a page of issues at once.
    lastWord: grouped({ maxSize: 100, maxRunning: 4 }, (issueIds) => lastWords(sql, issueIds)),
    write: (decisionId) => readWrite(sql, decisionId),
    claimWrite: (decisionId) => claimWrite(sql, decisionId, atHand.take(decisionId)),
    recordWrite: (record) => recordWrite(sql, record),
    undoable: (filter) => undoable(sql, filter),
    openUndos: (olderThanMs, limit) =>
      sql.rows(
        OpenUndoRow,
        `select decision_id as id, undoes as "writeId" from triage.writes
          where state = 'planned' and undoes is not null and at <= now() - $1::double precision * interval '1 millisecond'
          order by at, decision_id limit $2`,
        [olderThanMs, limit],
      ),
  };
}

const OpenUndoRow = z.object({ id: z.string(), writeId: z.string() });

const LastWordOfRow = z
  .looseObject({ asked: z.string() })
  .transform(({ asked, ...row }) => [asked, LastWordRow.parse(row)] as const);

/** Of each issue, in the order asked for; null where there is none. */
async function lastWords(sql: Sql, issueIds: readonly string[]) {
  const rows = await sql.brief.rows(
    LastWordOfRow,
    `select asked.id as asked, last.* from unnest($1::text[]) as asked (id) cross join lateral (
       select c.decision, w.* from triage.decisions c left join triage.writes w on w.decision_id = c.id
        where c.issue_id = asked.id and (w.state is null or w.state not in ('superseded', 'refused'))
        order by ${NEWEST_FIRST} limit 1) last`,
    [issueIds],
  );
  const words = new Map(rows);
  return issueIds.map((id) => words.get(id) ?? null);
}

async function readWrite(sql: Sql, decisionId: string): Promise<StoredWrite | null> {
  const [row] = await sql.rows(WriteRow, 'select * from triage.writes where decision_id = $1', [decisionId]);
  return row ?? null;
}

/** Whoever comes second finds neither a write of its own nor room for one. */
const CLAIM = `
  with decided as (select id, issue_id, issue_key, decision from triage.decisions where id = $1),
  claimed as (
    insert into triage.writes (decision_id, issue_id, issue_key, state, changes, held_back)
    select id, issue_id, issue_key, 'planned', '{}', '{}' from decided
     where not exists (select 1 from triage.writes where decision_id = $1)
       and not exists (select 1 from triage.writes w where w.issue_id = decided.issue_id and w.state = 'planned')
    on conflict do nothing
    returning *
  )
  select decided.issue_key as decided_for, case when $2 then null else decided.decision end as decision, w.* from decided
    left join (select * from claimed union all select * from triage.writes where decision_id = $1) w on true`;

const ClaimRow = z.looseObject({
  decided_for: z.string(),
  decision: DecisionSchema.nullable(),
  decision_id: z.string().nullable(),
});

async function claimWrite(sql: Sql, decisionId: string, atHand: Decision | null): ReturnType<Ledger['claimWrite']> {
  const [row] = await sql.brief.rows(ClaimRow, CLAIM, [decisionId, atHand !== null]);
  const decision = atHand ?? row?.decision;
  if (!row || !decision) return null;
  if (row.decision_id === null) throw new TransientError(`another decision is writing to ${row.decided_for}`);
  return { decision, write: WriteRow.parse(row) };
}

/**
 * `writes_one_in_flight` lets one decision at a time write to an issue; a finished write is never overwritten. What an
 * applied undo takes back, leaving nothing for later ($11), is marked with it in the same statement.
 */
const RECORD = `
  with stored as (
    insert into triage.writes
      (decision_id, issue_id, issue_key, state, reason, changes, held_back, suggestions, passed_over, undoes)
    select $1, $2, $3, $4, $5, $6::jsonb, $7::jsonb, $8::jsonb, $9::jsonb, $10
     where $4 <> 'planned' or not exists
       (select 1 from triage.writes where issue_id = $2 and state = 'planned' and decision_id <> $1)
    on conflict (decision_id) do update
       set state = excluded.state, reason = excluded.reason, changes = excluded.changes, held_back = excluded.held_back,
           suggestions = excluded.suggestions, passed_over = excluded.passed_over, undoes = excluded.undoes, at = now()
     where triage.writes.state = 'planned'
    returning decision_id, state, undoes
  ), marked as (
    update triage.writes w set undone_by = s.decision_id from stored s
     where s.state = 'applied' and not $11::boolean and w.decision_id = s.undoes
  )
  select decision_id from stored`;

const StoredRow = z.object({ decision_id: z.string() });

async function recordWrite(sql: Sql, record: WriteRecord): Promise<WriteRecord> {
  const stored = await sql.brief.rows(StoredRow, RECORD, [
    record.decisionId,
    record.issueId,
    record.issueKey,
    record.state,
    record.reason,
    storableJson(record.changes),
    storableJson(record.heldBack),
    storableJson(record.suggestions),
    storableJson(record.passedOver),
    record.undoes,
    isPartial(record),
  ]);
  if (stored.length > 0) return record;
  const standing = await readWrite(sql, record.decisionId);
  if (standing && standing.state !== 'planned') return standing;
  throw new TransientError(`another decision is writing to ${record.issueKey}`);
}

/** Ids of the issue that has this key ($1) or had it before it was moved. */
export const IDS_OF = `
  select issue_id from triage.decisions where issue_key = $1
  union select issue_id from triage.writes where issue_key = $1
  union select issue_id from triage.deliveries where issue_key = $1 and issue_id is not null`;

function undoable(sql: Sql, { issueKey, decisionId, revision, since }: UndoFilter): Promise<readonly StoredWrite[]> {
  return sql.rows(
    WriteRow,
    `select * from triage.writes w
      where state = 'applied' and undone_by is null and changes <> '{}'
        and case when $2::text is null then undoes is null else decision_id = $2 end
        and ($1::text is null or issue_id in (${IDS_OF}))
        and ($3::text is null or exists
          (select 1 from triage.decisions c where c.id = w.decision_id and c.revision = $3))
        and ($4::timestamptz is null or at >= $4::timestamptz)
      order by at desc, decision_id desc`,
    [issueKey ?? null, decisionId ?? null, revision ?? null, since ?? null],
  );
}
