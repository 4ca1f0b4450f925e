import { describe, expect, test } from 'vitest';
import { offerOf, protectedValues } from '../../../../src/triage/ladder/offers.ts';
import { editableWith, evidenceWith, issueWith, playbookWith, targetWith } from '../../../support/fixtures.ts';
import { proposalWith } from '../../../support/proposal.ts';

const category = targetWith('category', { kind: 'label', prefix: 'cat-' });
const many = Array.from({ length: 40 }, (_, index) => `c${index}`);
const ranked = many.map((value) => ({ value, confidence: 0.02 }));

const valuesOf = (offer: ReturnType<typeof offerOf>) => offer?.values.map(({ value }) => value);

describe('what a model is offered', () => {
  test('is every allowed value when they are few, with its description', () => {
    const playbook = playbookWith({ taxonomies: { category: ['vpn', 'erp', 'email'] } });
    const offer = offerOf(category, proposalWith({ candidates: [] }), { issue: issueWith(), playbook, evidence: [] });
    expect(offer?.values).toContainEqual({ value: 'email', description: 'email' });
    expect(valuesOf(offer)).toHaveLength(3);
  });

  test('is the best five and what the neighbours carry when they are many', () => {
    const playbook = playbookWith({ taxonomies: { category: many } });
    const evidence = [evidenceWith({ values: { category: 'c30' } }), evidenceWith({ values: { category: 'c2' } })];
    const offer = offerOf(category, proposalWith({ candidates: ranked }), { issue: issueWith(), playbook, evidence });
    expect(valuesOf(offer)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c30']);
  });

  test('holds nothing that Jira does not allow now, that is excluded or protected', () => {
    const target = targetWith('component', {
      kind: 'component',
      classes: { Payroll: { exclude: true }, Vault: { protect: true } },
    });
    const issue = issueWith({ editable: editableWith({ components: ['Mail', 'VPN', 'Payroll', 'Vault'] }) });
    const evidence = [evidenceWith({ values: { component: 'Retired' } })];
    const offer = offerOf(target, proposalWith({ candidates: [] }), { issue, playbook: playbookWith(), evidence });
    expect(valuesOf(offer)).toEqual(['Mail', 'VPN']);
  });

  test('is nothing where there is no choice', () => {
    const playbook = playbookWith({ taxonomies: { category: ['vpn'] } });
    expect(offerOf(category, proposalWith({}), { issue: issueWith(), playbook, evidence: [] })).toBeNull();
  });
});

describe('what a model never decides', () => {
  const priority = targetWith('priority', { kind: 'priority', classes: { Blocker: { protect: true } } });

  test('is the highest priority, whatever it is called, and what the playbook protects', () => {
    const issue = issueWith({ editable: editableWith({ priority: ['P1', 'P2', 'P3'] }) });
    expect([...protectedValues(priority, issue, playbookWith())].sort()).toEqual(['Blocker', 'P1']);
  });

  test('is what leads to a restricted team', () => {
    const playbook = playbookWith({
      teams: {
        route: { by: 'category', team: 'team' },
        teams: { Forensics: { takes: ['security'], restricted: true }, Desk: { takes: ['vpn'] } },
      },
    });
    expect([...protectedValues(category, issueWith(), playbook)]).toEqual(['security']);
  });
});
