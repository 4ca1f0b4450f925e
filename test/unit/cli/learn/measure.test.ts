import { describe, expect, test } from 'vitest';
import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import { measure } from '../../../../src/cli/learn/measure.ts';
import { type EvaluationTask, evaluate } from '../../../../src/evaluation/evaluate.ts';
import { casesOf } from '../../../../src/feedback/propose/cases.ts';
import type { Change } from '../../../../src/feedback/propose/change.ts';
import { sift } from '../../../../src/feedback/propose/overrides.ts';
import { correctionWith, DOCKING, ordinaryTickets } from '../../../support/corrections.ts';
import { playbookWith } from '../../../support/fixtures.ts';

const TARGETS = { category: { kind: 'label', prefix: 'cat-', mode: 'auto' } } as const;
const before = playbookWith({ targets: TARGETS });
const made = DOCKING.map(([summary, text]) => correctionWith({ summary, text }));
const elsewhere = correctionWith({ summary: 'WLAN card broken', ours: 'network', theirs: 'hardware' });
const history = [...ordinaryTickets(14), ...made.map(({ ticket }) => ticket), elsewhere.ticket];

/** One rule that was made from the docking tickets. */
function draftWith(kind: Change['kind'], textMatches: string) {
  const tickets = new Map(history.map((ticket) => [ticket.id, ticket]));
  const outcomes = made.map(({ outcome }) => outcome);
  const { overrides } = sift(outcomes, { playbook: before, tickets });
  const kept = casesOf(overrides, { min: 5, people: 1, bursts: [] }).map(
    (of): Change => ({ id: '', kind, of, file: '', what: '', keys: [], apply: (source) => source }),
  );
  // biome-ignore lint/suspicious/noThenProperty: as the playbook says it
  const rule = { name: 'new', when: { textMatches }, then: { category: 'hardware' } };
  return { before, after: { ...before, rules: [rule] }, files: [], kept, dropped: [] };
}

function judging(): { readonly tasks: EvaluationTask[]; readonly judge: Parameters<typeof measure>[1]['judge'] } {
  const tasks: EvaluationTask[] = [];
  return {
    tasks,
    judge: (task) => {
      tasks.push(task);
      return evaluate({ ...task, isThorough: false }, { openMemory: processMemory });
    },
  };
}

describe('before → after', () => {
  test('shows the harm on other tickets, and apart from it what is right in-sample', async () => {
    const { judge, tasks } = judging();
    const draft = draftWith('rule', 'docking station|lan|dns');
    const { measured, notes } = await measure(draft, { history, rung: 'local', sample: 100, judge });
    expect(notes).toEqual([]);
    expect(measured).toMatchObject([
      { on: 'others', comparison: { isWorse: true } },
      { on: 'own', tickets: 7, comparison: { next: { accuracy: 1 }, guesses: { lost: 0 } } },
    ]);
    const [others] = measured;
    expect(others?.comparison.guesses.lost).toBeGreaterThan(4);
    const own = new Set(made.map(({ ticket }) => ticket.id));
    for (const { split } of tasks) {
      expect([...split.history, ...split.calibration].filter(({ id }) => own.has(id))).toEqual([]);
      expect(split.test.map(({ id }) => id)).toContain(elsewhere.ticket.id);
      const newest =
        split.history
          .map(({ created }) => created)
          .sort()
          .at(-1) ?? '';
      expect(split.test.filter(({ id, created }) => !own.has(id) && created <= newest)).toEqual([]);
    }
  });

  test('is nothing where only a model would listen, and a note where too little is there', async () => {
    const { judge, tasks } = judging();
    const means = { history, rung: 'local', sample: 100, judge } as const;
    expect(await measure(draftWith('example', 'x'), means)).toEqual({ measured: [], notes: [] });
    expect(tasks).toEqual([]);
    const few = made.map(({ ticket }) => ticket);
    const { measured, notes } = await measure(draftWith('rule', 'x'), { ...means, history: few });
    expect(measured).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^category is not measured: memory: nothing to judge category by/)]);
  });
});
