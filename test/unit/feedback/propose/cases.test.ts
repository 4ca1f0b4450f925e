import { describe, expect, test } from 'vitest';
import { casesOf } from '../../../../src/feedback/propose/cases.ts';
import { sift } from '../../../../src/feedback/propose/overrides.ts';
import { type CorrectionDraft, correctionWith, DOCKING } from '../../../support/corrections.ts';
import { playbookWith } from '../../../support/fixtures.ts';

const bar = { min: 5, people: 2, bursts: [] };

function casesFrom(drafts: readonly CorrectionDraft[], more: Partial<typeof bar> = {}) {
  const made = drafts.map(correctionWith);
  const tickets = new Map(made.map(({ ticket }) => [ticket.id, ticket]));
  const { overrides } = sift(
    made.map(({ outcome }) => outcome),
    { playbook: playbookWith(), tickets },
  );
  return casesOf(overrides, { ...bar, ...more });
}

const docking = (count: number, by: (index: number) => string = (index) => `agent-${index % 2}`) =>
  DOCKING.slice(0, count).map(([summary, text], index) => ({ summary, text, by: by(index) }));

describe('a mistake that people keep correcting', () => {
  test('counts from the bar on, by what was replaced by what', () => {
    const other = { summary: 'SAP role', ours: 'erp', theirs: 'access', by: 'agent-1' };
    expect(casesFrom([...docking(5), other])).toMatchObject([
      { ours: 'network', theirs: 'hardware', people: 2, lacks: null },
      { ours: 'erp', theirs: 'access', people: 1, lacks: '4 more independent corrections' },
    ]);
    expect(casesFrom(docking(4))).toMatchObject([{ lacks: '1 more independent correction' }]);
  });

  test('copies count once, and the newest stands for them', () => {
    const [one] = docking(1);
    const copies = Array.from({ length: 9 }, (_, index) => ({ summary: '', ...one, by: `agent-${index}` }));
    const [found] = casesFrom([...docking(4), ...copies]);
    expect(found?.corrected).toHaveLength(13);
    expect(found?.tickets).toHaveLength(4);
    expect(found?.lacks).toBe('1 more independent correction');
  });

  test('one busy person is not enough, unless one is asked for', () => {
    const busy = docking(7, () => 'agent-1');
    expect(casesFrom(busy)).toMatchObject([{ people: 1, lacks: '1 more of 2 people who correct it' }]);
    expect(casesFrom(busy, { people: 1 })).toMatchObject([{ lacks: null }]);
  });

  test('nobody knows who it was: nobody is counted', () => {
    const unknown = docking(7).map((draft) => ({ ...draft, outcome: { by: null } }));
    expect(casesFrom(unknown)).toMatchObject([{ people: 0, lacks: '2 more of 2 people who correct it' }]);
  });
});
