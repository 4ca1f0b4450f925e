import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../src/domain/errors.ts';
import { closeDesks, editWith, mark, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('searching', () => {
  test('goes through short pages to the end, each issue once', async () => {
    const { site, tracker } = await openDesk({ pageLimit: 2 });
    for (let count = 0; count < 4; count += 1) site.addIssue({ projectKey: 'DESK', summary: `Issue ${count}` });
    const keys: string[] = [];
    let pages = 0;
    for (let page: string | null = null, isFirst = true; isFirst || page !== null; isFirst = false) {
      const found = await tracker.search('project = DESK ORDER BY created ASC', page);
      keys.push(...found.issues.map(({ key }) => key));
      page = found.next;
      pages += 1;
    }
    expect(keys.toSorted()).toEqual(
      site
        .issues()
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(pages).toBe(3);
  });

  test('gives whole issues with their marks, and an empty page where nothing matches', async () => {
    const { tracker, key } = await openDesk();
    await tracker.edit(key, editWith());
    const { issues, next } = await tracker.search('project = DESK', null);
    expect(issues).toMatchObject([{ key, summary: 'No network', components: ['Email'], mark, isHistoryWhole: false }]);
    expect(next).toBeNull();
    expect(await tracker.search('project = DESK AND statusCategory = Done', null)).toEqual({ issues: [], next: null });
  });

  test('counts', async () => {
    const { tracker } = await openDesk();
    expect(await tracker.count('project = DESK')).toBe(1);
  });

  test('a query Jira does not understand is a permanent error with its words', async () => {
    const { tracker } = await openDesk();
    const failure = tracker.search('project = = DESK', null);
    await expect(failure).rejects.toThrow(PermanentError);
    await expect(failure).rejects.toThrow(/Jira answered 400: .{10,}/);
  });
});

describe('glimpses of issues', () => {
  test('tell little of each, page by page, with our mark', async () => {
    const { site, tracker, key } = await openDesk({ pageLimit: 1 });
    await tracker.edit(key, editWith());
    const done = site.addIssue({ projectKey: 'DESK', summary: 'Old', status: 'Done', resolution: 'Done' });
    const query = { jql: 'project = "DESK" ORDER BY key ASC', fresh: [] };
    const first = await tracker.glimpse(query, null);
    const { id, created, updated } = site.issue(key) ?? done;
    const times = { created: new Date(created).toISOString(), updated: new Date(updated).toISOString() };
    expect(first.issues).toEqual([{ id, key, project: 'DESK', ...times, isFinished: false, mark }]);
    const second = await tracker.glimpse(query, first.next);
    expect(second).toMatchObject({ issues: [{ key: done.key, isFinished: true, mark: null }], next: null });
  });

  test('show the issues that are asked for past the lag of the index, at most fifty of them', async () => {
    const { site, tracker, timer } = await openDesk({ indexLagMs: 60_000, isTimed: true });
    const { id, key } = await site.createIssue({ projectKey: 'DESK', summary: 'New' });
    const jql = 'project = DESK AND created >= "-5m"';
    const keysFor = async (fresh: readonly string[]) =>
      (await tracker.glimpse({ jql, fresh }, null)).issues.map((issue) => issue.key);
    expect(await keysFor([])).not.toContain(key);
    const others = Array.from({ length: 60 }, (_, index) => String(900_000 + index));
    expect(await keysFor([id, ...others])).toContain(key);
    timer.turn(61_000);
    expect(await keysFor([])).toContain(key);
  });
});

describe('the clock of Jira', () => {
  test.each(['+0000', '+1245', '-0930'])('is read in whatever zone the site is (%s)', async (timeZoneOffset) => {
    const { tracker, timer } = await openDesk({ isTimed: true, timeZoneOffset });
    timer.turn(86_399_999);
    expect(await tracker.serverTime()).toBe(new Date(timer.now()).toISOString());
  });

  test('that Jira does not tell is no time of ours', async () => {
    const { site, tracker } = await openDesk();
    site.faults.next({ match: { path: 'serverInfo' }, status: 200, body: { version: '1001' } });
    await expect(tracker.serverTime()).rejects.toThrow(TransientError);
  });
});
