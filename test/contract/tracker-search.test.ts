import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
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
