import { describe, expect, test } from 'vitest';
import { PlaybookFileSchema, TaxonomySchema, TeamsSchema } from '../../../src/domain/playbook.ts';

const small = { projects: ['IT'], targets: { category: { kind: 'label', prefix: 'cat-' } } };

/** Written without the key itself, which linters take for a promise. */
const ruleWhen = (when: Record<string, unknown>) =>
  Object.fromEntries([
    ['name', 'r'],
    ['when', when],
    ['then', {}],
  ]);

const faultsOf = (
  schema: { safeParse(value: unknown): { error?: { issues: { path: PropertyKey[] }[] } | undefined } },
  value: unknown,
) => schema.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('a playbook file', () => {
  test('needs little, and fills in the rest', () => {
    expect(PlaybookFileSchema.parse(small)).toMatchObject({
      rules: [],
      retrieval: { topK: 20, keywordWeight: 0.5 },
      classify: { sharpness: 2, minEvidence: 3 },
      writeBack: { notifyUsers: true },
    });
  });

  test.each([
    ['no project', { ...small, projects: [] }, 'projects'],
    ['a project name for a key', { ...small, projects: ['IT Help'] }, 'projects.0'],
    ['a target named like no name', { ...small, targets: { '1st': { kind: 'component' } } }, 'targets.1st'],
    ['an unknown section', { ...small, retrival: {} }, ''],
    ['no evidence at all', { ...small, retrieval: { topK: 0 } }, 'retrieval.topK'],
    ['a broken pattern', { ...small, rules: [ruleWhen({ textMatches: '(' })] }, 'rules.0.when.textMatches'],
    ['a rule without a condition', { ...small, rules: [ruleWhen({})] }, 'rules.0.when'],
  ])('with %s is refused at the right place', (_what, file, path) => {
    expect(faultsOf(PlaybookFileSchema, file)).toEqual([path]);
  });

  test('shows every fault at once', () => {
    const broken = { projects: ['it'], targets: { category: { kind: 'label', prefix: 'c', cutOff: 2 } } };
    expect(faultsOf(PlaybookFileSchema, broken)).toEqual([
      'projects.0',
      'targets.category.prefix',
      'targets.category.cutOff',
    ]);
  });
});

describe('taxonomies and teams', () => {
  test('a taxonomy needs a value, and values may be called anything', () => {
    expect(faultsOf(TaxonomySchema, { values: {} })).toEqual(['values']);
    const named = { constructor: { description: 'd' }, '🖨️': { description: 'd' }, 打印机: { description: 'd' } };
    expect(Object.keys(TaxonomySchema.parse({ values: named }).values)).toEqual(['constructor', '🖨️', '打印机']);
  });

  test('a team is a queue of its own unless it has a policy', () => {
    expect(TeamsSchema.parse({ teams: { Desk: { takes: ['access'] } } }).teams['Desk']).toEqual({
      takes: ['access'],
      policy: 'team-only',
      members: [],
    });
  });
});
