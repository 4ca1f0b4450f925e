import { z } from 'zod';

const Shot = z.strictObject({
  summary: z.string().min(1),
  text: z.string().default(''),
  /** The right value per target. */
  answer: z
    .record(z.string(), z.string())
    .refine((answer) => Object.keys(answer).length > 0, 'needs the value of a target'),
});

/** Tickets where people replaced a value of ours. */
const FromCorrections = z.strictObject({
  from: z.literal('corrections'),
  /** Only corrections of these targets; absent: of any that the model decides. */
  targets: z.array(z.string()).min(1).optional(),
  /** Only of the issue's own project. */
  sameProject: z.boolean().default(true),
  limit: z.int().min(1).max(20).default(4),
});

/** `config/prompts/*.yaml`. Names as in the vendors' own APIs. */
export const PromptFileSchema = z.strictObject({
  /** Sent as it is; what it says is the same for every ticket. */
  system: z.string().min(1),
  /** A Liquid template over `issue`, `targets`, `evidence`, `examples`; what people wrote only inside `{% data %}`. */
  user: z.string().min(1),
  few_shot: z.union([z.array(Shot).max(20), FromCorrections]).default([]),
  generation: z
    .strictObject({
      /** Absent: the model that the endpoint is set up with. */
      model: z.string().min(1).optional(),
      /** null leaves it out, for models that allow none. */
      temperature: z.number().min(0).max(2).nullable().default(0),
      max_tokens: z.int().min(16).max(32_000).default(400),
      seed: z.int().nullable().default(42),
      /** Seconds until the next rung is tried, retries included. */
      timeout: z.number().min(0.1).max(300).default(20),
      /** Further parameters of one vendor, for example `reasoning_effort: minimal`. */
      extra: z.record(z.string(), z.unknown()).default({}),
    })
    .prefault({}),
  /** For the people who review it; never sent. */
  notes: z.string().default(''),
});

export type PromptFile = z.infer<typeof PromptFileSchema>;
export type FewShots = PromptFile['few_shot'];

/** A prompt file with the fingerprint of its content. */
export interface Prompt extends PromptFile {
  readonly hash: string;
}
