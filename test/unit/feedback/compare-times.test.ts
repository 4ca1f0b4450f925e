import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FieldChange, Issue } from '../../../src/domain/ticket/issue.ts';
import { BOT } from '../../support/fixtures.ts';
import { change, confirmed, judge, overridden, type Plot, unjudged, WRITTEN } from './support/judged.ts';

const ours = change(['labels', null, 'cat-network'], WRITTEN);
const theirs = change(['labels', 'cat-network', 'cat-mail'], 90, 'ada');
const moved = change(['status', 'To Do', 'Done'], 200, 'kim');

describe('the time until a field held what it ended with', () => {
  const settled = (plot: Plot) => judge(plot)[0]?.settledAfterMs;
  const ended = (...labels: readonly string[]) => ({ labels, isFinished: true });

  test.each<[who: string, plot: Plot, seconds: number | null]>([
    ['our write', { issue: ended('cat-network'), changes: [moved, ours] }, WRITTEN],
    ['our write, where the changelog does not show it', { issue: ended('cat-network') }, WRITTEN],
    ['a person', { issue: ended('cat-mail'), changes: [moved, theirs, ours] }, 90],
    ['a person, whom we left alone', { isControl: true, issue: ended('cat-mail'), changes: [theirs] }, 90],
    ['whoever created it, long before we decided', { isControl: true, issue: ended('cat-mail') }, 0],
    ['nobody knows whom', { isControl: true, issue: { ...ended('cat-mail'), isHistoryWhole: false } }, null],
    [
      'nobody, for it is empty',
      { issue: ended(), changes: [change(['labels', 'cat-network', null], 90, 'ada'), ours] },
      null,
    ],
    ['nobody yet, for it is open', { issue: { labels: ['cat-mail'] }, changes: [theirs, ours] }, null],
    [
      'a clock that is behind',
      { issue: ended('cat-mail'), changes: [change(['labels', null, 'cat-mail'], -5, 'ada')] },
      0,
    ],
  ])('ends with %s', (_who, plot, seconds) => {
    expect(settled(plot)).toBe(seconds === null ? null : seconds * 1000);
  });
});

describe('a history that Jira cut off', () => {
  const cut = (issue: Partial<Issue>) => ({ ...issue, isHistoryWhole: false });
  const later = change(['labels', 'cat-mail', 'cat-vpn'], 300, 'kim');

  test('still tells who overrode us, but not when the first one did', () => {
    const plot = { issue: cut({ labels: ['cat-vpn'] }), changes: [later] };
    expect(judge(plot)).toMatchObject([{ ...overridden('vpn', 'kim', 0), afterMs: null }]);
  });

  test('tells all when it goes back far enough', () => {
    const issue = cut({ labels: ['cat-mail'] });
    const early = change(['summary', 'a', 'b'], 2, 'ada');
    expect(judge({ issue, changes: [theirs, ours] })).toMatchObject([overridden('mail', 'ada', 30)]);
    expect(judge({ issue, changes: [theirs, early] })).toMatchObject([overridden('mail', 'ada', 30)]);
  });

  test('says nothing of a value that is gone without a trace', () => {
    const issue = cut({ labels: ['cat-vpn'], isFinished: true });
    expect(judge({ issue, changes: [moved] })).toMatchObject([unjudged]);
    expect(judge({ issue: cut({}), isControl: true })).toMatchObject([unjudged]);
  });

  test('confirms a value that stands at the end, and one that a person came back to', () => {
    const issue = cut({ labels: ['cat-network'], isFinished: true });
    const restored = change(['labels', 'cat-mail', 'cat-network'], 300, 'kim');
    expect(judge({ issue, changes: [moved] })).toMatchObject([confirmed(false, 'kim', 140)]);
    expect(judge({ issue, changes: [restored] })).toMatchObject([confirmed(true, 'kim', 240)]);
  });
});

describe('hostile names', () => {
  test.each(['__proto__', 'constructor', 'x'.repeat(100_000), '打印机', 'Größe'])(
    'a value called %.20s is one like any other',
    (name) => {
      const written = change(['priority', null, name], WRITTEN);
      const plot = { values: { priority: name }, issue: { priority: 'Low' } };
      const left = change(['priority', name, 'Low'], 90, 'ada');
      expect(judge({ ...plot, changes: [left, written] })).toMatchObject([
        { value: name, ...overridden('Low', 'ada', 30) },
      ]);
      expect(judge({ ...plot, issue: { priority: name }, changes: [written] })).toMatchObject([unjudged]);
    },
  );

  test('a target that every object has was not decided', () => {
    expect(judge({ values: {}, issue: { labels: ['cat-mail'] }, changes: [theirs] })).toEqual([]);
  });
});

/** A ticket with one label of the family, as a sequence of who set what; the site's clock may stand still. */
const acts = fc.array(
  fc.record({
    by: fc.constantFrom('ada', 'kim', BOT),
    to: fc.constantFrom('network', 'mail', null),
    pause: fc.nat({ max: 5 }),
  }),
  { maxLength: 12 },
);

function played(steps: readonly { by: string; to: string | null; pause: number }[]) {
  const label = (value: string | null) => (value === null ? null : `cat-${value}`);
  let [now, seconds]: [string | null, number] = ['network', WRITTEN];
  const changes: FieldChange[] = [ours];
  for (const { by, to, pause } of steps) {
    seconds += pause;
    if (to !== now) changes.unshift(change(['labels', label(now), label(to)], seconds, by));
    now = to;
  }
  return { labels: now === null ? [] : [`cat-${now}`], changes, now };
}

describe('whatever people and we do to a value that we wrote', () => {
  test('the outcome follows from who touched it last and what it is now', () => {
    fc.assert(
      fc.property(acts, fc.boolean(), (steps, isFinished) => {
        const { labels, changes, now } = played(steps);
        const [outcome, ...more] = judge({ issue: { labels, isFinished }, changes });
        const newest = changes[0]?.by;
        expect(more).toEqual([]);
        const isOurTurn = newest === BOT;
        const result = now === 'network' ? 'confirmed' : 'overridden';
        if (isOurTurn && now !== 'network') expect(outcome).toBeUndefined();
        else if (isOurTurn) expect(outcome).toMatchObject(unjudged);
        else if (outcome === undefined) expect(changes.filter(({ by }) => by === BOT).length).toBeGreaterThan(1);
        else
          expect(outcome).toMatchObject({ result, isExplicit: true, by: newest, to: now === 'network' ? null : now });
        expect(outcome?.afterMs ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('looking twice finds the same, and other fields change nothing of it while the ticket is open', () => {
    fc.assert(
      fc.property(acts, fc.nat(), (steps, place) => {
        const { labels, changes } = played(steps);
        const noise = change(['priority', 'Low', 'High'], 0, 'kim');
        const before = structuredClone(changes);
        const outcome = judge({ issue: { labels }, changes });
        expect(
          judge({ issue: { labels }, changes: changes.toSpliced(place % (changes.length + 1), 0, noise) }),
        ).toEqual(outcome);
        expect(judge({ issue: { labels }, changes })).toEqual(outcome);
        expect(changes).toEqual(before);
      }),
    );
  });
});
