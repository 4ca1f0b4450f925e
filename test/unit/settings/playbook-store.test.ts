import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { calibrationWith } from '../../support/fixtures.ts';

const root = mkdtempSync(join(tmpdir(), 'triage-config-'));
afterAll(() => rmSync(root, { recursive: true }));

const PLAYBOOK = `projects: [IT]
targets:
  category:
    kind: label
    prefix: cat-
    values: taxonomies/category.yaml
  team:
    kind: select
    field: customfield_10050
    decidedBy: routing
rules:
  - name: phishing
    when: { textMatches: phishing }
    then: { category: security }
`;
const TAXONOMY = `values:
  access: { description: 'Passwords' }
  security: { description: 'Phishing' }
`;
const TEAMS = `route: { by: category, team: team }
teams:
  Identity: { takes: [access] }
  Security: { takes: [security] }
`;
const GOOD = { 'playbook.yaml': PLAYBOOK, 'taxonomies/category.yaml': TAXONOMY, 'teams.yaml': TEAMS };

/** A playbook with a prompt, and what is added to it. */
const withPrompt = (more: string, user = '{% data %}{{ issue.text }}{% enddata %}') => ({
  'playbook.yaml': `${PLAYBOOK}model: { prompt: prompts/triage.yaml }\n`,
  'prompts/triage.yaml': `system: Sort.\nuser: '${user}'\n${more}\n`,
});

/** A folder outside any repository with these files; null leaves one out. */
function configWith(files: Readonly<Record<string, string | null>>): string {
  const folder = mkdtempSync(join(root, 'config-'));
  for (const [name, content] of Object.entries({ ...GOOD, ...files })) {
    if (content === null) continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

const load = (files: Readonly<Record<string, string | null>> = {}, commit: string | null = null) =>
  loadPlaybook(configWith(files), commit);

function faultsOf(files: Readonly<Record<string, string | null>>): readonly string[] {
  try {
    load(files);
    return [];
  } catch (error) {
    if (error instanceof MisconfiguredError) return error.faults;
    throw error;
  }
}

describe('loading', () => {
  test('the shipped config loads without a fault', () => {
    const playbook = loadPlaybook(fileURLToPath(new URL('../../../config', import.meta.url)), null);
    expect(playbook.projects).toEqual(['IT']);
    expect(playbook.targets.map(({ name }) => name)).toEqual(expect.arrayContaining(['category', 'priority', 'team']));
    expect(Object.keys(playbook.taxonomies.get('category')?.values ?? {}).length).toBeGreaterThan(5);
  });

  test('puts playbook, taxonomies and teams together', () => {
    const playbook = load();
    expect(playbook.targets).toMatchObject([
      { name: 'category', kind: 'label', prefix: 'cat-', mode: 'shadow' },
      { name: 'team', kind: 'select', decidedBy: 'routing' },
    ]);
    expect([...playbook.taxonomies.keys()]).toEqual(['category']);
    expect(playbook.teams.route).toEqual({ by: 'category', team: 'team' });
  });

  test('a calibration lies beside the playbook, one file per target', () => {
    const measured = calibrationWith({
      curve: {
        kind: 'isotonic',
        knots: [
          { score: 1e-7, value: 0 },
          { score: 0.5, value: 0.75 },
        ],
      },
      cutOffs: {
        ...calibrationWith().cutOffs,
        classes: [{ value: '__proto__', tickets: 60, right: 50, cutOffs: [...calibrationWith().cutOffs.pooled] }],
      },
    });
    const { calibrations } = load({ 'calibration/category.json': JSON.stringify(measured, null, 2) });
    expect(calibrations).toEqual(new Map([['category', measured]]));
    expect(load().calibrations.size).toBe(0);
  });

  test('a calibration of a target that is gone is not read', () => {
    expect(load({ 'calibration/gone.json': 'not even JSON' }).calibrations.size).toBe(0);
  });

  test('a name that would vanish is a fault, and so is a rule for an excluded value', () => {
    const taxonomy =
      'values:\n  access: { description: d }\n  security: { description: d }\n  __proto__: { description: d }\n';
    expect(faultsOf({ 'taxonomies/category.yaml': taxonomy })).toEqual([
      'taxonomies/category.yaml:1 values.__proto__: this name cannot be used here; choose another',
    ]);
    const excluding = PLAYBOOK.replace('kind: label', 'kind: label\n    classes: { security: { exclude: true } }');
    expect(faultsOf({ 'playbook.yaml': excluding })).toEqual([
      'playbook.yaml rules "phishing": "security" is excluded in targets.category.classes, so no rule can decide it',
    ]);
  });

  test('a class may be called like anything at all', () => {
    const names = ['constructor', 'toString', '🖨️', '打印机', 'yes'];
    const taxonomy = `values:\n${names.map((name) => `  ${name}: { description: d }\n`).join('')}  security: { description: d }\n  access: { description: d }\n`;
    const { taxonomies } = load({ 'taxonomies/category.yaml': taxonomy });
    expect(Object.keys(taxonomies.get('category')?.values ?? {})).toEqual(expect.arrayContaining(names));
  });
});

describe('the revision', () => {
  test('is the same for the same content', () => {
    expect(load().revision).toBe(load().revision);
    expect(load().revision).toMatch(/^[0-9a-f]{12}$/);
  });

  test.each(Object.keys(GOOD))('is another one when %s changes', (name) => {
    const changed = { [name]: `${Object.entries(GOOD).find(([file]) => file === name)?.[1]}\n# a comment\n` };
    expect(load(changed).revision).not.toBe(load().revision);
  });

  test('is another one with a calibration, and with another one', () => {
    const revisions = [{}, { doubt: 0.2 }, { doubt: 0.1 }].map(
      (parts, index) =>
        load(index === 0 ? {} : { 'calibration/category.json': JSON.stringify(calibrationWith(parts)) }).revision,
    );
    expect(new Set(revisions).size).toBe(3);
  });

  test('begins with the commit when it is known', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567';
    expect(load({}, commit).revision).toBe(`01234567-${load().revision}`);
  });
});

describe('faults', () => {
  test.each([
    [
      'a value that is none',
      { 'playbook.yaml': PLAYBOOK.replace('kind: label', 'kind: lable') },
      /^playbook\.yaml:4 targets\.category\.kind: ./,
    ],
    [
      'a word nobody knows',
      { 'playbook.yaml': `${PLAYBOOK}retrival: { topK: 5 }\n` },
      /^playbook\.yaml:\d+ .*retrival/,
    ],
    [
      'a missing section',
      { 'playbook.yaml': PLAYBOOK.replace('projects: [IT]', '# none') },
      /^playbook\.yaml:1 projects: ./,
    ],
    ['an empty file', { 'teams.yaml': '' }, /^teams\.yaml:1 the file: ./],
    ['broken YAML', { 'teams.yaml': `${TEAMS}  : :\n  - [` }, /^teams\.yaml:\d+ ./],
    [
      'the same key twice',
      { 'taxonomies/category.yaml': `${TAXONOMY}  access: { description: 'again' }\n` },
      /^taxonomies\/category\.yaml:4 .*unique/i,
    ],
    ['an alias that leads nowhere', { 'teams.yaml': `${TEAMS}  Third: *nobody\n` }, /^teams\.yaml.*nobody/],
    ['a missing taxonomy', { 'taxonomies/category.yaml': null }, /^taxonomies\/category\.yaml: cannot be read/],
    [
      'a calibration with a cut-off too few',
      {
        'calibration/category.json': JSON.stringify(
          calibrationWith({ cutOffs: { ...calibrationWith().cutOffs, pooled: [0.5] } }),
          null,
          2,
        ),
      },
      /^calibration\/category\.json:\d+ cutOffs\.pooled: ./,
    ],
    ['a broken calibration', { 'calibration/category.json': '{"target": ' }, /^calibration\/category\.json:\d+ ./],
    ['a missing playbook', { 'playbook.yaml': null }, /^playbook\.yaml: cannot be read/],
    [
      'a broken pattern',
      { 'playbook.yaml': PLAYBOOK.replace('textMatches: phishing', "textMatches: '('") },
      /^playbook\.yaml:13 rules\.0\.when\.textMatches: .*regular expression/,
    ],
  ])('%s is told with file, line and path', (_what, files, fault) => {
    expect(faultsOf(files)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });

  test('are gathered from all files', () => {
    const faults = faultsOf({
      'playbook.yaml': PLAYBOOK.replace('kind: label', 'kind: lable').replace('projects: [IT]', 'projects: [it]'),
      'teams.yaml': 'teams: 7\n',
    });
    expect(faults).toEqual([
      expect.stringMatching(/^playbook\.yaml:1 projects\.0: .*Jira project key/),
      expect.stringMatching(/^playbook\.yaml:4 targets\.category/),
      expect.stringMatching(/^teams\.yaml:1 teams: ./),
    ]);
  });

  test('that one file refers to many times over is a fault, and not a full memory', () => {
    const levels = Array.from(
      { length: 12 },
      (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`,
    );
    expect(faultsOf({ 'teams.yaml': `a0: &a0 [x]\n${levels.join('\n')}\n` }).length).toBeGreaterThan(0);
  });
});

describe('prompts', () => {
  test('come with the fingerprint of their file, and are part of the revision', () => {
    const [one, other] = [load(withPrompt('')), load(withPrompt('notes: shorter'))];
    expect(one.prompts.triage).toMatchObject({ system: 'Sort.', generation: { max_tokens: 400 }, few_shot: [] });
    expect(one.prompts.triage?.hash).toMatch(/^[0-9a-f]{12}$/);
    expect(other.prompts.triage?.hash).not.toBe(one.prompts.triage?.hash);
    expect(other.revision).not.toBe(one.revision);
    expect([one.prompts.hyde, one.prompts.rerank]).toEqual([null, null]);
  });

  test('are read only where the playbook names them', () => {
    expect(load({ 'prompts/triage.yaml': 'nonsense: [' }).prompts.triage).toBeNull();
  });

  test.each([
    [
      'an unknown variable',
      withPrompt('', '{{ issue.sumary }}'),
      'prompts/triage.yaml:2 user: unknown variable "issue.sumary"',
    ],
    [
      'ticket text outside of a data block',
      withPrompt('', '{{ issue.text }}'),
      'prompts/triage.yaml:2 user: "issue.text" may hold',
    ],
    ['a name nobody knows', withPrompt('model: x'), 'prompts/triage.yaml:1 the file: Unrecognized key'],
    [
      'a temperature out of range',
      withPrompt('generation: { temperature: 3 }'),
      'prompts/triage.yaml:3 generation.temperature',
    ],
    [
      'a file that is not there',
      { ...withPrompt(''), 'prompts/triage.yaml': null },
      'prompts/triage.yaml: cannot be read',
    ],
  ])('with %s are refused, and say where', (_what, files, fault) => {
    expect(faultsOf(files)).toEqual([expect.stringContaining(fault)]);
  });

  test('of the strategy are read when it is asked for', () => {
    const files = withPrompt('');
    const strategy = 'retrieval: { rerank: model, hyde: prompts/triage.yaml, rerankPrompt: prompts/triage.yaml }\n';
    const { prompts } = load({ ...files, 'playbook.yaml': `${files['playbook.yaml']}${strategy}` });
    expect([prompts.hyde?.hash, prompts.rerank?.hash]).toEqual([prompts.triage?.hash, prompts.triage?.hash]);
  });

  test('have calibrations of their own, by endpoint', () => {
    const measured = calibrationWith({ rung: 'fallback' });
    const playbook = load({ 'calibration/category.fallback.json': JSON.stringify(measured) });
    expect([...playbook.modelCalibrations.keys()]).toEqual(['category.fallback']);
    expect(playbook.calibrations.size).toBe(0);
  });
});

describe('faults that no file shows alone', () => {
  test.each([
    [
      'a rule for an unknown target',
      { 'playbook.yaml': PLAYBOOK.replace('{ category: security }', '{ kategory: security }') },
      'playbook.yaml rules "phishing": unknown target "kategory", known are category, team',
    ],
    [
      'a rule with a value outside the taxonomy',
      { 'playbook.yaml': PLAYBOOK.replace('{ category: security }', '{ category: secrets }') },
      'playbook.yaml rules "phishing": "secrets" is not in the taxonomy of category: access, security',
    ],
    [
      'a route by an unknown target',
      { 'teams.yaml': TEAMS.replace('by: category', 'by: topic') },
      'teams.yaml route: unknown target "topic", known are category, team',
    ],
    [
      'a route to an unknown target',
      { 'teams.yaml': TEAMS.replace('team: team', 'team: squad') },
      'teams.yaml route: unknown target "squad", known are category, team',
    ],
    [
      'a team that takes an unknown value',
      { 'teams.yaml': TEAMS.replace('[access]', '[acess]') },
      'teams.yaml teams.Identity.takes: "acess" is not in the taxonomy of category: access, security',
    ],
    [
      'a value that two teams take',
      { 'teams.yaml': TEAMS.replace('[access]', '[access, security]') },
      'teams.yaml teams.Security.takes: "security" is already taken by Identity',
    ],
    [
      'a class that the taxonomy does not know',
      {
        'playbook.yaml': PLAYBOOK.replace('prefix: cat-', 'prefix: cat-\n    classes: { secrets: { exclude: true } }'),
      },
      'playbook.yaml targets.category.classes: "secrets" is not in the taxonomy of category: access, security',
    ],
    [
      'a parent that the taxonomy does not know',
      { 'taxonomies/category.yaml': TAXONOMY.replace("'Passwords' }", "'Passwords', parent: identity }") },
      'taxonomies/category.yaml values."access".parent: "identity" is not in the taxonomy of category: access, security',
    ],
    [
      'a calibration made for another target',
      { 'calibration/category.json': JSON.stringify(calibrationWith({ target: 'team' })) },
      'calibration/category.json: was made for "team"; write it anew with triage calibrate',
    ],
    [
      'a calibration of a model in the place of the local one',
      { 'calibration/category.json': JSON.stringify(calibrationWith({ rung: 'main' })) },
      'calibration/category.json: was made for "category.main"; write it anew with triage calibrate',
    ],
    [
      'a target with the name of another field of an answer',
      { 'playbook.yaml': PLAYBOOK.replace('  team:', '  evidence: { kind: component }\n  team:') },
      'playbook.yaml targets.evidence: this name cannot be used for a target; choose another',
    ],
    [
      'an example with a value that nobody may answer',
      withPrompt('few_shot: [{ summary: Wrong bonus, answer: { category: payroll } }]'),
      'prompts/triage.yaml few_shot "Wrong bonus": "payroll" is not in the taxonomy of category: access, security',
    ],
    [
      'an example for a target that there is not',
      withPrompt('few_shot: { from: corrections, targets: [colour] }'),
      'prompts/triage.yaml few_shot.targets: unknown target "colour", known are category, team',
    ],
    [
      'a feature that holds the answer',
      { 'playbook.yaml': `${PLAYBOOK}classify: { features: [reporter, customfield_10050] }\n` },
      'playbook.yaml classify.features: "team" is decided here, so its field cannot be a feature',
    ],
  ])('%s is told', (_what, files, fault) => {
    expect(faultsOf(files)).toEqual([fault]);
  });

  test('a component may be a feature where it is not decided, and not where it is', () => {
    const curious = `${PLAYBOOK}classify: { features: [component] }\n`;
    expect(faultsOf({ 'playbook.yaml': curious })).toEqual([]);
    const decided = curious.replace('rules:', '  component: { kind: component }\nrules:');
    expect(faultsOf({ 'playbook.yaml': decided })).toEqual([expect.stringMatching(/"component" is decided here/)]);
  });

  test('a label that could never be written because of a space is told', () => {
    const taxonomy = TAXONOMY.replace('access:', 'access rights:');
    const files = {
      'taxonomies/category.yaml': taxonomy,
      'teams.yaml': TEAMS.replace('[access]', "['access rights']"),
    };
    expect(faultsOf(files)).toEqual([expect.stringMatching(/access rights.*space/)]);
  });

  test('a target left to routing that no route reaches is told', () => {
    expect(faultsOf({ 'teams.yaml': null })).toEqual([expect.stringMatching(/team.*rout/)]);
  });
});
