import { z } from 'zod';
import type { AnswerBook, BudgetLimits, SpendingDay } from '../../domain/ports.ts';
import { type BookEntry, BookEntrySchema, BookedReplySchema, type Cost } from '../../domain/question.ts';
import type { Sql } from './sql.ts';

const ReplyRow = z.object({ reply: BookedReplySchema });
const EntryRow = BookEntrySchema.extend({ at: z.date() });

/** The book of answers on PostgreSQL. */
export function postgresAnswers(sql: Sql): AnswerBook {
  return {
    reply: async (key) =>
      (await sql.rows(ReplyRow, 'select reply from triage.answers where key = $1', [key]))[0]?.reply ?? null,
    record: async ({ key, endpoint, question, reply, at }) => {
      await sql.execute(
        `insert into triage.answers (key, endpoint, question, reply, at) values ($1, $2, $3::jsonb, $4::jsonb, $5::timestamptz)
         on conflict (key) do nothing`,
        [key, endpoint, storable(question), storable(reply), at],
      );
    },
    entry: (key) => entry(sql, key),
    reserve: (day, cost, limits) => reserve(sql, { day, cost, limits }),
    settle: async ({ day, project }, { tokens, money }) => {
      await sql.execute(
        `update triage.spending set tokens = tokens + $3::double precision, money = money + $4::double precision where day = $1::date and project in ('', $2)`,
        [day, project, tokens, money],
      );
    },
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

/** `jsonb` refuses NUL and half surrogate pairs, which models may well produce. */
function storable(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'string' ? item.replaceAll('\0', '').toWellFormed() : item,
  );
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

async function reserve(
  sql: Sql,
  { day: { day, project }, cost, limits }: { day: SpendingDay; cost: Cost; limits: BudgetLimits },
): Promise<boolean> {
  const { perDay, perProject } = limits;
  const most = [perDay.tokens, perDay.money, perProject.tokens, perProject.money];
  const [row] = await sql.rows(
    z.object({ reserved: z.boolean() }),
    'select triage.reserve($1::date, $2, $3, $4, $5, $6, $7, $8) as reserved',
    [day, project, cost.tokens, cost.money, ...most.map((limit) => Math.min(limit, UNLIMITED))],
  );
  return row?.reserved ?? false;
}
