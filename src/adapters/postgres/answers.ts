import { z } from 'zod';
import { type BookEntry, BookEntrySchema, BookedReplySchema, type Cost } from '../../domain/decision/question.ts';
import type { AnswerBook, Claim, SpendingDay } from '../../domain/ports/model.ts';
import { type Sql, storableJson } from './sql.ts';

const ClaimRow = z.object({ known: BookedReplySchema.nullable(), reserved: z.boolean() });
const EntryRow = BookEntrySchema.extend({ at: z.date() });

/** The book of answers on PostgreSQL. */
export function postgresAnswers(sql: Sql): AnswerBook {
  return {
    claim: (asked) => claim(sql, asked),
    settle: (day, difference, settled) => settle(sql, { day, difference, entry: settled }),
    entry: (key) => entry(sql, key),
    spent: async (day) => {
      const rows = await sql.rows(
        z.object({ project: z.string(), tokens: z.number(), money: z.number() }),
        'select project, tokens, money from triage.spending where day = $1::date order by project',
        [day],
      );
      return rows.map(({ project, ...cost }) => ({ ...cost, project: project === '' ? null : project }));
    },
  };
}

async function entry(sql: Sql, key: string): Promise<BookEntry | null> {
  const [row] = await sql.rows(
    EntryRow,
    'select key, endpoint, question, reply, at from triage.answers where key = $1',
    [key],
  );
  return row ? { ...row, at: row.at.toISOString() } : null;
}

/** Larger than anything anybody spends in a day, and still a number that PostgreSQL compares with. */
const UNLIMITED = 1e18;

async function claim(sql: Sql, { key, day: { day, project }, cost, limits }: Claim) {
  const { perDay, perProject } = limits;
  const most = [perDay.tokens, perDay.money, perProject.tokens, perProject.money];
  const [row] = await sql.rows(
    ClaimRow,
    'select known, reserved from triage.claim($1, $2::date, $3, $4, $5, $6, $7, $8, $9)',
    [key, day, project, cost.tokens, cost.money, ...most.map((limit) => Math.min(limit, UNLIMITED))],
  );
  if (row?.known) return row.known;
  return row?.reserved ? 'reserved' : 'spent';
}

async function settle(
  sql: Sql,
  { day: { day, project }, difference, entry }: { day: SpendingDay; difference: Cost; entry: BookEntry | null },
): Promise<void> {
  const spent = `update triage.spending set tokens = tokens + $3::double precision, money = money + $4::double precision
                  where day = $1::date and project in ('', $2)`;
  const paid = [day, project, difference.tokens, difference.money];
  if (!entry) {
    await sql.execute(spent, paid);
    return;
  }
  const { key, endpoint, question, reply, at } = entry;
  await sql.execute(
    `with kept as (
       insert into triage.answers (key, endpoint, question, reply, at) values ($5, $6, $7::jsonb, $8::jsonb, $9::timestamptz)
       on conflict (key) do nothing
     ) ${spent}`,
    [...paid, key, endpoint, storableJson(question), storableJson(reply), at],
  );
}
