import { afterEach, describe, expect, test } from 'vitest';
import { PermanentError, TransientError } from '../../src/domain/errors.ts';
import { closeDesks, LOCKED, ORGANIZATIONS, openDesk, REQUEST_TYPE, TEAM } from './support/jira-desk.ts';

afterEach(closeDesks);

const HOUR_MS = 3_600_000;
const request = (custom: Readonly<Record<string, string>>) => ({
  projectKey: 'DESK',
  summary: 'New laptop',
  custom: { ...custom },
});

describe('the fields of the site', () => {
  test('are told by id, and a deleted one is missed within five minutes', async () => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    expect((await tracker.fields()).get(TEAM)).toBe('Team');
    expect((await tracker.fields()).get('priority')).toBe('Priority');
    site.administer({ kind: 'delete-field', fieldId: TEAM });
    timer.turn(299_000);
    expect((await tracker.fields()).has(TEAM)).toBe(true);
    timer.turn(1_000);
    expect((await tracker.fields()).has(TEAM)).toBe(false);
    expect(site.requests.count({ path: '/field' })).toBe(1);
  });

  test.each([
    ['are refused', { status: 400, body: {} }, PermanentError],
    ['are forbidden', { status: 403, body: {} }, TransientError],
    ['are none, as for a stranger', { status: 200, body: [] }, TransientError],
  ])('that %s throw: nobody may take them for deleted', async (_what, answer, error) => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    timer.turn(HOUR_MS);
    site.faults.next({ match: { path: '/field' }, ...answer });
    await expect(tracker.fields()).rejects.toThrow(error);
  });
});

describe('request type and organisations', () => {
  test('are found by what made their fields, whatever their ids', async () => {
    const customFields = [
      { id: 'customfield_20001', name: 'Anfragetyp', kind: 'request-type' as const },
      { id: 'customfield_20002', name: '组织', kind: 'organizations' as const },
    ];
    const { site, tracker } = await openDesk({ customFields });
    const { key } = site.addIssue(
      request({ customfield_20001: 'Neuer Laptop', customfield_20002: 'ACME, Inc.|北京|ACME, Inc.' }),
    );
    const expected = { requestType: 'Neuer Laptop', organizations: ['ACME, Inc.', '北京'] };
    expect(await tracker.issue(key)).toMatchObject(expected);
    expect((await tracker.search(`key = ${key}`, null)).issues).toMatchObject([expected]);
  });

  test('are null and none on an issue without them, and on a site without Jira Service Management', async () => {
    const { tracker, key } = await openDesk();
    expect(await tracker.issue(key)).toMatchObject({ requestType: null, organizations: [] });
    const plain = await openDesk({ customFields: [] });
    expect(await plain.tracker.issue(plain.key)).toMatchObject({ requestType: null, organizations: [] });
  });

  test('changed by a person are told in the history under their own names too', async () => {
    const { site, tracker } = await openDesk();
    const { key } = site.addIssue(request({ [REQUEST_TYPE]: 'Laptop' }));
    site.editAs('agent-ada', key, { custom: { [REQUEST_TYPE]: 'Access', [ORGANIZATIONS]: 'ACME' } });
    const changed = (await tracker.issue(key))?.changes.map(({ fieldId, from, to }) => [fieldId, from, to]);
    expect(changed).toHaveLength(4);
    expect(changed).toEqual(
      expect.arrayContaining([
        [REQUEST_TYPE, 'Laptop', 'Access'],
        ['requestType', 'Laptop', 'Access'],
        [ORGANIZATIONS, null, 'ACME'],
        ['organization', null, 'ACME'],
      ]),
    );
  });

  test('are looked for again every hour, in one request for all who read issues', async () => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    const { key } = site.addIssue(request({ [REQUEST_TYPE]: 'Laptop' }));
    timer.turn(HOUR_MS - 1);
    await Promise.all([tracker.issue(key), tracker.issue(key)]);
    expect(site.requests.count({ path: '/field' })).toBe(0);
    timer.turn(1);
    await Promise.all([tracker.issue(key), tracker.issue(key)]);
    expect(site.requests.count({ path: '/field' })).toBe(1);
  });

  test('are left out while Jira does not let us read fields, without asking for them again and again', async () => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    const { key } = site.addIssue(request({ [REQUEST_TYPE]: 'Laptop' }));
    timer.turn(HOUR_MS);
    site.faults.next({ match: { path: '/field' }, status: 403, body: {} });
    expect(await tracker.issue(key)).toMatchObject({ key, requestType: null, organizations: [] });
    expect(await tracker.issue(key)).toMatchObject({ requestType: null });
    expect(site.requests.count({ path: '/field' })).toBe(1);
    timer.turn(300_000);
    expect(await tracker.issue(key)).toMatchObject({ requestType: 'Laptop' });
  });

  test('are read with the fields last known while Jira is in trouble', async () => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    const { key } = site.addIssue(request({ [REQUEST_TYPE]: 'Laptop' }));
    await tracker.issue(key);
    timer.turn(HOUR_MS);
    site.faults.unavailable({ match: { path: '/field' } });
    expect(await tracker.issue(key)).toMatchObject({ requestType: 'Laptop' });
  });

  test('are read with the fields last known when we are no longer let read fields: their ids stay what they were', async () => {
    const { site, tracker, timer } = await openDesk({ isTimed: true });
    const { key } = site.addIssue(request({ [REQUEST_TYPE]: 'Laptop' }));
    await tracker.issue(key);
    timer.turn(HOUR_MS);
    site.faults.next({ match: { path: '/field' }, status: 403, body: {} });
    expect(await tracker.issue(key)).toMatchObject({ requestType: 'Laptop' });
  });

  test('keep an issue from being read while nothing was ever known of the fields', async () => {
    const { site, tracker, timer, key } = await openDesk({ isTimed: true });
    timer.turn(HOUR_MS);
    site.faults.unavailable({ match: { path: '/field' } });
    await expect(tracker.issue(key)).rejects.toThrow(TransientError);
    expect(await tracker.issue(key)).toMatchObject({ key });
  });

  test('a deleted field of the playbook does not keep an issue from being read', async () => {
    const { site, tracker, key } = await openDesk();
    site.administer({ kind: 'delete-field', fieldId: TEAM });
    const issue = await tracker.issue(key);
    expect(issue?.editable.has(TEAM)).toBe(false);
    expect(Object.keys(issue?.custom ?? {})).toContain(LOCKED);
    expect(Object.keys(issue?.custom ?? {})).not.toContain(TEAM);
  });
});

describe('where issues are', () => {
  const projects = [{ key: 'DESK', components: ['Email'] }, { key: 'NET' }, { key: 'HR', hidden: true }];

  test('is told by id; what is gone, hidden or no id is missing', async () => {
    const { site, tracker, id, key } = await openDesk({ projects, bot: { hiddenSecurityLevels: ['Board'] } });
    const add = (projectKey: string, securityLevel: string | null = null) =>
      site.addIssue({ projectKey, summary: 'x', securityLevel }).id;
    const [staff, board, hr, gone] = [add('DESK', 'Staff'), add('DESK', 'Board'), add('HR'), add('DESK')];
    site.deleteIssue(gone);
    site.moveIssue(key, 'NET-7');
    const found = await tracker.whereabouts([staff, board, hr, gone, id, id, '999999', key, 'x', '', '__proto__']);
    expect(Object.fromEntries(found)).toEqual({
      [id]: { project: 'NET', securityLevel: null },
      [staff]: { project: 'DESK', securityLevel: 'Staff' },
    });
  });

  test('of none is none, without a request; more than a hundred are refused', async () => {
    const { site, tracker } = await openDesk();
    expect(await tracker.whereabouts([])).toEqual(new Map());
    expect(await tracker.whereabouts(['nothing', 'here'])).toEqual(new Map());
    const ids = Array.from({ length: 101 }, (_, index) => String(index + 1));
    await expect(tracker.whereabouts(ids)).rejects.toThrow(PermanentError);
    expect(site.requests.count()).toBe(0);
    expect(await tracker.whereabouts(ids.slice(1))).toEqual(new Map());
  });

  test('is null for one that Jira could not look up, so that nobody takes it for gone, and told of the others', async () => {
    const { site, tracker, id } = await openDesk();
    const other = { id: '20002', key: 'DESK-9', fields: { project: { key: 'DESK' } } };
    const body = { issues: [other], issueErrors: [{ id, errorMessage: 'try again' }] };
    site.faults.next({ match: { path: 'bulkfetch' }, status: 200, body });
    const here = { project: 'DESK', securityLevel: null };
    expect(await tracker.whereabouts([id, '20002', '20003'])).toEqual(
      new Map([
        [id, null],
        ['20002', here],
      ]),
    );
  });

  test('is null for all that are not told where Jira does not say which one it could not look up', async () => {
    const { site, tracker, id } = await openDesk();
    site.faults.next({ match: { path: 'bulkfetch' }, status: 200, body: { issues: [], issueErrors: [{}] } });
    expect(await tracker.whereabouts([id])).toEqual(new Map([[id, null]]));
  });
});
