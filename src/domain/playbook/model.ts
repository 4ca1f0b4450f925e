import { z } from 'zod';

/** How servers that speak OpenAI's protocol differ in it. */
export const PROFILES = ['openai', 'azure', 'anthropic', 'vllm', 'ollama', 'llamacpp', 'json-object', 'plain'] as const;

const EndpointSchema = z
  .strictObject({
    profile: z.enum(PROFILES).default('openai'),
    /** Instead of the prompt's own model, for servers that know it by another name. */
    model: z.string().min(1).optional(),
    /** Requests under way at once, per process. */
    concurrency: z.int().min(1).max(512).default(16),
    /** Further tries after a passing fault, as long as the time-out allows. */
    retries: z.int().min(0).max(5).default(2),
    /** After so many faults in a row nothing is asked there for a while. */
    breaker: z
      .strictObject({ faults: z.int().min(1).default(5), seconds: z.number().positive().default(30) })
      .prefault({}),
    /** Per million tokens, in `currency`. */
    price: z.strictObject({ input: z.number().min(0), output: z.number().min(0) }).prefault({ input: 0, output: 0 }),
  })
  .prefault({});

/** A day's limit (UTC); what is absent is not limited. */
const LimitSchema = z.strictObject({ tokens: z.int().min(0).optional(), money: z.number().min(0).optional() });

/** The language model, asked where the local classifier is not sure. */
export const ModelSchema = z.strictObject({
  /** File with the prompt. */
  prompt: z.string(),
  /** Above this confidence the local classifier's answer stands and no model is asked; 1 asks about every ticket. */
  skipModelAbove: z.number().min(0).max(1).default(0.97),
  /** Tokens of the ticket's own text that are shown. */
  maxTicketTokens: z.int().min(50).max(20_000).default(600),
  endpoints: z.strictObject({ main: EndpointSchema, fallback: EndpointSchema }).prefault({}),
  budget: z
    .strictObject({
      perDay: LimitSchema.prefault({ tokens: 2_000_000 }),
      /** For each project by itself. */
      perProject: LimitSchema.prefault({}),
    })
    .prefault({}),
  currency: z.string().default('USD'),
});

export type Profile = (typeof PROFILES)[number];
export type EndpointSettings = z.infer<typeof EndpointSchema>;
export type ModelSettings = z.infer<typeof ModelSchema>;
