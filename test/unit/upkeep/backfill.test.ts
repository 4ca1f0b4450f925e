import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError } from '../../../src/domain/errors.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { backfill } from '../../../src/upkeep/backfill.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { issueWith } from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';

/** A tracker whose searches have five pages of two; a page token that is none of ours is refused, as Jira does. */
function openDesk() {
  const issues = Array.from({ length: 10 }, () => issueWith({ isFinished: true }));
  const stored: Issue[] = [];
  const queries: string[] = [];
  const troubles: Error[] = [];
  const ledger = ledgerFake();
  const tracker: Tracker = {
    ...deskWith(),
    count: async () => issues.length,
    search: async (jql, page) => {
      queries.push(jql);
      const trouble = troubles.shift();
      if (trouble) throw trouble;
      if (page !== null && !/^token-\d$/.test(page))
        throw new PermanentError('Jira answered 400: invalid nextPageToken');
      const start = page === null ? 0 : Number(page.slice('token-'.length));
      const next = start + 2 < issues.length ? `token-${start + 2}` : null;
      return { issues: issues.slice(start, start + 2), next };
    },
  };
  const remember = async (some: readonly Issue[]) => {
    stored.push(...some);
    return some.length;
  };
  return { issues, stored, queries, troubles, ledger, ports: { tracker, ledger, remember } };
}

describe('a backfill', () => {
  test('streams every page into memory and tells how far it is', async () => {
    const { issues, stored, queries, ports } = openDesk();
    const progress = await Array.fromAsync(backfill('project = IT', ports));
    expect(progress).toEqual([2, 4, 6, 8, 10].map((read) => ({ read, stored: read, expected: 10 })));
    expect(stored).toEqual(issues);
    expect(new Set(queries)).toEqual(new Set(['(project = IT) AND statusCategory = Done ORDER BY created ASC']));
  });

  test('asks for the next page while it stores one, and never for more', async () => {
    const { queries, ports } = openDesk();
    const askedAtStoring: number[] = [];
    const remember = async (issues: readonly Issue[]) => {
      askedAtStoring.push(queries.length);
      return issues.length;
    };
    await Array.fromAsync(backfill('project = IT', { ...ports, remember }));
    expect(askedAtStoring).toEqual([2, 3, 4, 5, 5]);
  });

  test('stores the page it has before it tells that the next one failed', async () => {
    const { issues, stored, troubles, ledger, ports } = openDesk();
    const tracker: Tracker = {
      ...ports.tracker,
      search: async (jql, page) => {
        if (page === 'token-4') troubles.push(new RateLimitedError('slow down', { retryAfterMs: 1, scope: 'site' }));
        return ports.tracker.search(jql, page);
      },
    };
    await expect(Array.fromAsync(backfill('project = IT', { ...ports, tracker }))).rejects.toThrow(RateLimitedError);
    expect(stored).toEqual(issues.slice(0, 4));
    await Array.fromAsync(backfill('project = IT', { ...ports, ledger }));
    expect(stored).toEqual(issues);
  });

  test('that cannot store a page comes back to it', async () => {
    const { issues, stored, ports } = openDesk();
    const full = async () => Promise.reject(new Error('disk full'));
    await expect(Array.fromAsync(backfill('project = IT', { ...ports, remember: full }))).rejects.toThrow('disk full');
    await Array.fromAsync(backfill('project = IT', ports));
    expect(stored).toEqual(issues);
  });

  test('goes on where it was interrupted', async () => {
    const { issues, stored, ports } = openDesk();
    for await (const { read } of backfill('project = IT', ports)) if (read === 4) break;
    expect(stored).toEqual(issues.slice(0, 4));
    const rest = await Array.fromAsync(backfill('project = IT', ports));
    expect(rest.at(-1)).toEqual({ read: 6, stored: 6, expected: 10 });
    expect(stored).toEqual(issues);
  });

  test('repeats only the page that did not get through', async () => {
    const { issues, stored, troubles, ports } = openDesk();
    for await (const { read } of backfill('project = IT', ports)) {
      if (read === 4) troubles.push(new RateLimitedError('slow down', { retryAfterMs: 1, scope: 'site' }));
      if (read === 4) break;
    }
    await expect(Array.fromAsync(backfill('project = IT', ports))).rejects.toThrow(RateLimitedError);
    await Array.fromAsync(backfill('project = IT', ports));
    expect(stored).toEqual(issues);
  });

  test('that went to its end starts from the beginning next time', async () => {
    const { stored, ports } = openDesk();
    await Array.fromAsync(backfill('project = IT', ports));
    await Array.fromAsync(backfill('project = IT', ports));
    expect(stored).toHaveLength(20);
  });

  test('of another query has a place of its own', async () => {
    const { stored, ports } = openDesk();
    for await (const _ of backfill('project = IT', ports)) break;
    await Array.fromAsync(backfill('project = IT AND created > -30d', ports));
    expect(stored).toHaveLength(12);
  });

  test('whose stored page Jira no longer knows starts from the beginning', async () => {
    const { issues, stored, ledger, ports } = openDesk();
    for await (const _ of backfill('project = IT', ports)) break;
    stored.length = 0;
    // Jira's page tokens expire after some days.
    const expired: typeof ledger = { ...ledger, cursor: async (name) => (await ledger.cursor(name)) && 'expired' };
    await Array.fromAsync(backfill('project = IT', { ...ports, ledger: expired }));
    expect(stored).toEqual(issues);
  });

  test('of a query Jira refuses from the start fails with its words', async () => {
    const { troubles, ports } = openDesk();
    troubles.push(
      new PermanentError('Jira answered 400: no such field'),
      new PermanentError('Jira answered 400: no such field'),
    );
    await expect(Array.fromAsync(backfill('color = red', ports))).rejects.toThrow('no such field');
  });
});
