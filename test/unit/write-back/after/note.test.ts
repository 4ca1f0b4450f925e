import { describe, expect, test } from 'vitest';
import type { Evidence } from '../../../../src/domain/decision/decision.ts';
import { noteFor, showable } from '../../../../src/write-back/after/note.ts';
import { apply } from '../../../../src/write-back/apply.ts';
import {
  ALL_TARGETS,
  abstains,
  decisionWith,
  evidenceWith,
  issueWith,
  playbookWith,
  says,
} from '../../../support/fixtures.ts';
import { deskWith } from '../../support/tracker.ts';
import { openDesk, portsWith } from '../desk.ts';

const nothing = { written: {}, suggested: {}, similar: [] };

describe('a note', () => {
  test('says what was set, what is suggested, how sure that is and why', () => {
    const decision = decisionWith({
      verdicts: {
        category: says('access', 0.994),
        priority: { ...says('High', 1), rung: 'rule' },
        team: says('Desk', 0.5),
      },
      burst: { id: 'b', members: 6 },
    });
    const similar = [
      evidenceWith({ key: 'IT-2' }),
      evidenceWith({ key: 'IT-3', resolution: 'Duplicate', values: { category: 'vpn' } }),
    ];
    expect(
      noteFor(decision, { written: { category: 'access', priority: 'High' }, suggested: { team: 'Desk' }, similar }),
    ).toEqual([
      'Set by Jira Triage',
      'category: access (99 %)',
      'priority: High (a rule)',
      'Suggestion from Jira Triage',
      'team: Desk (50 %)',
      'Possibly one incident: 6 similar tickets came in together',
      'Similar tickets: IT-2, IT-3 (vpn, Duplicate)',
    ]);
  });

  test('says no more than it knows', () => {
    const decision = decisionWith({ verdicts: { category: abstains() } });
    expect(noteFor(decision, { ...nothing, suggested: { category: 'access' } })).toEqual([
      'Suggestion from Jira Triage',
      'category: access',
    ]);
  });

  test('never quotes what a ticket says', () => {
    const decision = decisionWith({ values: { category: 'access' } });
    const similar = [evidenceWith({ summary: 'the salary of Cy' })];
    expect(noteFor(decision, { ...nothing, suggested: { category: 'access' }, similar }).join('\n')).not.toMatch(
      /salary/,
    );
  });
});

describe('similar tickets', () => {
  const named = (evidence: readonly Evidence[], restrictedProjects: readonly string[] = []) =>
    showable(
      decisionWith({ evidence: [...evidence] }),
      issueWith(),
      playbookWith({ restrictedProjects: [...restrictedProjects] }),
    ).map(({ key }) => key);
  const alike = (key: string) => evidenceWith({ key, isSimilar: true });

  test('are three of the same project at most', () => {
    expect(named(['HR-1', 'IT-2', 'IT-3', 'ITSM-4', 'IT-5', 'IT-6'].map(alike))).toEqual(['IT-2', 'IT-3', 'IT-5']);
  });

  test('are neither unlike nor restricted ones', () => {
    const restricted = evidenceWith({ key: 'IT-7', isSimilar: true, isRestricted: true });
    expect(named([evidenceWith({ key: 'IT-2' }), restricted])).toEqual([]);
  });

  test('are not named at all in a restricted project', () => {
    expect(named([alike('IT-2')], ['HR'])).toEqual(['IT-2']);
    expect(named([alike('IT-2')], ['IT'])).toEqual([]);
  });

  test('are looked up once more, for they may have been moved, restricted or deleted', async () => {
    const [stays, moved, restricted] = [
      issueWith(),
      issueWith({ project: 'HR' }),
      issueWith({ securityLevel: 'Staff' }),
    ];
    const evidence = [stays, moved, restricted, issueWith()].map(({ id, key }) =>
      evidenceWith({ id, key, isSimilar: true }),
    );
    const { ledger, decision, issue } = await openDesk(issueWith(), { values: { category: 'access' }, evidence });
    const tracker = deskWith(issue, stays, moved, restricted);
    await apply(decision.id, chatty('decisions'), portsWith({ tracker, ledger }));
    expect(tracker.notes[0]?.paragraphs.at(-1)).toBe(`Similar tickets: ${stays.key}`);
  });
});

/** Category is only suggested, everything else is written. */
function chatty(note: 'off' | 'suggestions' | 'decisions') {
  return playbookWith({
    targets: { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, mode: 'suggest' } },
    writeBack: { note },
  });
}

describe('whether there is a note', () => {
  const both = { values: { category: 'access', component: 'Login', assignee: 'ada' } };
  const suggestion = ['Suggestion from Jira Triage', 'category: access (90 %)'];

  test.each([
    ['off', both, []],
    ['suggestions', both, [suggestion]],
    ['suggestions', { values: { component: 'Login' } }, []],
    ['decisions', { values: { component: 'Login' } }, [['Set by Jira Triage', 'component: Login (90 %)']]],
    [
      'decisions',
      both,
      [['Set by Jira Triage', 'component: Login (90 %)', 'assignee: The name of ada (90 %)', ...suggestion]],
    ],
    ['decisions', { values: {} }, []],
  ] as const)('%s, %j', async (note, decided, expected) => {
    const { tracker, decision, ports } = await openDesk(issueWith(), decided);
    await apply(decision.id, chatty(note), ports);
    expect(tracker.notes.map(({ paragraphs }) => paragraphs)).toEqual(expected);
  });

  test('a later one takes the place of the earlier, and nothing to say leaves it', async () => {
    const { tracker, decide, decision, ports } = await openDesk();
    await apply(decision.id, chatty('suggestions'), ports);
    await apply((await decide({ values: { category: 'email' } })).id, chatty('suggestions'), ports);
    await apply((await decide({ values: {} })).id, chatty('suggestions'), ports);
    expect(tracker.notes.map(({ paragraphs }) => paragraphs[1])).toEqual(['category: email (90 %)']);
  });

  test('it never tells of an edit that Jira refused', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), both);
    tracker.answerNextEdit({ kind: 'refused', reason: '400: component' });
    await apply(decision.id, chatty('decisions'), ports);
    expect(tracker.notes).toEqual([]);
  });

  test('it tells what stands, not what was given back to a person', async () => {
    const { tracker, decision, ports, issue } = await openDesk(issueWith(), both);
    tracker.beforeNextEdit(() => tracker.editAs('eve', issue.id, { components: ['Mail'] }));
    await apply(decision.id, chatty('decisions'), ports);
    expect(tracker.notes[0]?.paragraphs).not.toContain('component: Login (90 %)');
  });

  test('one that is refused does not make the write fail', async () => {
    const { tracker, decision, ports } = await openDesk(issueWith(), both);
    tracker.answerNextNote({ kind: 'refused', reason: '403: comments' });
    expect(await apply(decision.id, chatty('decisions'), ports)).toMatchObject({
      state: 'applied',
      reason: 'the note was refused: 403: comments',
    });
  });
});
