import { describe, expect, test } from 'vitest';
import type { AuditEntry, Delivery } from '../../../src/domain/decision/delivery.ts';
import { PermanentError, RateLimitedError, TransientError } from '../../../src/domain/errors.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { reclassify, reclassifyQuery } from '../../../src/upkeep/reclassify.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { issueWith } from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';

const HOW = { onlyChanged: false, overrideHumans: false, actor: 'lena' };

/** Ports over a query that finds these pages; what came in and what was put on record stand in one list. */
function openDesk(pages: readonly (readonly Issue[] | Error)[]) {
  const events: (Delivery | AuditEntry)[] = [];
  const ledger = ledgerFake();
  const search = async (_jql: string, page: string | null) => {
    const at = page === null ? 0 : Number(page);
    const found = pages[at] ?? [];
    if (found instanceof Error) throw found;
    return { issues: found, next: at + 1 < pages.length ? `${at + 1}` : null };
  };
  const ports = {
    site: 'acme.atlassian.net',
    receive: async (delivery: Delivery) => void events.push(delivery),
    ledger: { ...ledger, audit: async (entry: AuditEntry) => void events.push(entry) },
    clock: { now: () => new Date('2026-05-01T12:00:00Z') },
    tracker: { ...deskWith(), search },
  };
  return { events, ports };
}

const query = { jql: 'project = IT', page: null, projects: ['IT'] };
const pageOf = (size: number) => Array.from({ length: size }, () => issueWith());
const slow = new RateLimitedError('slow', { retryAfterMs: 1234, scope: 'site' });

describe('queueing tickets for a new decision', () => {
  test('each is a delivery of its own, like any other that comes in', async () => {
    const { events, ports } = openDesk([]);
    await reclassify(
      [
        { id: '1', key: 'IT-1' },
        { id: '1', key: 'IT-1' },
      ],
      { ...HOW, onlyChanged: true },
      ports,
    );
    expect(events).toMatchObject([
      {
        door: 'admin',
        event: 'reclassify',
        issueId: '1',
        issueKey: 'IT-1',
        plan: { kind: 'do', intent: 'triage', isForced: false, overridesHumans: false },
      },
      { issueId: '1' },
    ]);
    expect(new Set(events.map((event) => 'contentHash' in event && event.contentHash)).size).toBe(2);
  });

  test('over people’s values, each page is on record before anything of it is queued', async () => {
    const pages = [pageOf(2), pageOf(1)];
    const { events, ports } = openDesk(pages);
    await reclassifyQuery(query, { ...HOW, overrideHumans: true }, ports);
    const [first, second] = pages.map((issues) => issues.map(({ key }) => key).join(' '));
    const told = events.map((event) => ('action' in event ? event.detail : 'delivery'));
    expect(told).toEqual([first, 'delivery', 'delivery', second, 'delivery']);
    expect(events[0]).toMatchObject({ actor: 'lena', action: 'override-humans', at: '2026-05-01T12:00:00.000Z' });
  });

  test('what a person names goes before new tickets, what a query finds behind them', async () => {
    const { events, ports } = openDesk([pageOf(1)]);
    await reclassify([{ id: '1', key: 'IT-1' }], HOW, ports);
    await reclassifyQuery(query, HOW, ports);
    expect(events.map((event) => 'plan' in event && 'isBulk' in event.plan)).toEqual([false, true]);
  });

  test('no tickets are no act', async () => {
    const { events, ports } = openDesk([[]]);
    expect(await reclassifyQuery(query, { ...HOW, overrideHumans: true }, ports)).toMatchObject({
      queued: 0,
      next: null,
    });
    expect(events).toEqual([]);
  });
});

describe('walking a query', () => {
  test('takes about a thousand per call and goes on where it stopped', async () => {
    const { events, ports } = openDesk(Array.from({ length: 23 }, () => pageOf(50)));
    const first = await reclassifyQuery(query, HOW, ports);
    expect(first).toEqual({ queued: 1000, foreign: 0, next: '20', retryAfterMs: 0 });
    const rest = await reclassifyQuery({ ...query, page: first.next }, HOW, ports);
    expect(rest).toEqual({ queued: 150, foreign: 0, next: null, retryAfterMs: 0 });
    expect(events).toHaveLength(1150);
  });

  test('when Jira asks to slow down, says what was done and where and when to go on', async () => {
    const { ports } = openDesk([pageOf(3), slow]);
    expect(await reclassifyQuery(query, HOW, ports)).toEqual({ queued: 3, foreign: 0, next: '1', retryAfterMs: 1234 });
    const atOnce = openDesk([slow]);
    await expect(reclassifyQuery(query, HOW, atOnce.ports)).rejects.toThrow(TransientError);
  });

  test('what Jira refuses is told', async () => {
    const { ports } = openDesk([new PermanentError('Jira answered 400: no such field')]);
    await expect(reclassifyQuery(query, HOW, ports)).rejects.toThrow('no such field');
  });
});
