import { z } from 'zod';
import type { Brain } from './brain/brain.ts';
import { obedient } from './brain/obedient.ts';
import { reader } from './brain/reader.ts';
import { PROFILES } from './gate/profiles.ts';

const isFunction = (value: unknown) => typeof value === 'function';

/** How a simulated server is set up; all of it can be said in JSON but a brain or a clock of one's own. */
export const optionsSchema = z.object({
  profile: z.enum(PROFILES).default('openai'),
  port: z.int().default(0),
  /** Every answer comes this much later. */
  delayMs: z.number().min(0).default(0),
  brain: z.union([z.enum(['reader', 'obedient']), z.custom<Brain>(isFunction)]).default('reader'),
  /** Keys that are taken; unset: any key, and none where the real server needs none. */
  apiKeys: z.array(z.string()).optional(),
  /** The only models there are; unset: any name is served. */
  models: z.array(z.string()).optional(),
  /** Embedding models with vectors of their own; any other model gives the shared ones. */
  embeddingModels: z.record(z.string(), z.object({ dimensions: z.int().min(1) })).default({}),
  /** The most one text to embed may hold, and the most texts at once. */
  embeddingTokens: z.int().min(1).default(8_192),
  embeddingInputs: z.int().min(1).default(2_048),
  /** Parameters the model does not take, for example `temperature` (but 1), `max_tokens`, `seed`, `json_schema`. */
  rejects: z.array(z.string()).default([]),
  /** How free text wraps the JSON that was asked for; unset: by turns, the same for the same prompt. */
  wrapping: z.enum(['bare', 'fenced', 'prose']).optional(),
  /** False: schemas are taken and not kept. */
  enforce: z.boolean().default(true),
  contextTokens: z.int().min(1).optional(),
  requestsPerMinute: z.number().positive().optional(),
  tokensPerMinute: z.number().positive().optional(),
  /** How many requests are remembered, the latest ones. */
  requestLogSize: z.int().min(0).default(5_000),
  now: z.custom<() => number>(isFunction).default(() => Date.now),
});

export type ModelServerOptions = z.output<typeof optionsSchema>;
export type ModelServerOptionsDraft = z.input<typeof optionsSchema>;

const BRAINS = { reader, obedient } as const;

export function brainOf({ brain }: ModelServerOptions): Brain {
  return typeof brain === 'function' ? brain : BRAINS[brain];
}
