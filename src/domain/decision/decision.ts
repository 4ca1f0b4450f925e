import { z } from 'zod';
import { ENDPOINTS } from './question.ts';

/** Why nothing was decided for a target. */
export const AbstainReason = z.enum([
  'below-cutoff',
  /** Too few past tickets, or nothing measured yet, to promise anything. */
  'thin-data',
  /** Unlike every past ticket. */
  'out-of-scope',
  /** A person has set the value already. */
  'human-set',
  /** The playbook says that this value is never decided. */
  'excluded-class',
  'no-allowed-value',
  /** A model never decides this value. */
  'protected-value',
  'not-routed',
  /** The team is known, but nobody of it can take the ticket now. */
  'nobody-eligible',
]);
export type AbstainReason = z.infer<typeof AbstainReason>;

const Candidate = z.object({ value: z.string(), confidence: z.number() });
export type Candidate = Readonly<z.infer<typeof Candidate>>;

/** What answered: a rule, the local classifier, the past tickets' vote alone, a language model, or the routing table. */
const Rung = z.enum(['rule', 'local', 'neighbours', 'model', 'routing']);
export type Rung = z.infer<typeof Rung>;

const Verdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('value'),
    value: z.string(),
    confidence: z.number(),
    cutOff: z.number(),
    rung: Rung,
    runnersUp: z.array(Candidate),
  }),
  z.object({
    kind: z.literal('abstain'),
    reason: AbstainReason,
    best: Candidate.nullable(),
    cutOff: z.number(),
    rung: Rung,
    runnersUp: z.array(Candidate),
  }),
]);
export type Verdict = Readonly<z.infer<typeof Verdict>>;

/** A past ticket that was shown to the classifier. `similarity` is comparable within one decision only. */
export const Evidence = z.object({
  id: z.string(),
  key: z.string(),
  summary: z.string(),
  similarity: z.number(),
  /** How much the two tickets are alike, 0 to 1; comparable across decisions. */
  likeness: z.number().default(0),
  /** It has a security level or is of a restricted project: fit to decide by inside its own project, never to be shown. */
  isRestricted: z.boolean(),
  /** Alike enough to be called the same thing, as the calibrations measured it. */
  isSimilar: z.boolean().default(false),
  resolution: z.string().nullable().default(null),
  values: z.record(z.string(), z.string()),
  /** Values that we wrote and nobody touched: they vote by `classify.weakWeight`, and are shown to nobody as true. */
  weakValues: z.record(z.string(), z.string()).optional(),
});
export type Evidence = Readonly<z.infer<typeof Evidence>>;

/** A candidate not chosen, and why. */
const PassedOver = z.object({ accountId: z.string(), why: z.string() });
export type PassedOver = Readonly<z.infer<typeof PassedOver>>;

const Routing = z.object({
  team: z.string().nullable(),
  assignee: z.string().nullable(),
  policy: z.string().nullable(),
  /** Every candidate not chosen, with the reason. */
  passedOver: z.array(PassedOver),
  /** Who takes the place of the chosen one if that person cannot be assigned when it is written; best first. */
  alternates: z.array(z.string()).default([]),
  /** The team that could not take it, where another one got the ticket. */
  escalatedFrom: z.string().nullable().default(null),
});
export type Routing = Readonly<z.infer<typeof Routing>>;

/** The burst a ticket came in with, and how many tickets it had then. */
const BurstShare = z.object({ id: z.string(), members: z.number() });
export type BurstShare = Readonly<z.infer<typeof BurstShare>>;

/** What became of asking a language model. */
const Asked = z.object({
  /** Which endpoint answered; null: none did. */
  endpoint: z.enum(ENDPOINTS).nullable(),
  /** As the endpoint reports it. */
  model: z.string().nullable(),
  /** Fingerprint of the prompt file. */
  prompt: z.string(),
  /** Of what was sent and answered, to look it up; null when nothing was sent. */
  key: z.string().nullable(),
  /** The same question had been answered before, so it cost nothing. */
  isCached: z.boolean(),
  tokens: z.object({ input: z.number(), output: z.number() }),
  /** In the currency of the playbook. */
  money: z.number(),
  ms: z.number(),
  /** Endpoints that did not answer, and why. */
  troubles: z.array(z.object({ endpoint: z.enum(ENDPOINTS), why: z.string() })),
  /** The model's own words, without anything that could be rendered; for the ledger, never for Jira. */
  rationale: z.string(),
  /** Keys of the past tickets it went by. */
  cited: z.array(z.string()),
});
export type Asked = Readonly<z.infer<typeof Asked>>;

/** One decision per delivery attempt: what was decided, from what, by which playbook revision. */
export const DecisionSchema = z.object({
  id: z.string(),
  deliveryId: z.string(),
  issueId: z.string(),
  issueKey: z.string(),
  revision: z.string(),
  inputHash: z.string(),
  /** How often this delivery attempt was decided before, because the ticket changed before it was written. */
  round: z.number().default(0),
  /** In the control group: decided and left alone. */
  isControl: z.boolean().default(false),
  /** Asked for by a person who said that even people's values may be replaced. */
  overridesHumans: z.boolean().default(false),
  /** Share of the ticket's words that the local classifier never saw, 0 to 1; null without a classifier. */
  unknownWords: z.number().nullable().default(null),
  /** Version of the local classifier that was asked; null when there was none. */
  model: z.string().nullable().default(null),
  decidedAt: z.string(),
  verdicts: z.record(z.string(), Verdict),
  evidence: z.array(Evidence),
  routing: Routing,
  /** Null: the ticket stood alone when it was decided. Decisions made before bursts were noticed have none. */
  burst: BurstShare.nullable().default(null),
  retrieval: z.enum(['sparse', 'hybrid', 'degraded']),
  /** Null: no model was to be asked. */
  asked: Asked.nullable().default(null),
  /** A lower rung, or less evidence, than the playbook asks for; `degradedBecause` says why. */
  degraded: z.boolean().default(false),
  degradedBecause: z.string().nullable().default(null),
  timingsMs: z.record(z.string(), z.number()),
});
export type Decision = Readonly<z.infer<typeof DecisionSchema>>;
