import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { calibrationWith } from '../../support/fixtures.ts';
import { faultsOf, GOOD, load, PLAYBOOK, TAXONOMY, TEAMS, withPrompt } from './support.ts';

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
      'taxonomies/category.yaml:4 values.__proto__: this name cannot be used here; choose another',
    ]);
    const excluding = PLAYBOOK.replace('kind: label', 'kind: label\n    classes: { security: { exclude: true } }');
    expect(faultsOf({ 'playbook.yaml': excluding })).toEqual([
      'playbook.yaml:15 rules.0.then.category: "security" is excluded in targets.category.classes, so no rule can decide it',
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

  test('that refers to what it stands in is a fault with its line', () => {
    const loop = 'is an alias of what it stands in; write it out';
    expect(faultsOf({ 'teams.yaml': TEAMS.replace('[access]', '&loop [access, *loop]') })).toContain(
      `teams.yaml:3 teams.Identity.takes.1: ${loop}`,
    );
    expect(faultsOf({ 'playbook.yaml': `${PLAYBOOK}services: &loop\n  mail: *loop\n` })).toContain(
      `playbook.yaml:16 services.mail: ${loop}`,
    );
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
