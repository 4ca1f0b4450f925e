import { describe, expect, test } from 'vitest';
import { calibrationWith } from '../../support/fixtures.ts';
import { faultsOf, PLAYBOOK, TAXONOMY, TEAMS, withPrompt } from './support.ts';

describe('faults that no file shows alone', () => {
  test.each([
    [
      'a rule for an unknown target',
      { 'playbook.yaml': PLAYBOOK.replace('{ category: security }', '{ kategory: security }') },
      'playbook.yaml:14 rules.0.then.kategory: unknown target "kategory", known are category, team',
    ],
    [
      'a rule with a value outside the taxonomy',
      { 'playbook.yaml': PLAYBOOK.replace('{ category: security }', '{ category: secrets }') },
      'playbook.yaml:14 rules.0.then.category: "secrets" is not in the taxonomy of category: access, security',
    ],
    [
      'a route by an unknown target',
      { 'teams.yaml': TEAMS.replace('by: category', 'by: topic') },
      'teams.yaml:1 route.by: unknown target "topic", known are category, team',
    ],
    [
      'a route to an unknown target',
      { 'teams.yaml': TEAMS.replace('team: team', 'team: squad') },
      'teams.yaml:1 route.team: unknown target "squad", known are category, team',
    ],
    [
      'a team that takes an unknown value',
      { 'teams.yaml': TEAMS.replace('[access]', '[acess]') },
      'teams.yaml:3 teams.Identity.takes.0: "acess" is not in the taxonomy of category: access, security',
    ],
    [
      'a value that two teams take',
      { 'teams.yaml': TEAMS.replace('[access]', '[access, security]') },
      'teams.yaml:4 teams.Security.takes.0: "security" is already taken by Identity',
    ],
    [
      'a class that the taxonomy does not know',
      {
        'playbook.yaml': PLAYBOOK.replace('prefix: cat-', 'prefix: cat-\n    classes: { secrets: { exclude: true } }'),
      },
      'playbook.yaml:6 targets.category.classes.secrets: "secrets" is not in the taxonomy of category: access, security',
    ],
    [
      'a parent that the taxonomy does not know',
      { 'taxonomies/category.yaml': TAXONOMY.replace("'Passwords' }", "'Passwords', parent: identity }") },
      'taxonomies/category.yaml:2 values.access.parent: "identity" is not in the taxonomy of category: access, security',
    ],
    [
      'a calibration made for another target',
      { 'calibration/category.json': JSON.stringify(calibrationWith({ target: 'team' })) },
      'calibration/category.json:1 target: made for "team"; write it anew with triage calibrate',
    ],
    [
      'a calibration of a model in the place of the local one',
      { 'calibration/category.json': JSON.stringify(calibrationWith({ rung: 'main' })) },
      'calibration/category.json:1 target: made for "category.main"; write it anew with triage calibrate',
    ],
    [
      'a target with the name of another field of an answer',
      { 'playbook.yaml': PLAYBOOK.replace('  team:', '  evidence: { kind: component }\n  team:') },
      'playbook.yaml:7 targets.evidence: this name cannot be used for a target; choose another',
    ],
    [
      'an example with a value that nobody may answer',
      withPrompt('few_shot: [{ summary: Wrong bonus, answer: { category: payroll } }]'),
      'prompts/triage.yaml:3 few_shot.0.answer.category: "payroll" is not in the taxonomy of category: access, security',
    ],
    [
      'an example for a target that there is not',
      withPrompt('few_shot: { from: corrections, targets: [colour] }'),
      'prompts/triage.yaml:3 few_shot.targets.0: unknown target "colour", known are category, team',
    ],
    [
      'a feature that holds the answer',
      { 'playbook.yaml': `${PLAYBOOK}classify: { features: [reporter, customfield_10050] }\n` },
      'playbook.yaml:15 classify.features.1: "team" is decided here, so its field cannot be a feature',
    ],
    [
      'a restricted project that is not triaged',
      { 'playbook.yaml': `${PLAYBOOK}restrictedProjects:\n  - IT\n  - HR\n` },
      'playbook.yaml:17 restrictedProjects.1: "HR" is not among projects: IT',
    ],
  ])('%s is told with its line', (_what, files, fault) => {
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
