import { describe, expect, test } from 'vitest';
import type { Calibration } from '../../../src/domain/playbook/calibration.ts';
import type { Choice } from '../../../src/prompt/answer.ts';
import type { Proposal } from '../../../src/triage/classify.ts';
import { judge } from '../../../src/triage/judge.ts';
import { calibrationWith, issueWith, playbookWith, signalsFor } from '../../support/fixtures.ts';
import { proposalWith } from '../../support/proposal.ts';

const CATEGORY = { kind: 'label', prefix: 'cat-', mode: 'auto', targetPrecision: 0.9 } as const;
const guess = (value: string, score: number) => ({ value, signals: signalsFor(score, 1) });
const says = (...values: string[]): Choice => ({ values, certainty: 1, logprob: null });

interface Opinions {
  /** Scores by value: the local classifier's choice and, with a model, both. */
  readonly local: readonly [string, number];
  readonly together: readonly (readonly [string, number])[];
  readonly choice?: Choice;
}

function proposalOf({ local, together, choice = says('vpn') }: Opinions): Proposal {
  const alone = proposalWith({ candidates: [{ value: local[0], confidence: 1 }], proposed: [guess(...local)] });
  const candidates = [...new Set([...choice.values, local[0]])].map((value) => ({ value, confidence: 0.5 }));
  const proposed = together.map(([value, score]) => guess(value, score));
  return { ...alone, rung: 'model', candidates, proposed, model: { endpoint: 'main', choice, local: alone } };
}

interface Setting {
  readonly target?: Record<string, unknown>;
  readonly calibrations?: readonly Calibration[];
  readonly model?: readonly Calibration[];
}

function verdictOn(opinions: Opinions, { target = {}, calibrations, model }: Setting = {}) {
  const playbook = playbookWith({
    targets: { category: { ...CATEGORY, ...target } },
    calibrations: new Map((calibrations ?? [calibrationWith()]).map((made) => ['category', made])),
    modelCalibrations: new Map((model ?? [calibrationWith({ rung: 'main' })]).map((made) => ['category.main', made])),
  });
  return judge(new Map([['category', proposalOf(opinions)]]), issueWith(), playbook).get('category');
}

describe('judging with a model', () => {
  test('takes the likelier of the two opinions', () => {
    const opinions = {
      local: ['erp', 0.5],
      together: [
        ['vpn', 0.93],
        ['erp', 0.2],
      ],
    } as const;
    expect(verdictOn(opinions)).toMatchObject({ kind: 'value', value: 'vpn', rung: 'model' });
    const other = {
      local: ['erp', 0.5],
      together: [
        ['vpn', 0.3],
        ['erp', 0.94],
      ],
    } as const;
    expect(verdictOn(other)).toMatchObject({ kind: 'value', value: 'erp', rung: 'model' });
  });

  test('abstains when neither is sure enough', () => {
    const opinions = {
      local: ['erp', 0.5],
      together: [
        ['vpn', 0.7],
        ['erp', 0.3],
      ],
    } as const;
    expect(verdictOn(opinions)).toMatchObject({ kind: 'abstain', reason: 'below-cutoff', best: { value: 'vpn' } });
  });

  test('leaves what is sure without the model: nobody can talk it into silence', () => {
    const opinions = { local: ['erp', 0.95], together: [['erp', 0.6]], choice: says() } as const;
    expect(verdictOn(opinions)).toMatchObject({ kind: 'value', value: 'erp', rung: 'local' });
  });

  test('does not count a model that nobody has measured, but lets it suggest where nothing was measured', () => {
    const opinions = {
      local: ['erp', 0.5],
      together: [
        ['vpn', 0.99],
        ['erp', 0.2],
      ],
    } as const;
    expect(verdictOn(opinions, { model: [] })).toMatchObject({
      kind: 'abstain',
      best: { value: 'erp' },
      rung: 'local',
    });
    expect(verdictOn(opinions, { model: [], calibrations: [] })).toMatchObject({
      kind: 'abstain',
      reason: 'thin-data',
      best: { value: 'vpn' },
      rung: 'model',
    });
  });

  test('writes an unmeasured model’s answer only where the target promises nothing', () => {
    const opinions = { local: ['erp', 0.5], together: [['vpn', 0.2]] } as const;
    const setting = { model: [], calibrations: [], target: { targetPrecision: 0 } };
    expect(verdictOn(opinions, setting)).toMatchObject({ kind: 'value', value: 'vpn', rung: 'model' });
  });

  test('gives a protected value nothing: neither by the model nor with its help', () => {
    const target = { classes: { vpn: { protect: true }, erp: { protect: true } } };
    const byModel = {
      local: ['mail', 0.3],
      together: [
        ['vpn', 0.99],
        ['mail', 0.2],
      ],
    } as const;
    expect(verdictOn(byModel, { target })).toMatchObject({ kind: 'abstain', best: { value: 'mail' }, rung: 'local' });
    const withHelp = { local: ['erp', 0.5], together: [['erp', 0.99]] } as const;
    expect(verdictOn(withHelp, { target })).toMatchObject({ kind: 'abstain', best: { value: 'erp' }, rung: 'local' });
    const alone = { local: ['erp', 0.95], together: [['erp', 0.99]] } as const;
    expect(verdictOn(alone, { target })).toMatchObject({ kind: 'value', value: 'erp', rung: 'local' });
  });

  test('never decides an excluded class', () => {
    const opinions = {
      local: ['erp', 0.2],
      together: [
        ['vpn', 0.99],
        ['erp', 0.1],
      ],
    } as const;
    const target = { classes: { vpn: { exclude: true } } };
    expect(verdictOn(opinions, { target })).toMatchObject({ kind: 'abstain', reason: 'excluded-class' });
  });
});
