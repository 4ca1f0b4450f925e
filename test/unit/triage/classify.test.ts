import { describe, expect, test } from 'vitest';
import { classify } from '../../../src/triage/classify.ts';
import { ALL_TARGETS, editableWith, evidenceWith, issueWith, playbookWith } from '../../support/fixtures.ts';

const evidence = [
  evidenceWith({ values: { category: 'access', component: 'Login' } }),
  evidenceWith({ values: { category: 'access' } }),
  evidenceWith({ values: { category: 'email' } }),
];
const found = { ruled: new Map<string, string>(), evidence };

describe('classifying', () => {
  test('proposes for each target that past tickets decide, and for no other', () => {
    const proposals = classify(issueWith(), playbookWith(), found);
    expect([...proposals.keys()]).toEqual(['category', 'priority', 'component']);
    expect(proposals.get('category')).toEqual({
      rung: 'neighbours',
      candidates: [
        { value: 'access', confidence: 2 / 3 },
        { value: 'email', confidence: 1 / 3 },
      ],
      voters: 3,
      hasAllowedValue: true,
    });
    expect(proposals.get('priority')).toMatchObject({ candidates: [], voters: 0 });
  });

  test('a target that is off is not even looked at, not by a rule either', () => {
    const playbook = playbookWith({ targets: { category: { ...ALL_TARGETS.category, mode: 'off' } } });
    expect(classify(issueWith(), playbook, { ...found, ruled: new Map([['category', 'access']]) }).size).toBe(0);
  });

  test('a rule wins over every neighbour', () => {
    const proposals = classify(issueWith(), playbookWith(), { ...found, ruled: new Map([['category', 'security']]) });
    expect(proposals.get('category')).toEqual({
      rung: 'rule',
      candidates: [{ value: 'security', confidence: 1 }],
      voters: 0,
      hasAllowedValue: true,
    });
  });

  test('a rule may decide what routing would', () => {
    const proposals = classify(issueWith(), playbookWith(), { ...found, ruled: new Map([['team', 'Desk']]) });
    expect(proposals.get('team')).toMatchObject({ rung: 'rule', candidates: [{ value: 'Desk', confidence: 1 }] });
  });

  test('a rule’s value that Jira does not allow is no candidate', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    const proposals = classify(issue, playbookWith(), { ...found, ruled: new Map([['component', 'Login']]) });
    expect(proposals.get('component')).toMatchObject({ rung: 'rule', candidates: [], hasAllowedValue: false });
  });

  test('only values of the taxonomy are voted for', () => {
    const playbook = playbookWith({ taxonomies: { category: ['email', 'erp'] } });
    expect(classify(issueWith(), playbook, found).get('category')).toMatchObject({
      candidates: [{ value: 'email', confidence: 1 }],
      voters: 1,
    });
  });

  test('only values that Jira allows now are voted for', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    expect(classify(issue, playbookWith(), found).get('component')).toMatchObject({
      candidates: [],
      voters: 0,
      hasAllowedValue: true,
    });
  });

  test('where taxonomy and Jira have nothing in common, nothing is allowed', () => {
    const issue = issueWith({ editable: editableWith({ components: ['Mail'] }) });
    const playbook = playbookWith({ taxonomies: { component: ['Login'] } });
    expect(classify(issue, playbook, found).get('component')).toMatchObject({ hasAllowedValue: false });
  });
});
