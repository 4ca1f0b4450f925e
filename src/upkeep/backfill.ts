import { createHash } from 'node:crypto';
import { PermanentError } from '../domain/errors.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Tracker } from '../domain/ports/tracker.ts';
import type { Issue } from '../domain/ticket/issue.ts';

export interface BackfillPorts {
  readonly tracker: Tracker;
  readonly ledger: Ledger;
  /** Stores finished issues; returns how many taught something. */
  readonly remember: (issues: readonly Issue[]) => Promise<number>;
}

export interface BackfillProgress {
  readonly read: number;
  readonly stored: number;
  /** Jira's estimate, not a promise. */
  readonly expected: number;
}

/**
 * Streams the finished issues of a query into memory, oldest first; while a page is stored, Jira is asked for the next.
 * After an interruption the same query goes on where it stopped; running it again to the end changes nothing. Rate
 * limits are thrown for the caller to wait out.
 */
export async function* backfill(jql: string, ports: BackfillPorts): AsyncGenerator<BackfillProgress> {
  const name = `backfill-${createHash('sha256').update(jql).digest('hex').slice(0, 16)}`;
  const bounded = `(${jql}) AND statusCategory = Done ORDER BY created ASC`;
  const expected = await ports.tracker.count(`(${jql}) AND statusCategory = Done`);
  let page: ReturnType<typeof read> | null = read(bounded, await ports.ledger.cursor(name), ports);
  let count = 0;
  let stored = 0;
  while (page) {
    const { issues, next }: Awaited<ReturnType<typeof read>> = await page;
    page = next === null ? null : read(bounded, next, ports);
    // Whoever waits for it hears of it; nobody does after an interruption.
    page?.catch(() => {});
    stored += await ports.remember(issues);
    count += issues.length;
    await ports.ledger.setCursor(name, next);
    yield { read: count, stored, expected };
  }
}

/** Jira forgets page tokens after a week; then the query starts from its beginning, which costs time and nothing else. */
async function read(jql: string, page: string | null, { tracker }: BackfillPorts) {
  try {
    return await tracker.search(jql, page);
  } catch (error) {
    if (page === null || !(error instanceof PermanentError)) throw error;
    return tracker.search(jql, null);
  }
}
