import { afterEach, describe, expect, test } from 'vitest';
import { withoutWrites } from '../../src/adapters/jira/dry-run.ts';
import { MARK_KEY } from '../../src/adapters/jira/issue-schema.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { ask } from '../fakes/jira/probe/caller.ts';
import { closeDesks, editWith, LOCKED, mark, openDesk, TEAM } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('editing', () => {
  test('is one accepted edit that changes the fields and leaves its mark', async () => {
    const { site, tracker, id, key } = await openDesk();
    const edit = editWith({
      fields: { priority: { name: 'High' }, assignee: { accountId: 'agent-ada' }, [TEAM]: { value: 'Network' } },
      update: {
        labels: [{ add: 'cat-network' }],
        components: [{ add: { name: 'Network' } }, { remove: { name: 'Email' } }],
      },
    });
    expect(await tracker.edit(id, edit)).toEqual({ kind: 'done' });
    expect(site.issue(key)).toMatchObject({
      labels: ['cat-network', 'vip'],
      components: ['Network'],
      priority: 'High',
      assignee: 'agent-ada',
      custom: { [TEAM]: 'Network' },
      properties: { [MARK_KEY]: mark },
    });
    expect(site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
    expect(site.requests.count({ method: 'PUT' })).toBe(1);
    const issue = await tracker.issue(id);
    expect(issue?.mark).toEqual(mark);
    expect(issue?.changes.every(({ by }) => by === site.botId)).toBe(true);
  });

  test('clears what it is told to clear', async () => {
    const { site, tracker, key } = await openDesk();
    site.editAs('agent-ada', key, { assignee: 'agent-ada', custom: { [TEAM]: 'Network' } });
    await tracker.edit(key, editWith({ fields: { assignee: null, [TEAM]: null }, update: {} }));
    expect(site.issue(key)).toMatchObject({ assignee: null, custom: {} });
  });

  test.each([
    ['a value that is not allowed', { fields: { [TEAM]: { value: 'Nowhere' } } }, TEAM],
    ['a field that is locked', { fields: { [LOCKED]: 'x' } }, LOCKED],
    ['a person who cannot be assigned', { fields: { assignee: { accountId: 'customer-cy' } } }, 'assignee'],
    ['a label with a space', { update: { labels: [{ add: 'cat-two words' }] } }, 'labels'],
  ])('%s is refused with the reason, and nothing of the edit lands', async (_what, parts, field) => {
    const { site, tracker, key } = await openDesk();
    const result = await tracker.edit(key, editWith({ update: { labels: [{ add: 'cat-network' }] }, ...parts }));
    expect(result).toEqual({ kind: 'refused', reason: expect.stringContaining(`400: ${field}`) });
    expect(site.issue(key)).toMatchObject({ labels: ['vip'], properties: {} });
    expect(site.edits(key)).toEqual([]);
  });

  test('is refused without the right to edit', async () => {
    const { site, tracker, key } = await openDesk();
    site.setPermission('EDIT_ISSUES', false);
    expect(await tracker.edit(key, editWith())).toMatchObject({ kind: 'refused' });
    expect(site.edits(key)).toEqual([]);
  });

  test('of an issue that is gone says gone', async () => {
    const { site, tracker, id, key } = await openDesk();
    site.deleteIssue(key);
    expect(await tracker.edit(id, editWith())).toEqual({ kind: 'gone' });
  });

  test('without mails to watchers sends the flag when we are an admin', async () => {
    const { site, tracker, key } = await openDesk({ bot: { admin: true } });
    expect(await tracker.edit(key, editWith({ notifyUsers: false }))).toEqual({ kind: 'done' });
    expect(site.requests.list({ method: 'PUT' })).toMatchObject([{ query: { notifyUsers: 'false' }, status: 204 }]);
  });

  test('without mails to watchers still edits once when we are no admin', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.edit(key, editWith({ notifyUsers: false }))).toEqual({ kind: 'done' });
    expect(site.issue(key)?.labels).toEqual(['cat-network', 'vip']);
    expect(site.edits(key).filter(({ kind }) => kind === 'edit')).toHaveLength(1);
    expect(site.requests.list({ method: 'PUT' }).map(({ status }) => status)).toEqual([400, 204]);
  });

  test('that loses its answer has still landed, and its mark tells', async () => {
    const { site, tracker, key } = await openDesk();
    site.faults.next({ match: { method: 'PUT' }, status: 502, html: 'bad gateway', applied: true });
    await expect(tracker.edit(key, editWith())).rejects.toThrow(TransientError);
    expect((await tracker.issue(key))?.mark?.decisionId).toBe('d-1');
    expect(site.requests.count({ method: 'PUT' })).toBe(1);
  });

  test('an older mark, or somebody else’s, is no mark of ours', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.edit(key, editWith({ mark: { ...mark, values: {} } }));
    expect((await tracker.issue(key))?.mark).toEqual({ ...mark, values: {} });
    await ask(`${site.url}/rest/api/3/issue/${key}/properties/${MARK_KEY}`, { method: 'PUT', body: { else: 1 } });
    expect((await tracker.issue(key))?.mark).toBeNull();
  });
});

describe('a dry run', () => {
  test('reads everything and sends no change', async () => {
    const { site, tracker, key } = await openDesk();
    const dry = withoutWrites(tracker);
    expect(await dry.issue(key)).toMatchObject({ key });
    expect(await dry.edit(key, editWith())).toEqual({ kind: 'dry-run' });
    expect(await dry.putInternalNote(key, ['hi'])).toEqual({ kind: 'dry-run' });
    expect(site.requests.list().filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(site.issue(key)).toMatchObject({ labels: ['vip'], comments: [], properties: {} });
  });
});
