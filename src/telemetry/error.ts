import { messageOf, safeMessageOf } from '../domain/errors.ts';

/** What is told of an error, in a log or elsewhere. */
export interface ToldError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  /** Frames alone: the head of a stack repeats the message. */
  readonly stack?: string;
  readonly cause?: ToldError;
  /** The first of those that an `AggregateError` collects. */
  readonly errors?: readonly ToldError[];
}

const MAX_DEPTH = 5;
const MAX_ERRORS = 3;
const MAX_FRAMES = 12;
const MAX_FRAME_LENGTH = 200;

/**
 * What may be told of anything thrown: its type, a message without what others said, its code, frames and causes, all
 * bounded. Other properties stay untold: vendors' errors carry requests, rows and answers.
 */
export function tellError(error: unknown, depth = 1): ToldError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'something that is no error was thrown' };
  const code = 'code' in error ? codeOf(error.code) : null;
  const stack = framesOf(error);
  const isDeep = depth >= MAX_DEPTH;
  const { cause } = error;
  const errors = error instanceof AggregateError && !isDeep ? error.errors.slice(0, MAX_ERRORS) : [];
  return {
    type: typeOf(error),
    message: safeMessageOf(error),
    ...(code === null ? {} : { code }),
    ...(stack === '' ? {} : { stack }),
    ...(cause === undefined || isDeep ? {} : { cause: tellError(cause, depth + 1) }),
    ...(errors.length === 0 ? {} : { errors: errors.map((one: unknown) => tellError(one, depth + 1)) }),
  };
}

/**
 * An error that a vendor may keep or print as it is: message and stack are safe. The one it stands for is its `cause`,
 * which is for our own eyes.
 */
export function presentable(error: unknown): Error {
  const told = new Error(safeMessageOf(error), { cause: error });
  told.name = error instanceof Error ? typeOf(error) : 'Error';
  told.stack = [`${told.name}: ${told.message}`, error instanceof Error ? framesOf(error) : ''].join('\n').trimEnd();
  return told;
}

/** The message of the error that a presentable one stands for. */
export function originalMessageOf(error: Error): string {
  return messageOf(error.cause ?? error);
}

/** The first words of a reason in the ledger: what another side said comes after a colon, and may repeat what it was sent. */
export function firstWordsOf(reason: string | null): string | null {
  return reason?.split(':', 1)[0] ?? null;
}

/** Names and codes are identifiers, or they are not told. */
const IDENTIFIER = /^[\w.:-]{1,60}$/;

function typeOf({ name }: Error): string {
  return IDENTIFIER.test(name) ? name : 'Error';
}

function codeOf(code: unknown): string | null {
  return (typeof code === 'string' || typeof code === 'number') && IDENTIFIER.test(String(code)) ? String(code) : null;
}

const FRAME = /^ {4}at /;

function framesOf({ stack = '' }: Error): string {
  const frames = stack.split('\n').filter((line) => FRAME.test(line));
  return frames
    .slice(0, MAX_FRAMES)
    .map((line) => line.slice(0, MAX_FRAME_LENGTH))
    .join('\n');
}
