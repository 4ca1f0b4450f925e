import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fileAnswers } from '../../src/adapters/files/answers.ts';
import { postgresAnswers } from '../../src/adapters/postgres/answers.ts';
import type { Cost } from '../../src/domain/decision/question.ts';
import type { AnswerBook, BudgetLimits, SpendingDay } from '../../src/domain/ports/model.ts';
import { answersFake } from '../fakes/answers.ts';
import { entryWith } from '../support/model.ts';
import { databases, openMigrated, type TestDatabase } from './support/databases.ts';

interface Book extends AsyncDisposable {
  reset(): Promise<void>;
  open(): AnswerBook;
}

const books: readonly { readonly name: string; readonly hasBudgets: boolean; readonly open: () => Promise<Book> }[] = [
  { name: 'the fake', hasBudgets: true, open: async () => fakeBook() },
  { name: 'a file', hasBudgets: false, open: fileBook },
  ...databases.map(({ name, open }) => ({
    name,
    hasBudgets: true,
    open: async () => databaseBook(await openMigrated(open)),
  })),
];

function fakeBook(): Book {
  let book = answersFake();
  return {
    reset: async () => {
      book = answersFake();
    },
    open: () => book,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function fileBook(): Promise<Book> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-answers-'));
  const path = join(folder, 'answers.jsonl');
  return {
    reset: () => rm(path, { force: true }),
    open: () => fileAnswers(path),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function databaseBook(database: TestDatabase): Book {
  return {
    reset: () => database.sql.script('truncate triage.answers, triage.spending'),
    open: () => postgresAnswers(database.sql),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

const NOTHING = { tokens: 0, money: 0 };
const FREE = { tokens: Number.POSITIVE_INFINITY, money: Number.POSITIVE_INFINITY };
const IT = { day: '2026-11-22', project: 'IT' };
const HR = { day: '2026-11-22', project: 'HR' };

const claimOn = (answers: AnswerBook, key: string) =>
  answers.claim({ key, day: IT, cost: NOTHING, limits: { perDay: FREE, perProject: FREE } });

describe.each(books)('answers in $name', ({ open }) => {
  let book: Book;
  let answers: AnswerBook;

  beforeAll(async () => {
    book = await open();
  });
  beforeEach(async () => {
    await book.reset();
    answers = book.open();
  });
  afterAll(() => book[Symbol.asyncDispose]());

  test('are found by the key of the exact request, also by others', async () => {
    const entry = entryWith({ key: 'k1' });
    await answers.settle(IT, NOTHING, entry);
    expect(await claimOn(answers, 'k1')).toEqual(entry.reply);
    expect(await book.open().entry('k1')).toEqual(entry);
    expect(await claimOn(answers, 'k2')).toBe('reserved');
    expect(await answers.entry('k2')).toBeNull();
  });

  test('stand once they are recorded', async () => {
    const first = entryWith({ key: 'k1' });
    await answers.settle(IT, NOTHING, first);
    await answers.settle(IT, NOTHING, entryWith({ key: 'k1', reply: { ...first.reply, text: 'another' } }));
    expect(await claimOn(answers, 'k1')).toEqual(first.reply);
  });

  test('hold whatever a model may have written', async () => {
    const { reply, ...entry } = entryWith({ key: 'k1' });
    await answers.settle(IT, NOTHING, { ...entry, reply: { ...reply, text: 'a\u0000b \ud83d 好 "q" \\' } });
    expect((await answers.entry('k1'))?.reply.text).toContain('好 "q" \\');
  });
});

describe.each(books.filter(({ hasBudgets }) => hasBudgets))('budgets in $name', ({ open }) => {
  let book: Book;
  let answers: AnswerBook;

  beforeAll(async () => {
    book = await open();
  });
  beforeEach(async () => {
    await book.reset();
    answers = book.open();
  });
  afterAll(() => book[Symbol.asyncDispose]());

  let questions = 0;
  const take = (day: SpendingDay, cost: Cost, limits: BudgetLimits) =>
    answers.claim({ key: `question-${questions++}`, day, cost, limits });

  test('take from a budget until it does not hold the next amount', async () => {
    const limits = { perDay: { tokens: 250, money: 1 }, perProject: FREE };
    expect(await take(IT, { tokens: 100, money: 0.1 }, limits)).toBe('reserved');
    expect(await take(HR, { tokens: 100, money: 0.1 }, limits)).toBe('reserved');
    expect(await take(HR, { tokens: 100, money: 0.1 }, limits)).toBe('spent');
    expect(await take(HR, { tokens: 50, money: 0.9 }, limits)).toBe('spent');
    expect(await take(HR, { tokens: 50, money: 0.1 }, limits)).toBe('reserved');
  });

  test('keep a budget for each project by itself', async () => {
    const limits = { perDay: FREE, perProject: { ...FREE, tokens: 100 } };
    expect(await take(IT, { tokens: 100, money: 0 }, limits)).toBe('reserved');
    expect(await take(IT, { tokens: 1, money: 0 }, limits)).toBe('spent');
    expect(await take(HR, { tokens: 100, money: 0 }, limits)).toBe('reserved');
    expect(await take({ ...IT, day: '2026-11-23' }, { tokens: 100, money: 0 }, limits)).toBe('reserved');
  });

  test('give back what was not used, and say what was spent', async () => {
    const limits = { perDay: { tokens: 100, money: 1 }, perProject: FREE };
    await take(IT, { tokens: 100, money: 0.5 }, limits);
    await answers.settle(IT, { tokens: -60, money: -0.25 }, null);
    expect(await take(HR, { tokens: 60, money: 0.5 }, limits)).toBe('reserved');
    expect(await answers.spent(IT.day)).toEqual([
      { project: null, tokens: 100, money: 0.75 },
      { project: 'HR', tokens: 60, money: 0.5 },
      { project: 'IT', tokens: 40, money: 0.25 },
    ]);
    expect(await answers.spent('2020-01-01')).toEqual([]);
  });

  test('never hand out more than there is, however many ask at once', async () => {
    const limits = { perDay: { tokens: 1_000, money: 10 }, perProject: FREE };
    const taken = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        book
          .open()
          .claim({ key: `k${index}`, day: index % 2 === 0 ? IT : HR, cost: { tokens: 100, money: 0 }, limits }),
      ),
    );
    expect(taken.filter((claimed) => claimed === 'reserved')).toHaveLength(10);
  });
});
