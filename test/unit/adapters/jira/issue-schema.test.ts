import { describe, expect, test } from 'vitest';
import { parseIssue } from '../../../../src/adapters/jira/issue-schema.ts';

const customer = { requestType: ['customfield_1', 'customfield_2'], organizations: ['customfield_3'] };
const at = '2026-04-25T18:35:13.605+0530';

function issueOf(fields: Readonly<Record<string, unknown>>, items: readonly unknown[] = []) {
  const changelog = { total: 1, histories: [{ created: at, author: { accountId: 'agent-ada' }, items }] };
  const standard = { project: { key: 'DESK' }, created: at, updated: at };
  return parseIssue({ id: '1', key: 'DESK-1', fields: { ...standard, ...fields }, changelog }, customer);
}

describe('a request type', () => {
  test.each([
    [
      'as Jira Service Management tells it',
      { requestType: { id: '11', name: 'Get help' }, currentStatus: {} },
      'Get help',
    ],
    ['as text', 'Get help', 'Get help'],
    ['by name', { name: 'Get help' }, 'Get help'],
    ['in another script, with what cannot be seen', { requestType: { name: ' 请求\u200b帮助 ' } }, '请求帮助'],
    ['of nothing', null, null],
    ['of blanks', '   ', null],
    ['of an unknown shape', { requestType: { name: 7 } }, null],
    ['of a list', ['Get help'], null],
    ['of a number', 7, null],
  ])('%s is read', (_what, value, expected) => {
    expect(issueOf({ customfield_1: value }).requestType).toBe(expected);
  });

  test('is the first that says something, where a site has two such fields', () => {
    expect(issueOf({ customfield_1: null, customfield_2: 'Access' }).requestType).toBe('Access');
  });

  test('is none where no such field is known', () => {
    const { fields, ...rest } = { id: '1', key: 'DESK-1', fields: { project: { key: 'D' }, created: at, updated: at } };
    expect(parseIssue({ ...rest, fields: { ...fields, customfield_1: 'Access' } })).toMatchObject({
      requestType: null,
      organizations: [],
    });
  });
});

describe('organisations', () => {
  test.each([
    [
      'as Jira Service Management tells them',
      [
        { id: '1', name: 'ACME' },
        { id: '2', name: '北京' },
      ],
      ['ACME', '北京'],
    ],
    ['once each', [{ name: 'ACME' }, 'ACME', { name: 'ACME ' }], ['ACME']],
    ['but those that have no name', [{ id: '1' }, null, { name: '' }, { name: 'ACME' }], ['ACME']],
    ['none of nothing', null, []],
    ['none of an unknown shape', { name: 'ACME' }, []],
  ])('are read %s', (_what, value, expected) => {
    expect(issueOf({ customfield_3: value }).organizations).toEqual(expected);
  });
});

describe('a change of the assignee', () => {
  test.each([
    ['by account id', { from: 'a', fromString: 'Ada', to: 'b', toString: 'Ben' }, 'a', 'b'],
    [
      'by account id where the rest is a user name',
      { from: 'ada', to: 'ben', toString: 'Ben', tmpFromAccountId: 'a', tmpToAccountId: 'b' },
      'a',
      'b',
    ],
    ['from nobody', { from: null, fromString: null, to: 'b', toString: 'Ben', tmpFromAccountId: null }, null, 'b'],
    ['to nobody', { from: 'a', fromString: 'Ada', to: null, toString: null }, 'a', null],
  ])('is told %s', (_what, item, from, to) => {
    expect(issueOf({}, [{ field: 'assignee', ...item }]).changes).toMatchObject([{ fieldId: 'assignee', from, to }]);
  });

  test('differs from all others, which are told as people see them', () => {
    const item = { field: 'Component', from: '10', fromString: 'Email', to: '11', toString: 'Network' };
    expect(issueOf({}, [item]).changes).toMatchObject([{ fieldId: 'components', from: 'Email', to: 'Network' }]);
  });
});
