import { describe, expect, test } from 'vitest';
import type { Decision, Verdict } from '../../../src/domain/decision/decision.ts';
import type { FieldChange, Issue } from '../../../src/domain/ticket/issue.ts';
import { plan } from '../../../src/write-back/plan.ts';
import {
  ALL_TARGETS,
  abstains,
  BOT,
  decisionWith,
  issueWith,
  type PlaybookDraft,
  playbookWith,
  says,
  TEAM_FIELD,
} from '../../support/fixtures.ts';

const teams = {
  route: { by: 'category', team: 'team', assignee: 'assignee' },
  teams: { Desk: { takes: ['access', 'vpn'] }, Network: { takes: ['network'] }, Night: { takes: [] } },
};
const routes = (value: string): Verdict => ({ ...says(value), rung: 'routing' });

/** Category `access` led to team Desk and to Ada, with Ben and Cem to stand in. */
function routed(parts: Partial<Decision> = {}): Decision {
  const { verdicts, routing, ...rest } = parts;
  return decisionWith({
    verdicts: { category: says('access'), team: routes('Desk'), assignee: routes('ada'), ...verdicts },
    routing: { ...decisionWith().routing, team: 'Desk', assignee: 'ada', alternates: ['ben', 'cem'], ...routing },
    ...rest,
  });
}

function planFor(decision: Decision, issue: Issue, draft: PlaybookDraft & { readonly unassignable?: string[] } = {}) {
  const { unassignable = [], ...more } = draft;
  return plan(decision, issue, { playbook: playbookWith({ teams, ...more }), ourAccountId: BOT, unassignable });
}

const by = (who: string, fieldId: string, from: string | null, to: string | null): FieldChange => ({
  fieldId,
  from,
  to,
  by: who,
  at: '2026-05-01T08:30:00.000Z',
});

const ofTeam = (value: string | null) => ({ [TEAM_FIELD]: value === null ? null : { value } });

describe('people who were chosen', () => {
  test('are replaced by the next in line who can be assigned', () => {
    const { changes } = planFor(routed(), issueWith(), { unassignable: ['ada', 'ben'] });
    expect(changes['assignee']).toEqual({ before: null, after: 'cem' });
  });

  test('are left out when nobody in line can, and the team is written all the same', () => {
    const { changes, heldBack } = planFor(routed(), issueWith(), { unassignable: ['ada', 'ben', 'cem'] });
    expect(changes['team']).toEqual({ before: null, after: 'Desk' });
    expect(heldBack).toEqual({ assignee: 'not-assignable' });
  });

  test('have nobody to stand in when they were not routed', () => {
    const decision = routed({ verdicts: { assignee: says('ada') } });
    expect(planFor(decision, issueWith(), { unassignable: ['ada'] }).heldBack).toEqual({ assignee: 'not-assignable' });
  });
});

describe('what was routed by a class that is at most suggested', () => {
  const shy = {
    targets: { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, classes: { access: { atMost: 'suggest' } } } },
  } as const;

  test('is only suggested itself', () => {
    const { changes, suggestions } = planFor(routed(), issueWith(), shy);
    expect([changes, suggestions]).toEqual([{}, { category: 'access', team: 'Desk', assignee: 'ada' }]);
  });

  test('is written when a person set that class', () => {
    const { changes, suggestions } = planFor(
      routed({ verdicts: { category: abstains('human-set') } }),
      issueWith({ labels: ['cat-access'] }),
      shy,
    );
    expect([Object.keys(changes), suggestions]).toEqual([['team', 'assignee'], {}]);
  });

  test('is written when a person has set that class meanwhile', () => {
    const issue = issueWith({ labels: ['cat-access'], changes: [by('ada', 'labels', null, 'cat-access')] });
    expect(Object.keys(planFor(routed(), issue, shy).changes)).toEqual(['team', 'assignee']);
  });

  test('is written where a person named the team', () => {
    const { changes, suggestions } = planFor(routed(), issueWith({ custom: ofTeam('Desk') }), shy);
    expect([Object.keys(changes), suggestions]).toEqual([['assignee'], { category: 'access' }]);
  });

  test('is not touched by the mode of the whole target, which is about that field alone', () => {
    const quiet = { targets: { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, mode: 'shadow' } } } as const;
    expect(Object.keys(planFor(routed(), issueWith(), quiet).changes)).toEqual(['team', 'assignee']);
  });

  test('is no bolder for a team that is at most suggested', () => {
    const careful = {
      targets: { ...ALL_TARGETS, team: { ...ALL_TARGETS.team, classes: { Desk: { atMost: 'suggest' } } } },
    } as const;
    const { changes, suggestions } = planFor(routed(), issueWith(), careful);
    expect([Object.keys(changes), suggestions]).toEqual([['category'], { team: 'Desk', assignee: 'ada' }]);
  });
});

describe('when a person decides otherwise in the meantime', () => {
  test('about the team, nobody of the routed team is assigned', () => {
    const { changes, heldBack } = planFor(routed(), issueWith({ custom: ofTeam('Network') }));
    expect(heldBack).toEqual({ team: 'human-set', assignee: 'team-changed' });
    expect(Object.keys(changes)).toEqual(['category']);
  });

  test('by clearing the team, nobody of it is assigned either', () => {
    const cleared = issueWith({ changes: [by('ada', TEAM_FIELD, 'Desk', null)] });
    expect(planFor(routed(), cleared).heldBack).toMatchObject({ assignee: 'team-changed' });
  });

  test('and names the routed team, its person is assigned', () => {
    expect(Object.keys(planFor(routed(), issueWith({ custom: ofTeam('Desk') })).changes)).toEqual([
      'category',
      'assignee',
    ]);
  });

  test('about the category, its team and person are not written', () => {
    const { changes, heldBack } = planFor(routed(), issueWith({ labels: ['cat-network'] }));
    expect(heldBack).toEqual({ category: 'human-set', team: 'route-changed', assignee: 'route-changed' });
    expect(changes).toEqual({});
  });

  test('about the category, within what the team takes, they are written', () => {
    const { changes } = planFor(routed(), issueWith({ labels: ['cat-vpn'] }));
    expect(Object.keys(changes)).toEqual(['team', 'assignee']);
  });

  test('within what the team takes that could not take it, the one that stands in is written', () => {
    const { verdicts, routing } = routed();
    const night = routed({
      verdicts: { ...verdicts, team: routes('Night') },
      routing: { ...routing, team: 'Night', escalatedFrom: 'Desk' },
    });
    expect(planFor(night, issueWith({ labels: ['cat-access'] })).changes).toMatchObject({ team: { after: 'Night' } });
  });

  test('about the category, what a rule says of the team stands', () => {
    const ruled = routed({ verdicts: { team: { ...says('Desk'), rung: 'rule' } } });
    expect(Object.keys(planFor(ruled, issueWith({ labels: ['cat-network'] })).changes)).toEqual(['team', 'assignee']);
  });
});

describe('asked to override people', () => {
  const overriding = (parts: Partial<Decision> = {}) => routed({ overridesHumans: true, ...parts });
  const theirs = { labels: ['cat-network'], custom: ofTeam('Network'), assignee: 'eve' };

  test('replaces what they set', () => {
    const { changes, heldBack } = planFor(overriding(), issueWith(theirs));
    expect(changes).toEqual({
      category: { before: 'network', after: 'access' },
      team: { before: 'Network', after: 'Desk' },
      assignee: { before: 'eve', after: 'ada' },
    });
    expect(heldBack).toEqual({});
  });

  test('never brings back what a person moved the ticket away from', () => {
    const changes = [
      by('eve', 'labels', 'cat-access vip', 'cat-network vip'),
      by(BOT, 'labels', 'vip', 'cat-access vip'),
    ];
    const { heldBack } = planFor(overriding(), issueWith({ ...theirs, changes }));
    expect(heldBack).toMatchObject({ category: 'moved-away-by-a-person', team: 'route-changed' });
  });

  test('leaves alone what it cannot read or know the history of', () => {
    const two = issueWith({ labels: ['cat-network', 'cat-vpn'] });
    expect(planFor(overriding(), two).heldBack).toMatchObject({ category: 'unreadable' });
    const cut = issueWith({ ...theirs, isHistoryWhole: false });
    expect(planFor(overriding(), cut).heldBack).toMatchObject({ category: 'history-cut-off' });
  });
});

test('a ticket of the control group is decided and left alone', () => {
  const { changes, suggestions, heldBack } = planFor(routed({ isControl: true }), issueWith());
  expect([changes, suggestions]).toEqual([{}, {}]);
  expect(heldBack).toEqual({ category: 'control-group', team: 'control-group', assignee: 'control-group' });
});

test('a class is never written further than it may be', () => {
  const category = { ...ALL_TARGETS.category, classes: { access: { atMost: 'shadow' } } } as const;
  expect(planFor(routed(), issueWith(), { targets: { category } }).heldBack).toEqual({ category: 'mode shadow' });
});
