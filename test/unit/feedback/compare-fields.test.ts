import { describe, expect, test } from 'vitest';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { ALL_TARGETS, playbookWith, TEAM_FIELD } from '../../support/fixtures.ts';
import { change, confirmed, judge, overridden, unjudged, WRITTEN } from './support/judged.ts';

describe('each kind of field', () => {
  test.each<
    [
      kind: string,
      target: string,
      values: readonly [ours: string, theirs: string],
      issue: (value: string) => Partial<Issue>,
      field: string,
    ]
  >([
    ['a priority', 'priority', ['High', 'Low'], (priority) => ({ priority }), 'priority'],
    ['a select', 'team', ['Netz & Büro', '网络'], (value) => ({ custom: { [TEAM_FIELD]: { value } } }), TEAM_FIELD],
    ['an assignee', 'assignee', ['ada', 'kim'], (assignee) => ({ assignee }), 'assignee'],
    ['a component', 'component', ['Mail', 'toString'], (value) => ({ components: [value] }), 'components'],
  ])('%s is read as Jira tells it', (_kind, target, [own, theirs], issue, field) => {
    const written = change([field, null, own], WRITTEN);
    const swapped = [change([field, own, null], 90, 'ada'), change([field, null, theirs], 90, 'ada')];
    const replaced = field === 'components' ? swapped : [change([field, own, theirs], 90, 'ada')];
    const values = { [target]: own };
    const acted = { values, changes: [...replaced, written] };
    expect(judge({ ...acted, issue: issue(theirs) })).toMatchObject([overridden(theirs, 'ada', 30)]);
    expect(judge({ values, issue: issue(own), changes: [written] })).toMatchObject([unjudged]);
  });

  test('a component that a person put beside ours leaves ours standing', () => {
    const changes = [change(['components', null, 'Office'], 90, 'ada'), change(['components', null, 'Mail'], WRITTEN)];
    const plot = { values: { component: 'Mail' }, changes };
    expect(judge({ ...plot, issue: { components: ['Office', 'Mail'] } })).toMatchObject([unjudged]);
    const finished = { components: ['Office', 'Mail'], isFinished: true };
    expect(judge({ ...plot, issue: finished })).toMatchObject([confirmed(false, 'ada', 30)]);
  });

  test('a component that a person took away and put back is confirmed', () => {
    const touched = [
      change(['components', null, 'Mail'], 120, 'kim'),
      change(['components', 'Mail', null], 90, 'ada'),
      change(['components', 'Old', null], WRITTEN),
      change(['components', null, 'Mail'], WRITTEN),
    ];
    const plot = { values: { component: 'Mail' }, issue: { components: ['Mail'] } };
    expect(judge({ ...plot, changes: touched })).toMatchObject([confirmed(true, 'kim', 60)]);
  });

  test('a custom field of a kind we cannot read is not judged', () => {
    const issue = { custom: { [TEAM_FIELD]: [{ value: 'A' }, { value: 'B' }] } };
    expect(judge({ values: { team: 'A' }, issue, changes: [change([TEAM_FIELD, 'A', 'A, B'], 90, 'ada')] })).toEqual(
      [],
    );
  });

  test.each([
    ['the same labels in another order', ['cat-vpn', 'cat-access'], 'cat-vpn cat-access vip', unjudged],
    [
      'one label more',
      ['cat-access', 'cat-mail', 'cat-vpn'],
      'cat-access cat-mail cat-vpn',
      overridden('access mail vpn', 'ada', 30),
    ],
    ['one label less', ['cat-vpn'], 'cat-vpn', overridden('vpn', 'ada', 30)],
  ])('a family with several labels is compared as a set: %s', (_what, labels, to, outcome) => {
    const targets = { category: { ...ALL_TARGETS.category, multiple: true } };
    const written = change(['labels', null, 'cat-access cat-vpn'], WRITTEN);
    const changes = [change(['labels', 'cat-access cat-vpn', to], 90, 'ada'), written];
    const plot = { playbook: playbookWith({ targets }), values: { category: 'access vpn' }, changes };
    expect(judge({ ...plot, issue: { labels } })).toMatchObject([outcome]);
  });
});
