import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { closeDesks, editWith, LOCKED, openDesk, TEAM } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('reading an issue', () => {
  test('gives every field in our words', async () => {
    const { site, tracker } = await openDesk({ timeZoneOffset: '+0530' });
    const { id, key } = site.addIssue({
      projectKey: 'DESK',
      summary: 'Cannot print\u200b',
      description: 'h1. Help\n\n* first\n* second',
      issueType: 'Incident',
      reporter: 'customer-cy',
      priority: 'High',
      labels: ['vip', 'cat-printing'],
      components: ['Hardware', 'Network'],
      assignee: 'agent-ada',
      custom: { [TEAM]: 'Desktop', [LOCKED]: 'imported' },
      created: '2026-04-25T13:05:13.605Z',
    });
    expect(await tracker.issue(key)).toMatchObject({
      id,
      key,
      project: 'DESK',
      issueType: 'Incident',
      summary: 'Cannot print',
      text: 'Help\nfirst\n\nsecond',
      reporter: { accountId: 'customer-cy', displayName: 'Cy Customer' },
      labels: ['cat-printing', 'vip'],
      components: ['Hardware', 'Network'],
      priority: 'High',
      assignee: 'agent-ada',
      status: 'To Do',
      isFinished: false,
      created: '2026-04-25T13:05:13.605Z',
      resolved: null,
      securityLevel: null,
      custom: { [TEAM]: { value: 'Desktop' }, [LOCKED]: 'imported' },
      mark: null,
    });
  });

  test('an issue with nothing in it is read as empty', async () => {
    const { site, tracker } = await openDesk();
    const { id } = site.addIssue({ projectKey: 'DESK', summary: 'Empty' });
    expect(await tracker.issue(id)).toMatchObject({
      text: '',
      labels: [],
      components: [],
      assignee: null,
      changes: [],
    });
  });

  test('a finished issue says so, with the time it was resolved', async () => {
    const { site, tracker } = await openDesk();
    const resolved = '2026-02-02T00:00:00.000Z';
    const { key } = site.addIssue({
      projectKey: 'DESK',
      summary: 'Old',
      status: 'Done',
      resolution: 'Done',
      created: '2026-02-01T00:00:00Z',
      resolved,
      securityLevel: 'Staff',
    });
    expect(await tracker.issue(key)).toMatchObject({ isFinished: true, resolved, securityLevel: 'Staff' });
  });

  test('tells what may be edited, and the values each field takes', async () => {
    const { tracker, key } = await openDesk();
    const editable = (await tracker.issue(key))?.editable;
    expect(editable?.get(TEAM)).toEqual({ allowed: ['Desktop', 'Network'] });
    expect(editable?.get('components')).toEqual({ allowed: ['Email', 'Hardware', 'Network'] });
    expect(editable?.get('priority')).toEqual({ allowed: ['Highest', 'High', 'Medium', 'Low', 'Lowest'] });
    expect(editable?.get('labels')).toEqual({ allowed: null });
    expect(editable?.get('assignee')).toEqual({ allowed: null });
    expect(editable?.has(LOCKED)).toBe(false);
  });

  test('a brief look tells the same but for what may be edited', async () => {
    const { tracker, key } = await openDesk();
    const whole = await tracker.issue(key);
    expect(whole?.editable.size).toBeGreaterThan(0);
    expect(await tracker.issue(key, 'brief')).toEqual({ ...whole, editable: new Map() });
  });

  test('nothing is editable without the right to edit', async () => {
    const { site, tracker, key } = await openDesk();
    site.setPermission('EDIT_ISSUES', false);
    const editable = (await tracker.issue(key))?.editable;
    expect(editable?.has('labels')).toBe(false);
    expect(editable?.has(TEAM)).toBe(false);
  });

  test('tells who changed what, newest first', async () => {
    const { site, tracker, key } = await openDesk();
    site.editAs('agent-ada', key, { addLabels: ['cat-network'], at: '2026-05-01T10:00:00Z' });
    site.editAs('agent-ben', key, { components: ['Network'], at: '2026-05-01T11:00:00Z' });
    site.editAs('agent-ben', key, { assignee: 'agent-ada', priority: 'High', at: '2026-05-01T12:00:00Z' });
    const changes = (await tracker.issue(key))?.changes ?? [];
    expect(changes.map(({ at }) => at)).toEqual([...changes.map(({ at }) => at)].sort().reverse());
    expect(changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ fieldId: 'labels', from: 'vip', to: 'cat-network vip', by: 'agent-ada' }),
        expect.objectContaining({ fieldId: 'components', by: 'agent-ben' }),
        expect.objectContaining({ fieldId: 'assignee', from: null, to: 'agent-ada', at: '2026-05-01T12:00:00.000Z' }),
        expect.objectContaining({ fieldId: 'priority', to: 'High' }),
      ]),
    );
  });

  test('is null when the issue is gone, and when it was never visible', async () => {
    const { site, tracker, id, key } = await openDesk({
      projects: [
        { key: 'DESK', components: ['Email'] },
        { key: 'HR', hidden: true },
      ],
    });
    const hidden = site.addIssue({ projectKey: 'HR', summary: 'Raise' });
    site.deleteIssue(key);
    expect(await tracker.issue(id)).toBeNull();
    expect(await tracker.issue(hidden.key)).toBeNull();
    expect(await tracker.issue('DESK-999')).toBeNull();
  });

  test('follows an issue that moved to another project', async () => {
    const { site, tracker, id, key } = await openDesk({
      projects: [{ key: 'DESK', components: ['Email'] }, { key: 'NET' }],
    });
    site.moveIssue(key, 'NET-7');
    expect(await tracker.issue(key)).toMatchObject({ id, key: 'NET-7', project: 'NET' });
  });

  test.each(['../../x', '../../../api/3/myself?x=#', 'DESK-1/comment', 'desk-1', '', '-1', '1 2'])(
    'refuses %j as an id before anything is sent',
    async (id) => {
      const { site, tracker } = await openDesk();
      await expect(tracker.issue(id)).rejects.toThrow(PermanentError);
      await expect(tracker.edit(id, editWith())).rejects.toThrow(PermanentError);
      await expect(tracker.putInternalNote(id, ['hi'])).rejects.toThrow(PermanentError);
      await expect(tracker.isAssignable(id, 'agent-ada')).rejects.toThrow(PermanentError);
      expect(site.requests.count({ path: 'issue' })).toBe(0);
    },
  );
});
