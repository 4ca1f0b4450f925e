import type {
  ClassResult,
  EvaluationResult,
  LadderPoint,
  LadderResult,
  Method,
  Selective,
  Share,
  Significance,
} from '../../src/evaluation/result.ts';
import { wilson } from '../../src/learning/statistics.ts';

/** A share as the evaluation makes it: of nothing, its value is not a number. */
export function shareOf(right: number, of: number): Share {
  return { value: right / of, ...wilson(right, of), of };
}

/** A class of which so many of its test tickets were recognised, one ticket having been taken for something else. */
export function classOf(value: string, overrides: Partial<ClassResult> = {}): ClassResult {
  return {
    value,
    history: 120,
    test: 40,
    predicted: 38,
    precision: shareOf(32, 38),
    recall: shareOf(32, 40),
    f1: 0.82,
    coverage: shareOf(20, 38),
    precisionWhenSure: shareOf(19, 20),
    worst: [{ as: 'Network', n: 5, examples: [{ id: 'IT-7', title: 'Printer on floor 3 is offline' }] }],
    ...overrides,
  };
}

export function selectiveOf(targetPrecision: number, right: number, n: number): Selective {
  return { targetPrecision, precision: shareOf(right, n), coverage: shareOf(n, 1000), n, outOfScope: shareOf(0, 0) };
}

/** One target of one set: 1,000 test tickets, 410 acted on at 95 %, 390 of them rightly. */
export function evaluationWith(overrides: Partial<EvaluationResult> = {}): EvaluationResult {
  return {
    set: 'desk-it',
    target: 'team',
    split: { order: 'oldest first', history: 12_000, calibration: 800, test: 1000, unknown: 0 },
    methods: [
      methodOf('majority', 0.475),
      methodOf('bm25-knn', 0.677),
      methodOf('linear', 0.726),
      { ...methodOf('triage', 0.731), ece: 0.031 },
    ],
    selective: [selectiveOf(0.9, 543, 600), selectiveOf(0.95, 390, 410), selectiveOf(0.99, 0, 0)],
    classes: [classOf('Network', { worst: [] }), classOf('Hardware')],
    targetPrecision: 0.95,
    inScopeAuroc: null,
    riskCoverage: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((tenth) => ({ coverage: tenth / 10, precision: 1 - tenth / 40 })),
    reliability: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => ({
      from: tenth / 10,
      to: (tenth + 1) / 10,
      confidence: tenth === 0 ? Number.NaN : (tenth + 0.5) / 10,
      accuracy: tenth === 0 ? Number.NaN : tenth / 10,
      n: tenth * 20,
    })),
    confusion: {
      classes: ['Network', 'Hardware', '(other)'],
      counts: [
        [35, 5, 0],
        [8, 32, 0],
        [0, 0, 0],
      ],
    },
    learningCurve: [
      { tickets: 100, accuracy: 0.57 },
      { tickets: 1000, accuracy: 0.68 },
      { tickets: 12_000, accuracy: 0.731 },
    ],
    features: [
      { without: 'reporter', accuracy: 0.7, significance: significanceOf('triage', 'without reporter', 0.004) },
    ],
    significance: [significanceOf('triage', 'linear', 0.033), significanceOf('triage', 'majority', 0)],
    training: { seconds: 9.34, modelBytes: 4_120_000 },
    seed: 7,
    ...overrides,
  };
}

function methodOf(name: Method['name'], accuracy: number): Method {
  return { name, accuracy, macroF1: accuracy - 0.1, top3: accuracy + 0.1, ece: null, msPerTicket: 0.8 };
}

function significanceOf(method: string, against: string, p: number): Significance {
  return { method, against, gained: 41, lost: 23, p };
}

/** A step of the curve: asked below this confidence, about this share of tickets, with this accuracy. */
export function pointOf(skipModelAbove: number, askedShare: number, accuracy: number): LadderPoint {
  const figures = { coverage: 0.4, precision: 0.95, inputTokensPerTicket: 1_900 * askedShare };
  return { skipModelAbove, askedShare, accuracy, ...figures, moneyPerTicket: 0.0009 * askedShare };
}

/** A model that gains three points where the local classifier is less sure than 97 %. */
export function ladderWith(overrides: Partial<LadderResult> = {}): LadderResult {
  return {
    rung: 'ladder',
    model: 'model-2026-08-06',
    promptHash: '1a2b3c4d5e6f',
    skipModelAbove: 0.97,
    asked: 1_800,
    answered: 1_790,
    cached: 200,
    failed: { 'no answer within 20 s': 8, 'the model refused to answer': 2 },
    tokens: { inputMean: 1_912.4, inputMedian: 1_876, outputMean: 79.6 },
    moneyPerTicket: 0.000_913,
    currency: 'USD',
    without: { accuracy: 0.731, coverage: 0.41, precision: 0.951 },
    curve: [pointOf(0, 0.2, 0.74), pointOf(0.9, 0.5, 0.76), pointOf(0.97, 0.7, 0.761), pointOf(1, 1, 0.76)],
    beatsLocal: { method: 'triage', against: 'local', gained: 52, lost: 22, p: 0.000_6 },
    recommendedSkip: 0.9,
    ...overrides,
  };
}
