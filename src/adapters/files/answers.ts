import { existsSync, readFileSync, truncateSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { type BookEntry, BookEntrySchema, type Cost } from '../../domain/decision/question.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import type { AnswerBook } from '../../domain/ports/model.ts';

/**
 * A book of answers in a file of JSON lines, for evaluations: a second run finds every answer there and costs nothing, and
 * a run that was stopped goes on where it was. It has no budgets. One process at a time.
 */
export function fileAnswers(path: string): AnswerBook {
  const entries = new Map(readEntries(path).map((entry) => [entry.key, entry]));
  const spent = new Map<string, Cost>();
  return {
    claim: async ({ key, day: { project }, cost }) => {
      const known = entries.get(key)?.reply;
      if (known) return known;
      spent.set(project, sum(spent.get(project), cost));
      return 'reserved';
    },
    settle: async ({ project }, difference, entry) => {
      spent.set(project, sum(spent.get(project), difference));
      if (!entry || entries.has(entry.key)) return;
      entries.set(entry.key, entry);
      await appendFile(path, `${JSON.stringify(entry)}\n`);
    },
    entry: async (key) => entries.get(key) ?? null,
    spent: async () => [...spent].map(([project, cost]) => ({ ...cost, project })),
  };
}

function sum(one: Cost | undefined, other: Cost): Cost {
  return { tokens: (one?.tokens ?? 0) + other.tokens, money: (one?.money ?? 0) + other.money };
}

/** A last line that a crash cut off is dropped and asked again; anything else unreadable is another kind of file. */
function readEntries(path: string): BookEntry[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  return whole.split('\n').flatMap((line, index) => {
    if (line === '') return [];
    const entry = BookEntrySchema.safeParse(parsed(line));
    if (entry.success) return [entry.data];
    throw new MisconfiguredError([
      `${path}:${index + 1}: not an answer that was kept here; name another --answers file`,
    ]);
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The caller says which line of which file it is.
    return null;
  }
}
