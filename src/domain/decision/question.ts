import { z } from 'zod';

/** The endpoints a model can be asked at, in the order they are tried. */
export const ENDPOINTS = ['main', 'fallback'] as const;
export type EndpointName = (typeof ENDPOINTS)[number];

/** One field of an answer. `choice` takes one of the values, `choices` any number of them. */
const AnswerFieldSchema = z.discriminatedUnion('kind', [
  z.object({ name: z.string(), kind: z.enum(['choice', 'choices']), values: z.array(z.string()).readonly() }),
  z.object({ name: z.string(), kind: z.literal('text'), maxLength: z.number() }),
]);
export type AnswerField = z.infer<typeof AnswerFieldSchema>;

/** Everything a model is given, and the only shape its answer may have. Equal questions are asked once. */
export const QuestionSchema = z.object({
  system: z.string(),
  user: z.string(),
  /** In this order, all of them required, nothing else allowed. */
  answer: z.array(AnswerFieldSchema).readonly(),
  generation: z.object({
    /** Null leaves it to the endpoint. */
    temperature: z.number().nullable(),
    maxTokens: z.number(),
    seed: z.number().nullable(),
    timeoutMs: z.number(),
    /** Further parameters of one vendor, sent as they are. */
    extra: z.record(z.string(), z.unknown()),
  }),
});
export type Question = Readonly<z.infer<typeof QuestionSchema>>;

const TokensSchema = z.object({ input: z.number(), output: z.number() });
export type Tokens = Readonly<z.infer<typeof TokensSchema>>;

/** A reply as it is kept. Anything but `whole` holds no answer. */
export const BookedReplySchema = z.object({
  end: z.enum(['whole', 'cut', 'refused', 'filtered', 'too-long', 'empty']),
  /** JSON, if the model kept to the shape. */
  text: z.string(),
  /** The model as the endpoint reports it, usually a dated snapshot. */
  model: z.string(),
  tokens: TokensSchema,
  /** Sum of the log-probabilities of each field's value, by field name; empty where not offered. */
  fieldLogprobs: z.record(z.string(), z.number()),
});
export type BookedReply = Readonly<z.infer<typeof BookedReplySchema>>;

/** What an endpoint sent back. */
export interface Reply extends Omit<BookedReply, 'fieldLogprobs'> {
  /** Natural logarithm of the probability of each token, in order; their texts joined are `text`. Null where not offered. */
  readonly logprobs: readonly { readonly token: string; readonly logprob: number }[] | null;
}

/** What was sent and answered, under the key of the exact request. */
export const BookEntrySchema = z.object({
  key: z.string(),
  endpoint: z.enum(ENDPOINTS),
  question: QuestionSchema,
  reply: BookedReplySchema,
  /** ISO 8601. */
  at: z.string(),
});
export type BookEntry = Readonly<z.infer<typeof BookEntrySchema>>;

/** An amount of tokens and money, in the currency of the playbook. */
export interface Cost {
  readonly tokens: number;
  readonly money: number;
}
