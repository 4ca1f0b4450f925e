import { describe, expect, test } from 'vitest';
import type { FieldChange, Issue } from '../../../src/domain/ticket/issue.ts';
import { BOT, playbookWith } from '../../support/fixtures.ts';
import {
  at,
  change,
  confirmed,
  DECIDED,
  judge,
  NOW,
  overridden,
  type Plot,
  unjudged,
  WRITTEN,
} from './support/judged.ts';

const ours = change(['labels', 'vip', 'cat-network vip'], WRITTEN);
const left = (seconds: number, by = 'ada', to: string | null = 'cat-printing vip') =>
  change(['labels', 'cat-network vip', to], seconds, by);
const back = (seconds: number, by = 'ada') => change(['labels', 'cat-printing vip', 'cat-network vip'], seconds, by);
const moved = (seconds: number, by = 'ada') => change(['status', 'To Do', 'Done'], seconds, by);
const is = (...labels: readonly string[]): Partial<Issue> => ({ labels: [...labels, 'vip'] });
const done = (...labels: readonly string[]): Partial<Issue> => ({ ...is(...labels), isFinished: true });

describe('a value that we wrote', () => {
  test('tells all there is to know about it', () => {
    expect(judge({ issue: done('cat-printing'), changes: [moved(300, 'kim'), left(90), ours] })).toEqual([
      {
        decisionId: 'd-1',
        issueId: '10001',
        issueKey: 'IT-10001',
        project: 'IT',
        revision: 'r-1',
        target: 'category',
        value: 'network',
        confidence: 0.8,
        how: 'written',
        ...overridden('printing', 'ada', 30),
        settledAfterMs: 90_000,
        isFinished: true,
        judgedAt: at(90),
      },
    ]);
  });

  test.each<[what: string, issue: Partial<Issue>, changes: readonly FieldChange[], outcome: object]>([
    ['nobody looked at yet is unjudged', is('cat-network'), [ours], unjudged],
    ['that stands while people work is unjudged', is('cat-network'), [moved(90), ours], unjudged],
    ['that stands when the ticket ends by itself is unjudged', done('cat-network'), [ours], unjudged],
    ['that we closed ourselves is unjudged', done('cat-network'), [moved(90, BOT), ours], unjudged],
    ['that a person cleared is overridden', is(), [left(90, 'ada', 'vip'), ours], overridden(null, 'ada', 30)],
    [
      'that two people changed is overridden by the last, since the first',
      is('cat-mail'),
      [change(['labels', 'cat-printing', 'cat-mail'], 200, 'kim'), left(90), ours],
      overridden('mail', 'kim', 30),
    ],
    [
      'that a person came back to is confirmed',
      is('cat-network'),
      [back(120, 'kim'), left(90), ours],
      confirmed(true, 'kim', 60),
    ],
    ['that a person finished around is confirmed', done('cat-network'), [moved(90), ours], confirmed(false, 'ada', 30)],
    [
      'that was left, restored and left again is overridden',
      is('cat-mail'),
      [left(200, 'kim', 'cat-mail'), back(120), left(90), ours],
      overridden('mail', 'kim', 30),
    ],
    [
      'is not judged by what people did before',
      done('cat-network'),
      [ours, moved(30), change(['labels', null, 'vip'], 20, 'ada')],
      unjudged,
    ],
    [
      'is not judged by another label',
      is('cat-network', 'urgent'),
      [change(['labels', 'cat-network', 'cat-network urgent'], 90, 'ada'), ours],
      unjudged,
    ],
    [
      'is judged by who is right before us in the list, whatever the clocks',
      is('cat-printing'),
      [left(WRITTEN), ours],
      overridden('printing', 'ada', 0),
    ],
    [
      'counts no time that is less than none',
      is('cat-printing'),
      [left(WRITTEN - 5), ours],
      overridden('printing', 'ada', 0),
    ],
    ['that is gone without a trace is unjudged', is('cat-printing'), [ours], unjudged],
  ])('%s', (_what, issue, changes, outcome) => {
    expect(judge({ issue, changes })).toMatchObject([{ how: 'written', ...outcome }]);
  });

  test('is judged by its write’s time where the changelog does not show our edit', () => {
    const issue = is('cat-printing');
    expect(judge({ issue, changes: [left(90)] })).toMatchObject([overridden('printing', 'ada', 30)]);
    expect(judge({ issue, changes: [left(WRITTEN)] })).toMatchObject([unjudged]);
  });

  test('unjudged says when somebody looked', () => {
    expect(judge({ issue: is('cat-network'), changes: [ours] })[0]?.judgedAt).toBe(NOW.toISOString());
  });

  test.each([
    ['was taken back', { undoneBy: 'undo-1' }, [ours]],
    ['was taken back, though nobody recorded it yet', {}, [left(90, BOT, 'vip'), ours]],
    [
      'was taken back after people had changed it',
      {},
      [change(['labels', 'cat-mail', 'vip'], 99, BOT), left(90), ours],
    ],
  ])('that %s is not judged', (_what, write, changes) => {
    expect(judge({ write, issue: is(), changes })).toEqual([]);
  });

  test('counts from a crash on, before its write is recorded', () => {
    const mark = { decisionId: 'd-1', revision: 'r-1', at: at(WRITTEN), values: { category: 'network' } };
    const plot = { write: { state: 'planned' as const }, changes: [left(90), ours] };
    expect(judge({ ...plot, issue: { ...is('cat-printing'), mark } })).toMatchObject([{ how: 'written' }]);
    expect(judge({ ...plot, issue: is('cat-printing') })).toMatchObject([{ how: 'shadowed' }]);
  });

  test('in the place of a person who could not be assigned is the one that is judged', () => {
    const write = { changes: { assignee: { before: null, after: 'kim' } } };
    const changes = [change(['assignee', 'kim', 'ada'], 90, 'kim'), change(['assignee', null, 'kim'], WRITTEN)];
    const plot = { values: { assignee: 'gone' }, write, issue: { assignee: 'ada' }, changes };
    expect(judge(plot)).toMatchObject([{ value: 'kim', ...overridden('ada', 'kim', 30) }]);
  });
});

describe('a person that we assigned', () => {
  const teams = { teams: { Desk: { takes: [], members: ['ada', 'kim'].map((id) => ({ accountId: id, name: id })) } } };
  const plot = (by: string, team?: string): Plot => ({
    playbook: playbookWith({ teams }),
    values: { assignee: 'ada' },
    ...(team === undefined ? {} : { team }),
    issue: { assignee: 'ada', isFinished: true },
    changes: [moved(90, by), change(['assignee', null, 'ada'], WRITTEN)],
  });

  test.each([
    ['that person', plot('ada'), confirmed(false, 'ada', 30)],
    ['somebody of the same team', plot('kim', 'Desk'), confirmed(false, 'kim', 30)],
    ['somebody else', plot('customer-cy', 'Desk'), unjudged],
    ['somebody of a team that is gone', plot('kim', '__proto__'), unjudged],
    ['a colleague without a routed team', plot('kim'), unjudged],
  ])('is judged by %s finishing the ticket as it should be', (_who, story, outcome) => {
    expect(judge(story)).toMatchObject([outcome]);
  });
});

describe('a value that we did not write', () => {
  const set = (seconds: number, to: string | null, by = 'ada') => change(['labels', null, to], seconds, by);
  const ways: readonly (readonly [how: string, plot: Plot])[] = [
    ['suggested', { write: { changes: {}, suggestions: { category: 'network' } } }],
    ['control', { isControl: true, write: { state: 'unchanged', changes: {} } }],
    ['shadowed', { write: { state: 'unchanged', changes: {}, heldBack: { category: 'mode shadow' } } }],
    ['shadowed', { write: { state: 'dry-run' } }],
    ['shadowed', { write: { state: 'refused', reason: '400' } }],
    ['shadowed', { write: { state: 'dry-run', changes: {}, suggestions: { category: 'network' } } }],
    ['shadowed', { write: null }],
  ];

  test.each(ways)('(%s) is confirmed by who sets exactly this', (how, plot) => {
    const outcome = judge({ ...plot, issue: is('cat-network'), changes: [set(90, 'cat-network')] });
    expect(outcome).toMatchObject([{ how, ...confirmed(true, 'ada', 89) }]);
  });

  test.each(ways)('(%s) is overridden by who sets another one', (how, plot) => {
    const outcome = judge({
      ...plot,
      issue: is('cat-mail'),
      changes: [set(90, 'cat-mail', 'kim'), set(30, 'cat-mail')],
    });
    expect(outcome).toMatchObject([{ how, ...overridden('mail', 'kim', 29) }]);
  });

  test.each(ways)('(%s) is unjudged as long as people are silent about it', (how, plot) => {
    for (const [issue, changes] of [
      [is(), []],
      [done('cat-network'), [moved(90)]],
      [is('cat-mail'), [set(DECIDED, 'cat-mail')]],
      [is(), [change(['labels', 'cat-old', 'vip'], 90, 'ada')]],
      [is('cat-network'), [set(90, 'cat-network', BOT)]],
      [is('cat-mail'), [set(99, 'cat-mail', BOT), set(90, 'cat-network')]],
    ] as const)
      expect(judge({ ...plot, issue, changes })).toMatchObject([{ how, ...unjudged }]);
  });

  test('says what was suggested where that is not what was decided', () => {
    const write = { changes: {}, suggestions: { assignee: 'kim' } };
    expect(judge({ values: { assignee: 'gone' }, write })).toMatchObject([{ how: 'suggested', value: 'kim' }]);
  });
});

describe('a value of an earlier decision', () => {
  const mark = (category: string) => ({ decisionId: 'd-0', revision: 'r-0', at: at(-99), values: { category } });
  const same = { state: 'unchanged' as const, changes: {}, heldBack: { category: 'same' } };
  const earlier = change(['labels', 'vip', 'cat-network vip'], -99);

  test('that was decided again is judged as ours since it was written', () => {
    const issue = { ...is('cat-printing'), mark: mark('network') };
    const outcome = judge({ write: same, issue, changes: [left(1), earlier] });
    expect(outcome).toMatchObject([{ how: 'written', decisionId: 'd-1', ...overridden('printing', 'ada', 100) }]);
  });

  test.each([
    ['is another one', { ...is('cat-mail'), mark: mark('mail') }, same, [earlier]],
    ['was a person’s', is('cat-network'), same, [change(['labels', null, 'cat-network'], -99, 'ada')]],
    [
      'was a person’s again',
      { ...is('cat-network'), mark: mark('network') },
      { ...same, heldBack: { category: 'human-set' } },
      [back(-9), left(-20), earlier],
    ],
  ])('is not judged as ours where what stood %s', (_what, issue, write, changes) => {
    expect(judge({ write, issue, changes })).toMatchObject([{ how: 'shadowed', ...unjudged }]);
  });
});
