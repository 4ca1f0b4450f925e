import { afterEach, describe, expect, test } from 'vitest';
import { TransientError } from '../../src/domain/errors.ts';
import { closeDesks, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

type Site = Awaited<ReturnType<typeof openDesk>>['site'];

/** So many changes by a person, a minute apart, after one of the component. */
function changeOften(site: Site, key: string, count: number): void {
  const at = (minute: number) => Date.parse('2026-05-01T00:00:00Z') + minute * 60_000;
  site.editAs('agent-ben', key, { components: ['Network'], at: at(0), silent: true });
  for (let minute = 1; minute <= count; minute += 1)
    site.editAs('agent-ada', key, { summary: `Version ${minute}`, at: at(minute), silent: true });
}

describe('a long history', () => {
  test.each([99, 100, 350])('of a component and %i more changes is read whole, newest first', async (count) => {
    const { site, tracker, key } = await openDesk();
    changeOften(site, key, count);
    const issue = await tracker.issue(key);
    const times = issue?.changes.map(({ at }) => at) ?? [];
    expect(issue?.isHistoryWhole).toBe(true);
    expect(issue?.changes).toHaveLength(count + 2);
    expect(times).toEqual([...times].sort().reverse());
    expect(issue?.changes.filter(({ fieldId }) => fieldId === 'components')).toHaveLength(2);
    expect(issue?.changes.filter(({ fieldId }) => fieldId === 'summary')).toHaveLength(count);
  });

  test('tells changes of one moment in their order', async () => {
    const { site, tracker, key } = await openDesk();
    for (let count = 1; count <= 250; count += 1)
      site.editAs('agent-ada', key, { summary: `Version ${count}`, at: 0, silent: true });
    const told = (await tracker.issue(key))?.changes.map(({ to }) => to);
    expect(told).toEqual(Array.from({ length: 250 }, (_, index) => `Version ${250 - index}`));
  });

  test('costs nothing while the issue tells all of it', async () => {
    const { site, tracker, key } = await openDesk();
    changeOften(site, key, 99);
    await tracker.issue(key);
    expect(site.requests.count({ path: 'changelog' })).toBe(0);
  });

  test('beyond eleven hundred changes is read in part and says so', async () => {
    const { site, tracker, key } = await openDesk();
    changeOften(site, key, 1_200);
    const issue = await tracker.issue(key);
    expect(issue?.isHistoryWhole).toBe(false);
    expect(issue?.changes).toHaveLength(1_100);
    expect(issue?.changes[0]).toMatchObject({ to: 'Version 1200' });
    expect(site.requests.count({ path: 'changelog' })).toBe(10);
  });

  test('of an issue that goes meanwhile is that of no issue', async () => {
    const { site, tracker, key } = await openDesk();
    changeOften(site, key, 150);
    site.faults.next({ match: { path: 'changelog' }, status: 404, body: { errorMessages: ['gone'] } });
    expect(await tracker.issue(key)).toBeNull();
    site.faults.unavailable({ match: { path: 'changelog' } });
    await expect(tracker.issue(key)).rejects.toThrow(TransientError);
  });

  test('that ends earlier than it said is not whole', async () => {
    const { site, tracker, key } = await openDesk();
    changeOften(site, key, 150);
    site.faults.next({ match: { path: 'changelog' }, status: 200, body: { values: [], total: 151 } });
    expect(await tracker.issue(key)).toMatchObject({ isHistoryWhole: false });
  });
});

describe('who was assigned', () => {
  test('is told by account, whatever people are called', async () => {
    const { site, tracker, key } = await openDesk();
    site.addUser({ accountId: 'agent-eva', displayName: 'Ada Agent' });
    site.editAs('agent-ben', key, { assignee: 'agent-ada', at: 1_000 });
    site.editAs('agent-ben', key, { assignee: 'agent-eva', at: 2_000 });
    site.editAs('agent-ben', key, { assignee: null, at: 3_000 });
    const moves = (await tracker.issue(key))?.changes.map(({ from, to }) => [from, to]);
    expect(moves).toEqual([
      ['agent-eva', null],
      ['agent-ada', 'agent-eva'],
      [null, 'agent-ada'],
    ]);
  });
});

describe('our mark', () => {
  const base = { decisionId: 'd-1', revision: 'r-1', at: '2026-05-01T00:00:00.000Z', values: {} };

  test.each([
    ['with suggestions', { ...base, suggested: { category: 'network', priority: 'High' } }],
    ['of an older version', base],
  ])('%s is read as it was written', async (_what, mark) => {
    const { tracker, key } = await openDesk();
    await tracker.edit(key, { fields: {}, update: { labels: [{ add: 'x' }] }, mark, notifyUsers: true });
    expect((await tracker.issue(key))?.mark).toEqual(mark);
  });
});
