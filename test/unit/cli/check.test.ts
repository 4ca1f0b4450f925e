import { expect, test } from 'vitest';
import { hintsFor } from '../../../src/cli/check.ts';
import { ALL_TARGETS, type PlaybookDraft, playbookWith } from '../../support/fixtures.ts';

const { category, priority } = ALL_TARGETS;
const shy = { category: { ...category, mode: 'suggest' }, priority } as const;
const careful = { category: { ...category, classes: { access: { atMost: 'suggest' } } }, priority } as const;

test.each<[string, PlaybookDraft]>([
  ['a target suggests', { targets: shy }],
  ['a class is only suggested', { targets: careful }],
])('hints that nobody may see it when %s and there is no note', (_what, draft) => {
  expect(hintsFor(playbookWith(draft))).toEqual([
    'suggestions for category stand in the issue property jira-triage alone, where few agents look; writeBack.note: suggestions puts them into an internal note',
  ]);
});

test.each<[string, PlaybookDraft]>([
  ['everything is written', {}],
  ['a note tells', { targets: shy, writeBack: { note: 'suggestions' } }],
  ['the target stays in the shadow', { targets: { category: { ...careful.category, mode: 'shadow' } } }],
])('has no hint where %s', (_what, draft) => {
  expect(hintsFor(playbookWith(draft))).toEqual([]);
});
