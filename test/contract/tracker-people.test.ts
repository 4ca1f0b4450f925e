import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../src/domain/errors.ts';
import { closeDesks, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('who we are and who may be assigned', () => {
  test('is asked once', async () => {
    const { site, tracker } = await openDesk();
    expect(await tracker.myself()).toEqual({ accountId: site.botId, displayName: 'Triage Bot' });
    expect(await tracker.myself()).toEqual({ accountId: site.botId, displayName: 'Triage Bot' });
    expect(site.requests.count({ path: 'myself' })).toBe(1);
  });

  test('is asked again after it failed', async () => {
    const { site, tracker } = await openDesk();
    site.faults.unavailable();
    await expect(tracker.myself()).rejects.toThrow(TransientError);
    expect(await tracker.myself()).toMatchObject({ accountId: site.botId });
  });

  test('agents may be assigned; customers, inactive people and strangers may not', async () => {
    const { site, tracker, key } = await openDesk();
    site.addUser({ accountId: 'agent-gone', displayName: 'Gone', active: false });
    const answers = ['agent-ada', 'customer-cy', 'agent-gone', 'nobody-knows'].map((id) =>
      tracker.isAssignable(key, id),
    );
    expect(await Promise.all(answers)).toEqual([true, false, false, false]);
  });

  test('who could be assigned a moment ago is not asked about again by whom that is enough', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.isAssignable(key, 'agent-ada', 60_000)).toBe(true);
    site.administer({ kind: 'user', accountId: 'agent-ada', change: { active: false } });
    expect(await tracker.isAssignable(key, 'agent-ada', 60_000)).toBe(true);
    expect(await tracker.isAssignable(key, 'agent-ada')).toBe(false);
    expect(await tracker.isAssignable(key, 'agent-ada', 60_000)).toBe(false);
    expect(site.requests.count()).toBe(2);
  });

  test('an account that Jira could not even look up is not assignable', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.isAssignable(key, '')).toBe(false);
    expect(await tracker.isAssignable(key, 'x'.repeat(100_000))).toBe(false);
    expect(site.requests.count()).toBe(0);
  });
});

describe('a person', () => {
  test('is active until somebody deactivates the account', async () => {
    const { site, tracker } = await openDesk();
    const ada = { accountId: 'agent-ada', displayName: 'Ada Agent' };
    expect(await tracker.person('agent-ada')).toEqual({ ...ada, isActive: true });
    site.administer({ kind: 'user', accountId: 'agent-ada', change: { active: false } });
    expect(await tracker.person('agent-ada')).toEqual({ ...ada, isActive: false });
  });

  test.each(['nobody-knows', '', '__proto__', '../myself?x=#', '张伟', 'x'.repeat(100_000)])(
    'with the account id %.20j is nobody',
    async (accountId) => {
      const { tracker } = await openDesk();
      expect(await tracker.person(accountId)).toBeNull();
    },
  );

  test('cannot be looked up without the right to', async () => {
    const { site, tracker } = await openDesk();
    site.setPermission('USER_PICKER', false);
    await expect(tracker.person('agent-ada')).rejects.toThrow(TransientError);
  });
});

describe('who leads a component', () => {
  const projects = [{ key: 'DESK', components: ['Email', 'Network'], componentLeads: { Email: 'agent-ada' } }];

  test('is told by its name', async () => {
    const { tracker } = await openDesk({ projects });
    expect(await tracker.componentLead('DESK', 'Email')).toBe('agent-ada');
    expect(await tracker.componentLead('DESK', 'Network')).toBeNull();
    expect(await tracker.componentLead('DESK', 'email')).toBeNull();
    expect(await tracker.componentLead('DESK', '__proto__')).toBeNull();
  });

  test('is nobody in a project that is gone or hidden', async () => {
    const { tracker } = await openDesk({ projects: [...projects, { key: 'HR', components: ['Pay'], hidden: true }] });
    expect(await tracker.componentLead('GONE', 'Email')).toBeNull();
    expect(await tracker.componentLead('HR', 'Pay')).toBeNull();
  });

  test('is asked once in five minutes, whoever asks and however many at once', async () => {
    const { site, tracker, timer } = await openDesk({ projects, isTimed: true });
    const ask = () => tracker.componentLead('DESK', 'Email');
    expect(await Promise.all([ask(), ask(), tracker.componentLead('DESK', 'Network')])).toEqual([
      'agent-ada',
      'agent-ada',
      null,
    ]);
    site.administer({ kind: 'component-lead', projectKey: 'DESK', component: 'Email', accountId: 'agent-ben' });
    timer.turn(299_000);
    expect(await ask()).toBe('agent-ada');
    timer.turn(1_000);
    expect(await ask()).toBe('agent-ben');
    expect(site.requests.count({ path: 'components' })).toBe(2);
  });

  test('is asked again after it failed', async () => {
    const { site, tracker } = await openDesk({ projects });
    site.faults.unavailable();
    await expect(tracker.componentLead('DESK', 'Email')).rejects.toThrow(TransientError);
    expect(await tracker.componentLead('DESK', 'Email')).toBe('agent-ada');
  });

  test.each(['', 'desk', '../myself', 'DESK/../..', 'DESK?x'])('refuses %j as a project', async (project) => {
    const { site, tracker } = await openDesk();
    await expect(tracker.componentLead(project, 'Email')).rejects.toThrow(PermanentError);
    expect(site.requests.count()).toBe(0);
  });
});
