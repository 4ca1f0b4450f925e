import { afterEach, describe, expect, test } from 'vitest';
import { RateLimitedError } from '../../src/domain/errors.ts';
import type { Tracker } from '../../src/domain/ports/tracker.ts';
import { type Clockwork, closeDesks, editWith, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

/** Edits again and again, coming back when it is told to; returns how often it was told. */
async function editOften(tracker: Tracker, timer: Clockwork, keys: readonly string[]): Promise<RateLimitedError[]> {
  const told: RateLimitedError[] = [];
  for (const [index, key] of keys.entries()) {
    const edit = () => tracker.edit(key, editWith({ update: { labels: [{ add: `x-${index}` }] } }));
    try {
      await edit();
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error;
      told.push(error);
      timer.turn(error.retryAfterMs);
      expect(await edit()).toEqual({ kind: 'done' });
    }
  }
  return told;
}

describe('Jira’s limits', () => {
  test('on one issue are kept before Jira has to say so', async () => {
    const { site, tracker, timer, key } = await openDesk({ isTimed: true });
    const told = await editOften(
      tracker,
      timer,
      Array.from({ length: 250 }, () => key),
    );
    expect(told.length).toBeGreaterThan(3);
    for (const { scope } of told) expect(scope).toBe('issue');
    expect(site.requests.statuses()).toEqual({ 204: 250 });
    expect(site.issue(key)?.labels).toHaveLength(251);
  });

  test('on each kind of request are kept before Jira has to say so', async () => {
    const burstPerSecond = { GET: 100, POST: 100, PUT: 50 };
    const { site, tracker, timer } = await openDesk({ isTimed: true, burstPerSecond });
    const keys = Array.from({ length: 300 }, () => site.addIssue({ projectKey: 'DESK', summary: 'x' }).key);
    const startedAt = timer.now();
    expect(await editOften(tracker, timer, keys)).toEqual([]);
    expect(site.requests.statuses()).toEqual({ 204: 300 });
    expect((timer.now() - startedAt) / 1_000).toBeCloseTo(300 / 50, 0);
  });

  test('that Jira tells are kept without asking again', async () => {
    const { site, tracker, timer, exchanges, key } = await openDesk({ isTimed: true });
    site.faults.burst({ match: { method: 'PUT' }, retryAfterSeconds: 60 });
    const edit = () => tracker.edit(key, editWith());
    await expect(edit()).rejects.toMatchObject({ retryAfterMs: 60_000, scope: 'endpoint' });
    timer.turn(20_000);
    await expect(edit()).rejects.toMatchObject({ retryAfterMs: 40_000, scope: 'endpoint' });
    expect(await tracker.issue(key)).toMatchObject({ key });
    expect(site.requests.count({ method: 'PUT' })).toBe(1);
    timer.turn(39_500);
    expect(await edit()).toEqual({ kind: 'done' });
    expect(exchanges.at(-1)).toMatchObject({ method: 'PUT', waitedMs: 500, status: 204 });
  });

  test('that an edit waits for do not keep it from being held back when its turn has come', async () => {
    const { site, tracker, timer, key } = await openDesk({ isTimed: true });
    site.faults.burst({ match: { method: 'PUT' }, retryAfterSeconds: 1 });
    await expect(tracker.edit(key, editWith())).rejects.toThrow(RateLimitedError);
    const startedAt = timer.now();
    const asked: number[] = [];
    const goAhead = async () => {
      asked.push(timer.now() - startedAt);
      if (asked.length === 1) throw new Error('another worker has taken it over');
    };
    await expect(tracker.edit(key, editWith({ goAhead }))).rejects.toThrow('taken it over');
    expect(site.edits(key)).toEqual([]);
    expect(await tracker.edit(key, editWith({ goAhead }))).toEqual({ kind: 'done' });
    expect(asked[0]).toBeGreaterThanOrEqual(1_000);
    expect(asked).toHaveLength(2);
  });

  test('that Jira tells of one issue leave the others alone', async () => {
    const { site, tracker, key } = await openDesk({ isTimed: true });
    const other = site.addIssue({ projectKey: 'DESK', summary: 'x' }).key;
    site.faults.perIssue({ match: { method: 'PUT' }, retryAfterSeconds: 5 });
    await expect(tracker.edit(key, editWith())).rejects.toMatchObject({ scope: 'issue' });
    await expect(tracker.putInternalNote(key, ['x'])).rejects.toMatchObject({ retryAfterMs: 5_000, scope: 'issue' });
    expect(await tracker.edit(other, editWith())).toEqual({ kind: 'done' });
  });

  test('of an hour are the longest we believe', async () => {
    const { site, tracker, key } = await openDesk({ isTimed: true });
    site.faults.quota({ retryAfterSeconds: 1_000_000_000 });
    await expect(tracker.issue(key)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    await expect(tracker.search('project = DESK', null)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
  });
});
