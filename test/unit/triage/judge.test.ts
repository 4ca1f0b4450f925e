import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../../src/triage/classify.ts';
import { judge } from '../../../src/triage/judge.ts';
import { playbookWith } from '../../support/fixtures.ts';

const playbook = playbookWith({
  targets: { category: { kind: 'label', prefix: 'cat-', cutOff: 0.6 } },
  classify: { minEvidence: 3 },
});

const candidates = (...shares: readonly number[]) =>
  shares.map((confidence, index) => ({ value: `v${index}`, confidence }));

const verdictOn = (parts: Partial<Proposal>) => {
  const proposal: Proposal = { rung: 'neighbours', candidates: [], voters: 5, hasAllowedValue: true, ...parts };
  return judge(new Map([['category', proposal]]), playbook).get('category');
};

describe('judging', () => {
  test('says yes at the cut-off, and keeps the runners-up', () => {
    expect(verdictOn({ candidates: candidates(0.6, 0.2, 0.1, 0.05, 0.03, 0.02) })).toEqual({
      kind: 'value',
      value: 'v0',
      confidence: 0.6,
      cutOff: 0.6,
      rung: 'neighbours',
      runnersUp: candidates(0, 0.2, 0.1, 0.05, 0.03).slice(1),
    });
  });

  test('abstains when the best value is below its cut-off', () => {
    expect(verdictOn({ candidates: candidates(0.59, 0.41) })).toMatchObject({
      kind: 'abstain',
      reason: 'below-cutoff',
      best: { value: 'v0', confidence: 0.59 },
      cutOff: 0.6,
      runnersUp: [{ value: 'v1', confidence: 0.41 }],
    });
  });

  test('abstains for thin data when too few past tickets spoke, however sure they are', () => {
    expect(verdictOn({ candidates: candidates(1), voters: 2 })).toMatchObject({ kind: 'abstain', reason: 'thin-data' });
    expect(verdictOn({ candidates: [], voters: 0 })).toMatchObject({ reason: 'thin-data', best: null });
  });

  test('abstains when nothing may be decided', () => {
    expect(verdictOn({ candidates: [], hasAllowedValue: false })).toMatchObject({
      reason: 'no-allowed-value',
      best: null,
    });
    expect(verdictOn({ rung: 'rule', candidates: [], hasAllowedValue: false })).toMatchObject({
      reason: 'no-allowed-value',
    });
  });

  test('a rule needs neither cut-off nor evidence', () => {
    const playbookOfSaints = playbookWith({ targets: { category: { kind: 'label', prefix: 'cat-', cutOff: 1 } } });
    const proposal: Proposal = { rung: 'rule', candidates: candidates(1), voters: 0, hasAllowedValue: true };
    expect(judge(new Map([['category', proposal]]), playbookOfSaints).get('category')).toMatchObject({
      kind: 'value',
      value: 'v0',
      rung: 'rule',
    });
  });

  test('has no opinion on targets nobody proposed anything for', () => {
    expect(judge(new Map(), playbook).size).toBe(0);
  });
});
