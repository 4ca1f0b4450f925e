import { describe, expect, test } from 'vitest';
import { withoutWrites } from '../../../../src/adapters/jira/dry-run.ts';
import { TransientError } from '../../../../src/domain/errors.ts';
import type { Tracker } from '../../../../src/domain/ports/tracker.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { apply } from '../../../../src/write-back/apply.ts';
import { ALL_TARGETS, issueWith, playbookWith, TEAM_FIELD } from '../../../support/fixtures.ts';
import { openDesk, portsWith } from '../desk.ts';

const targets = { ...ALL_TARGETS, topics: { kind: 'label', prefix: 'top-', multiple: true, mode: 'auto' } } as const;
const playbook = playbookWith({ targets });
const values = {
  category: 'access',
  priority: 'High',
  component: 'Login',
  team: 'Desk',
  assignee: 'ada',
  topics: 'a b',
};
const ofTeam = (value: string) => ({ custom: { [TEAM_FIELD]: { value } } });

describe('a person who comes in between our look and our edit', () => {
  test.each<[string, Partial<Issue>]>([
    ['category', { labels: ['cat-email', 'vip'] }],
    ['priority', { priority: 'Low' }],
    ['component', { components: ['Mail'] }],
    ['component', { components: ['Mail', 'Printer'] }],
    ['team', ofTeam('Network')],
    ['assignee', { assignee: 'eve' }],
    ['topics', { labels: ['top-c', 'top-b'] }],
  ])('keeps what they set as %s: %j', async (target, parts) => {
    const { tracker, ledger, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, parts));
    const record = await apply(decision.id, playbook, ports);
    expect(record).toMatchObject({ state: 'applied', heldBack: { [target]: 'set-meanwhile-by-a-person' } });
    expect(record.changes).not.toHaveProperty(target);
    expect(Object.keys(record.changes)).toHaveLength(5);
    expect(await ledger.write(decision.id)).toMatchObject(record);
    for (const [field, value] of Object.entries(parts))
      expect(now()).toMatchObject({ [field]: Array.isArray(value) ? expect.arrayContaining(value) : value });
    const family = (prefix: string, labels: readonly string[] = []) => labels.filter((one) => one.startsWith(prefix));
    const prefix = target === 'topics' ? 'top-' : 'cat-';
    if (parts.labels) expect(family(prefix, now().labels).toSorted()).toEqual(family(prefix, parts.labels).toSorted());
    if (parts.components) expect(now().components).toEqual(parts.components);
    expect(tracker.edits).toHaveLength(2);
    expect(now().mark?.values).not.toHaveProperty(target);
    expect(Object.keys(now().mark?.values ?? {})).toHaveLength(5);
  });

  test('to clear a value of ours keeps it cleared', async () => {
    const { tracker, decide, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    await apply(decision.id, playbook, ports);
    const second = await decide({ values: { category: 'email', priority: 'Low' } });
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { labels: ['top-a', 'top-b'], priority: null }));
    expect(await apply(second.id, playbook, ports)).toMatchObject({ state: 'applied', changes: {} });
    expect(now()).toMatchObject({ labels: ['top-a', 'top-b'], priority: null });
  });

  test('to set the very value we write leaves nothing to put back', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { priority: 'High', assignee: 'ada' }));
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now()).toMatchObject({ priority: 'High', assignee: 'ada' });
    expect(tracker.edits).toHaveLength(1);
  });

  test('and again while it is put back keeps the last word', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    for (const priority of ['Low', 'Lowest', 'Medium'])
      tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { priority }));
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now().priority).toBe('Medium');
  });

  test('again and again makes the job start over, and is left with the last word then', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    for (let turn = 0; turn < 6; turn++)
      tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { priority: `P${turn}` }));
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow(TransientError);
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now().priority).toBe('P5');
  });

  test('after our edit has the last word anyway', async () => {
    const { tracker, decision, ports, issue, now, ledger } = await openDesk(issueWith(), { values });
    const late: Tracker = {
      ...tracker,
      edit: async (id, edit) => {
        const result = await tracker.edit(id, edit);
        tracker.editAs('eve', issue.id, { priority: 'Low' });
        return result;
      },
    };
    expect(await apply(decision.id, playbook, portsWith({ tracker: late, ledger }))).toMatchObject({
      changes: { priority: { after: 'High' } },
    });
    expect(now().priority).toBe('Low');
    expect(tracker.edits).toHaveLength(1);
    expect(ports.tracker).toBe(tracker);
  });
});

describe('after a crash', () => {
  const parts = { priority: 'Low', labels: ['cat-email'] };

  test('between our edit and the look after it, what a person had set comes back', async () => {
    const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, parts));
    tracker.loseNextAnswer();
    await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
    expect(await apply(decision.id, playbook, ports)).toMatchObject({ state: 'applied' });
    expect(now()).toMatchObject({ priority: 'Low', labels: expect.arrayContaining(['cat-email']) });
    expect(now().labels).not.toContain('cat-access');
    expect(tracker.edits).toHaveLength(2);
  });

  test('between putting back and recording it, it is not put back twice and not called ours', async () => {
    const { tracker, ledger, decision, ports, issue, now } = await openDesk(issueWith(), { values });
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, parts));
    let writes = 0;
    const losing = {
      ...ledger,
      recordWrite: async (record: Parameters<typeof ledger.recordWrite>[0]) => {
        writes += 1;
        if (writes === 2) throw new Error('crashed');
        return ledger.recordWrite(record);
      },
    };
    await expect(apply(decision.id, playbook, portsWith({ tracker, ledger: losing }))).rejects.toThrow('crashed');
    const record = await apply(decision.id, playbook, ports);
    expect(Object.keys(record.changes)).toEqual(['component', 'team', 'assignee', 'topics']);
    expect(now().priority).toBe('Low');
    expect(tracker.edits).toHaveLength(2);
  });
});

test('says so when Jira does not let it put the value back', async () => {
  const { tracker, ledger, decision, issue } = await openDesk(issueWith(), { values });
  tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { assignee: 'left-us' }));
  const strict: Tracker = {
    ...tracker,
    edit: (id, edit) =>
      tracker.edits.length === 0
        ? tracker.edit(id, edit)
        : Promise.resolve({ kind: 'refused', reason: '400: assignee' }),
  };
  expect(await apply(decision.id, playbook, portsWith({ tracker: strict, ledger }))).toMatchObject({
    state: 'applied',
    reason: 'a value that a person set meanwhile could not be put back: 400: assignee',
  });
});

test('says so when writes were switched off before it could put the value back', async () => {
  const { tracker, ledger, decision, ports, issue } = await openDesk(issueWith(), { values });
  tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { priority: 'Low' }));
  tracker.loseNextAnswer();
  await expect(apply(decision.id, playbook, ports)).rejects.toThrow('lost');
  expect(await apply(decision.id, playbook, portsWith({ tracker: withoutWrites(tracker), ledger }))).toMatchObject({
    state: 'applied',
    reason: 'a value that a person set meanwhile could not be put back: writes are off',
  });
});

test('what was to override people is not put back', async () => {
  const { tracker, decision, ports, issue, now } = await openDesk(issueWith(), { values, overridesHumans: true });
  tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { priority: 'Low' }));
  expect(await apply(decision.id, playbook, ports)).toMatchObject({ changes: { priority: { after: 'High' } } });
  expect(now().priority).toBe('High');
  expect(tracker.edits).toHaveLength(1);
});
