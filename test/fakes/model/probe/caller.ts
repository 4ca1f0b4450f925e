import OpenAI from 'openai';
import type { ModelServer } from '../server.ts';

/** The real client, without its own retries unless asked for. */
export function clientFor(
  { url }: Pick<ModelServer, 'url'>,
  options: { maxRetries?: number; timeout?: number } = {},
): OpenAI {
  return new OpenAI({ apiKey: 'a-key', baseURL: url, maxRetries: 0, timeout: 5_000, ...options });
}

/** An answer as the product asks for it: reasons first, then a value and a certainty per target. */
export const TRIAGE_SCHEMA = {
  type: 'object',
  properties: {
    evidence: { type: 'array', items: { type: 'string', enum: ['E1', 'E2', 'E3'] } },
    rationale: { type: 'string' },
    category: { type: 'string', enum: ['vpn', 'printer', 'mail', 'none_of_these'] },
    category_certainty: { type: 'string', enum: ['low', 'medium', 'high'] },
    tags: { type: 'array', items: { type: 'string', enum: ['vip', 'remote', 'office'] } },
  },
  required: ['evidence', 'rationale', 'category', 'category_certainty', 'tags'],
  additionalProperties: false,
};

export const TRIAGE_PROMPT = `Triage this ticket.
<data 1f>
Tunnel does not come up
The client says "no route".
</data 1f>
Past tickets:
<data 2e>
[E1] Tunnel broken at home → category: vpn; tags: remote, vip
[E2] Tunnel slow → category: vpn; tags: remote
[E3] Paper jam → category: printer
</data 2e>`;

export type ChatBody = OpenAI.ChatCompletionCreateParamsNonStreaming;

/** A strict question about a prompt; `more` adds to the request or replaces parts of it. */
export function question(more: Partial<ChatBody> = {}): ChatBody {
  return {
    model: 'fake-large',
    messages: [
      { role: 'system', content: 'You route tickets. CANARY-77.' },
      { role: 'user', content: TRIAGE_PROMPT },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'triage', strict: true, schema: TRIAGE_SCHEMA } },
    ...more,
  };
}

/** The same prompt with other words of the user, and no structure asked for. */
export function freely(user: string, more: Partial<ChatBody> = {}): ChatBody {
  const { response_format: _, ...rest } = question();
  return { ...rest, messages: [{ role: 'user', content: user }], ...more };
}

/** A tool that takes the triage answer. */
export function withTool(choice?: ChatBody['tool_choice'], strict = true): Partial<ChatBody> {
  return {
    tools: [{ type: 'function', function: { name: 'triage', strict, parameters: TRIAGE_SCHEMA } }],
    ...(choice === undefined ? {} : { tool_choice: choice }),
  };
}

/** What the client threw, as a test wants to look at it. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof OpenAI.APIError) return error;
    throw error;
  }
  throw new Error('the request was answered');
}
