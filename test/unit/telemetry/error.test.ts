import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { JiraRefusal } from '../../../src/adapters/jira/transport.ts';
import { MisconfiguredError, safeMessageOf, TransientError } from '../../../src/domain/errors.ts';
import { firstWordsOf, originalMessageOf, presentable, tellError } from '../../../src/telemetry/error.ts';

const CANARY = 'CANARY the VPN of Ada Lovelace';

/** Errors as vendors throw them, each holding the canary where such an error holds what it was sent. */
const FOREIGN: readonly (readonly [string, () => unknown])[] = [
  ['JSON that is none', () => JSON.parse(`<html>${CANARY}`)],
  ['JSON with quotes in it', () => JSON.parse(`{"a": ${CANARY}}`)],
  ['a number that is none', () => BigInt(CANARY)],
  ['an address that is none', () => new URL(CANARY)],
  ['a header that is none', () => new Headers({ x: `${CANARY}\nx` })],
  ['an input of another shape', () => z.strictObject({ a: z.string() }).parse({ [CANARY]: 1 })],
  ['a row that PostgreSQL refuses', () => refuse(databaseError())],
  ['an answer of a model endpoint', () => refuse(answerError())],
  ['words in double quotes', () => refuse(new Error(`cannot read "${CANARY}"`))],
  ['words in double quotes with quotes in them', () => refuse(new Error(`cannot read "so "${CANARY}" said" now`))],
  ['words in single quotes', () => refuse(new Error(`cannot read '${CANARY}' here`))],
  ['words in backticks', () => refuse(new Error(`cannot read \`${CANARY}\``))],
  ['words in typographic quotes', () => refuse(new Error(`cannot read “${CANARY}”`))],
  ['a quotation that does not end', () => refuse(new Error(`cannot read "${CANARY}`))],
  ['words that are thrown as they are', () => refuse(CANARY)],
  ['an object that is no error', () => refuse({ message: CANARY })],
  ['a type that is no name', () => refuse(Object.assign(new Error('x'), { name: CANARY }))],
  ['a code that is none', () => refuse(Object.assign(new Error('x'), { code: CANARY }))],
  ['properties of any name', () => refuse(Object.assign(new Error('x'), { body: CANARY, request: { text: CANARY } }))],
  ['a cause', () => refuse(new TransientError('Jira is away', { cause: databaseError() }))],
  ['several in one', () => refuse(new AggregateError([databaseError(), answerError()], 'all failed'))],
  ['what Jira said', () => refuse(new JiraRefusal(400, `summary: ${CANARY} is too long`))],
];

function refuse(error: unknown): never {
  throw error;
}

function databaseError(): Error {
  return Object.assign(new Error(`invalid input syntax for type integer: "${CANARY}"`), {
    severity: 'ERROR',
    code: '22P02',
    detail: `Failing row contains (${CANARY}).`,
    where: `unnamed portal parameter $1 = '${CANARY}'`,
    parameters: [CANARY],
  });
}

function answerError(): Error {
  return Object.assign(new Error(`400 ${CANARY}`), { status: 400, error: { message: CANARY }, headers: {} });
}

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what is told of an error', () => {
  test.each(FOREIGN)('holds nothing of what it was about: %s', (_name, act) => {
    const error = thrownBy(act);
    const { message, stack } = presentable(error);
    expect(JSON.stringify([tellError(error), message, stack, safeMessageOf(error)])).not.toContain('CANARY');
  });

  test('is type, code, message and frames of an error of the system, with its causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
      code: 'ECONNREFUSED',
      errno: -111,
      syscall: 'connect',
    });
    const told = tellError(new TransientError('the queue cannot be reached', { cause }));
    expect(told).toMatchObject({
      type: 'TransientError',
      message: 'the queue cannot be reached',
      cause: { type: 'Error', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:6379' },
    });
    expect(told.stack).toMatch(/^ {4}at .*error\.test\.ts/);
  });

  test('keeps our own words, and what of a foreign message is no quotation', () => {
    expect(safeMessageOf(new MisconfiguredError(['"PORT" is taken']))).toBe('"PORT" is taken');
    expect(safeMessageOf(new TypeError("Cannot read properties of undefined (reading 'text')"))).toBe(
      'Cannot read properties of undefined (reading "…")',
    );
    expect(safeMessageOf(new Error("the pool can't take more"))).toBe("the pool can't take more");
  });

  test('names the trouble and the constraint of a row that PostgreSQL refuses', () => {
    const error = Object.assign(new Error('new row for relation "decisions" violates check constraint "one_word"'), {
      severity: 'ERROR',
      code: '23514',
      constraint: 'one_word',
    });
    expect(safeMessageOf(error)).toBe('new row for relation "…" (23514 one_word)');
    expect(safeMessageOf(Object.assign(error, { constraint: CANARY }))).toBe('new row for relation "…" (23514)');
  });

  test('ends after five causes, also where they run in a circle', () => {
    const first = new Error('first');
    const second = new Error('second', { cause: first });
    first.cause = second;
    const depthOf = (told: ReturnType<typeof tellError>): number => 1 + (told.cause ? depthOf(told.cause) : 0);
    expect(depthOf(tellError(first))).toBe(5);
  });

  test('is bounded, however much an error holds', () => {
    const huge = Object.assign(new Error('x'.repeat(1_000_000)), { stack: `x\n${'    at y (z)\n'.repeat(100_000)}` });
    const all = new AggregateError(
      Array.from({ length: 1_000 }, () => huge),
      'all failed',
      { cause: huge },
    );
    expect(JSON.stringify(tellError(all)).length).toBeLessThan(20_000);
  });
});

describe('a presentable error', () => {
  test('stands for the original, which is its cause', () => {
    const original = new JiraRefusal(400, 'no such field');
    const told = presentable(original);
    expect(told).toMatchObject({ name: 'PermanentError', message: 'Jira answered 400' });
    expect(originalMessageOf(told)).toBe('Jira answered 400: no such field');
  });
});

test('of a reason in the ledger, what comes after the colon is not told', () => {
  expect(firstWordsOf('400: summary is too long')).toBe('400');
  expect(firstWordsOf('issue-gone')).toBe('issue-gone');
  expect(firstWordsOf(null)).toBeNull();
});
