import { describe, expect, test } from 'vitest';
import { PlaybookFileSchema, TaxonomySchema } from '../../../src/domain/playbook/playbook.ts';
import { TeamsSchema } from '../../../src/domain/playbook/teams.ts';

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
      classify: { sharpness: 2, features: ['reporter', 'issueType'], doubt: 0.2, seed: 42 },
      writeBack: { notifyUsers: true, graceSeconds: 0, note: 'off' },
      restrictedProjects: [],
      controlGroup: { share: 0 },
      guardRails: { windowDays: 14, minOutcomes: 10, maxOverrideRate: 0.25 },
      drift: { recentDays: 7, referenceDays: 28, maxShift: 0.25 },
    });
  });

  test.each([
    ['no project', { ...small, projects: [] }, 'projects'],
    ['a project name for a key', { ...small, projects: ['IT Help'] }, 'projects.0'],
    ['a target named like no name', { ...small, targets: { '1st': { kind: 'component' } } }, 'targets.1st'],
    ['an unknown section', { ...small, retrival: {} }, ''],
    ['no evidence at all', { ...small, retrieval: { topK: 0 } }, 'retrieval.topK'],
    ['a broken pattern', { ...small, rules: [ruleWhen({ textMatches: '(' })] }, 'rules.0.when.textMatches'],
    [
      'a modifier in a pattern',
      { ...small, rules: [ruleWhen({ textMatches: '(?-i:SAP|VPN)' })] },
      'rules.0.when.textMatches',
    ],
    [
      'a modifier in what is private',
      { ...small, privacy: { patterns: [{ name: 'badge', pattern: 'x(?i:b|c)' }] } },
      'privacy.patterns.0.pattern',
    ],
    ['a rule without a condition', { ...small, rules: [ruleWhen({})] }, 'rules.0.when'],
    ['a feature nobody knows', { ...small, classify: { features: ['reporter', 'mood'] } }, 'classify.features.1'],
    ['a custom field by its name', { ...small, classify: { features: ['Organisation'] } }, 'classify.features.0'],
    ['no doubt at all', { ...small, classify: { doubt: 0 } }, 'classify.doubt'],
    ['more doubt than trust', { ...small, classify: { doubt: 0.6 } }, 'classify.doubt'],
    ['a seed that is no whole number', { ...small, classify: { seed: 1.5 } }, 'classify.seed'],
    ['a half-life of nothing', { ...small, classify: { recencyHalfLifeDays: 0 } }, 'classify.recencyHalfLifeDays'],
    [
      'a weak value worth more than one of a person',
      { ...small, classify: { weakWeight: 1.5 } },
      'classify.weakWeight',
    ],
    ['a grace before the decision', { ...small, writeBack: { graceSeconds: -1 } }, 'writeBack.graceSeconds'],
    ['a grace of half a second', { ...small, writeBack: { graceSeconds: 0.5 } }, 'writeBack.graceSeconds'],
    ['a note for customers', { ...small, writeBack: { note: 'public' } }, 'writeBack.note'],
    ['a restricted project by its name', { ...small, restrictedProjects: ['Human Resources'] }, 'restrictedProjects.0'],
    ['a control group of nearly everybody', { ...small, controlGroup: { share: 0.51 } }, 'controlGroup.share'],
    ['guard rails without a window', { ...small, guardRails: { windowDays: 0 } }, 'guardRails.windowDays'],
    ['guard rails without doubt', { ...small, guardRails: { doubt: 0 } }, 'guardRails.doubt'],
    ['a shift of nothing', { ...small, drift: { maxShift: 0 } }, 'drift.maxShift'],
    [
      'a class that may do more than a mode',
      { ...small, targets: { category: { kind: 'label', prefix: 'cat-', classes: { x: { atMost: 'always' } } } } },
      'targets.category.classes.x.atMost',
    ],
    ['the number of voters, which counts no more', { ...small, classify: { minEvidence: 3 } }, 'classify'],
  ])('with %s is refused at the right place', (_what, file, path) => {
    expect(faultsOf(PlaybookFileSchema, file)).toEqual([path]);
  });

  test('takes every standard feature and custom fields by id', () => {
    const features = ['reporter', 'issueType', 'project', 'component', 'hour', 'weekday', 'customfield_10002'];
    expect(PlaybookFileSchema.parse({ ...small, classify: { features } }).classify.features).toEqual(features);
  });

  test('shows every fault at once', () => {
    const broken = { projects: ['it'], targets: { category: { kind: 'label', prefix: 'c', targetPrecision: 2 } } };
    expect(faultsOf(PlaybookFileSchema, broken)).toEqual([
      'projects.0',
      'targets.category.prefix',
      'targets.category.targetPrecision',
    ]);
  });
});

describe('bursts in a playbook', () => {
  test('are five tickets in a quarter of an hour unless it says otherwise', () => {
    expect(PlaybookFileSchema.parse(small).bursts).toEqual({ tickets: 5, withinMinutes: 15, similarity: 0.15 });
    expect(PlaybookFileSchema.parse({ ...small, bursts: { tickets: 0 } }).bursts.tickets).toBe(0);
  });

  test.each([
    { tickets: 1 },
    { tickets: -1 },
    { tickets: 2.5 },
    { tickets: 101 },
    { withinMinutes: 0 },
    { withinMinutes: 1441 },
    { similarity: 0 },
    { similarity: 1 },
    { window: 15 },
  ])('cannot be %j', (bursts) => {
    expect(PlaybookFileSchema.safeParse({ ...small, bursts }).success).toBe(false);
  });
});

describe('taxonomies and teams', () => {
  test('a taxonomy needs a value, and values may be called anything', () => {
    expect(faultsOf(TaxonomySchema, { values: {} })).toEqual(['values']);
    const named = { constructor: { description: 'd' }, '🖨️': { description: 'd' }, 打印机: { description: 'd' } };
    expect(Object.keys(TaxonomySchema.parse({ values: named }).values)).toEqual(['constructor', '🖨️', '打印机']);
  });

  test('a value may have a parent to fall back to', () => {
    const values = { network: { description: 'd' }, wifi: { description: 'd', parent: 'network' } };
    expect(TaxonomySchema.parse({ values }).values['wifi']?.parent).toBe('network');
    expect(faultsOf(TaxonomySchema, { values: { wifi: { description: 'd', parent: 7 } } })).toEqual([
      'values.wifi.parent',
    ]);
  });

  const teamWith = (parts: Record<string, unknown>) => ({ teams: { Desk: { takes: [], ...parts } } });
  const memberWith = (parts: Record<string, unknown>) =>
    teamWith({ members: [{ accountId: 'ada', name: 'Ada', ...parts }] });
  const onCall = { order: ['ada'], since: '2026-01-05' };

  test.each([
    ['a time zone nobody keeps', teamWith({ timeZone: 'Europe/Atlantis' }), 'teams.Desk.timeZone'],
    ['a time of day beyond the day', teamWith({ hours: [{ from: '08:00', to: '24:30' }] }), 'teams.Desk.hours.0.to'],
    [
      'a day by its whole name',
      teamWith({ hours: [{ days: ['Monday'], from: '08:00', to: '17:00' }] }),
      'teams.Desk.hours.0.days.0',
    ],
    ['no hours at all', teamWith({ hours: [] }), 'teams.Desk.hours'],
    ['a policy nobody knows', teamWith({ policy: 'loudest' }), 'teams.Desk.policy'],
    ['a member without account', memberWith({ accountId: '' }), 'teams.Desk.members.0.accountId'],
    [
      'an absence on a day that is none',
      memberWith({ absences: [{ from: '2026-02-30', to: '2026-03-01' }] }),
      'teams.Desk.members.0.absences.0.from',
    ],
    ['a capacity below nothing', memberWith({ capacity: -1 }), 'teams.Desk.members.0.capacity'],
    ['nobody on call', teamWith({ onCall: { ...onCall, order: [] } }), 'teams.Desk.onCall.order'],
    [
      'a shift without a time of day',
      teamWith({ onCall: { ...onCall, shifts: [{ accountId: 'ada', from: '2026-01-05', to: '2026-01-06T09:00' }] } }),
      'teams.Desk.onCall.shifts.0.from',
    ],
    ['an option nobody knows', teamWith({ oncall: onCall }), 'teams.Desk'],
  ])('teams with %s are refused at the right place', (_what, file, path) => {
    expect(faultsOf(TeamsSchema, file)).toEqual([path]);
  });

  test('a team is a queue of its own unless it has a policy', () => {
    expect(TeamsSchema.parse({ teams: { Desk: { takes: ['access'] } } }).teams['Desk']).toEqual({
      takes: ['access'],
      restricted: false,
      policy: 'team-only',
      members: [],
    });
  });
});
