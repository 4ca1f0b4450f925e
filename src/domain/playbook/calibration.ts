import { z } from 'zod';

const LogisticSchema = z.strictObject({
  means: z.array(z.number()),
  scales: z.array(z.number()),
  weights: z.array(z.number()),
  bias: z.number(),
});

/** Precisions for which cut-offs are worked out; what a playbook asks for is rounded up to the next one. */
export const PRECISIONS = [0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99] as const;

/** The lowest sufficient score per entry of `PRECISIONS`, null where none was sufficient. Never falls. */
const CutOffs = z.array(z.number().nullable()).length(PRECISIONS.length);
export type CutOffs = Readonly<z.infer<typeof CutOffs>>;

const CurveSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('logistic'), slope: z.number().min(0), intercept: z.number() }),
  z.strictObject({
    kind: z.literal('isotonic'),
    knots: z.array(z.strictObject({ score: z.number(), value: z.number() })).min(1),
  }),
]);
export type Curve = z.infer<typeof CurveSchema>;

/**
 * `config/calibration/<target>.json`: how far the local classifier's scores can be trusted for one target, measured on
 * tickets later than those it had learnt from; `<target>.main.json` and `<target>.fallback.json`: the same for what a
 * model says where the local classifier is not sure. Written by `triage calibrate`, reviewed and committed by people.
 */
export const CalibrationSchema = z.strictObject({
  target: z.string(),
  /** The local classifier, or a model's endpoint. */
  rung: z.enum(['local', 'main', 'fallback']),
  /** What was measured on. `unknown`: tickets whose value the classifier had never seen. Times are ISO 8601. */
  data: z.strictObject({
    tickets: z.int().min(0),
    unknown: z.int().min(0),
    from: z.string(),
    to: z.string(),
    accuracy: z.number(),
  }),
  /** How the classifier learnt and what it was shown at that time; with another recipe nothing is written by this file. */
  recipe: z.string(),
  /** The model behind the vectors that took part in retrieval, null for keywords alone. */
  embedder: z.string().nullable(),
  /** One-sided: the true precision is below the promised one with about this probability. */
  doubt: z.number(),
  /** Turns the signals, in this order, into a score between 0 and 1. */
  signals: z.array(z.string()),
  score: LogisticSchema,
  /** Turns the score into a probability of being right. */
  curve: CurveSchema,
  /** Below this scope score a ticket is unlike every past one. Without `model`, the score is the share of known words. */
  scope: z.strictObject({ model: LogisticSchema.nullable(), cutOff: z.number() }),
  cutOffs: z.strictObject({
    /** For classes with too little data of their own: everything together, with half the doubt. */
    pooled: CutOffs,
    classes: z.array(z.strictObject({ value: z.string(), tickets: z.int(), right: z.int(), cutOffs: CutOffs })),
    /** For a parent value when its children are too close; over the joint probability of the family. */
    parents: CutOffs.nullable(),
  }),
  /** From this likeness on, the nearest past ticket has the same value as often as promised; null: never. */
  similarFrom: z.number().nullable(),
});

export type Calibration = Readonly<z.infer<typeof CalibrationSchema>>;
