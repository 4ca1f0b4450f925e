import type { Json } from '../../jira/json.ts';
import type { Odds } from '../chat/tokens.ts';

/** A request as the model sees it. */
export interface Asked {
  readonly model: string;
  /** System and developer messages, joined. */
  readonly system: string;
  /** The last user message. */
  readonly user: string;
  /** What the answer should look like: from `response_format`, a tool, or written in the prompt. */
  readonly schema: Json | null;
  /** JSON was asked for in some way. */
  readonly wantsJson: boolean;
  readonly seed: number | null;
  /** The most it may say; null: no limit. */
  readonly maxTokens: number | null;
  readonly temperature: number;
}

/** An object to be sent as JSON, or the text itself. */
export type Said = Json | string;

/** Makes the answer. May tell in `odds` how likely each value seemed; `logprobs` are made of it. */
export type Brain = (asked: Asked, odds: Odds) => Said;
