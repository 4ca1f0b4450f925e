import { expect, test } from 'vitest';
import { noteFor } from '../../../src/write-back/note.ts';
import { abstains, decisionWith, evidenceWith, issueWith, says } from '../../support/fixtures.ts';

test('says what and how sure, with three similar tickets of the same project at most', () => {
  const keys = ['HR-1', 'IT-2', 'IT-3', 'ITSM-4', 'IT-5', 'IT-6'];
  const decision = decisionWith({
    verdicts: { category: says('access', 0.994), team: says('Desk', 0.5) },
    burst: { id: 'b', members: 6 },
    evidence: keys.map((key) =>
      evidenceWith({ key, isSimilar: true, resolution: key === 'IT-3' ? 'Duplicate' : null }),
    ),
  });
  expect(noteFor({ category: 'access', team: 'Desk' }, decision, issueWith())).toEqual([
    'Suggestion from Jira Triage',
    'category: access (99 %)',
    'team: Desk (50 %)',
    'Possibly one incident: 6 similar tickets came in together',
    'Similar tickets: IT-2, IT-3 (Duplicate), IT-5',
  ]);
});

test('says no more than it knows: tickets of other projects and unlike ones are not named', () => {
  const evidence = [evidenceWith({ key: 'HR-1', isSimilar: true }), evidenceWith({ key: 'IT-2' })];
  const decision = decisionWith({ verdicts: { category: abstains() }, evidence });
  expect(noteFor({ category: 'access' }, decision, issueWith())).toEqual([
    'Suggestion from Jira Triage',
    'category: access',
  ]);
});

test('never quotes what a ticket says', () => {
  const decision = decisionWith({
    values: { category: 'access' },
    evidence: [evidenceWith({ summary: 'the salary of Cy', values: { category: 'secret' } })],
  });
  expect(noteFor({ category: 'access' }, decision, issueWith({ text: 'my password is x' })).join('\n')).not.toMatch(
    /salary|secret|password/,
  );
});
