import { z } from 'zod';
import type { Reply } from '../../domain/decision/question.ts';

const Message = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(z.looseObject({ function: z.looseObject({ arguments: z.string() }).optional() })).nullish(),
});

/** What cannot be a number of tokens is none: a budget must not grow by it. */
const Count = z.int().min(0).catch(0);
/** Without log-probabilities that can be read, an answer is still an answer. */
const Logprobs = z
  .looseObject({ content: z.array(z.looseObject({ token: z.string(), logprob: z.number() })).nullish() })
  .nullish()
  .catch(null);

const Completion = z.looseObject({
  model: z.string().catch(''),
  choices: z
    .array(
      z.looseObject({
        message: Message,
        finish_reason: z.string().nullish(),
        logprobs: Logprobs,
      }),
    )
    .default([]),
  usage: z.looseObject({ prompt_tokens: Count, completion_tokens: Count }).nullish().catch(null),
});

/** What a server sent, as a reply; null when it is no chat completion at all. */
export function replyFrom(body: unknown): Reply | null {
  const parsed = Completion.safeParse(body);
  if (!parsed.success) return null;
  const { model, choices, usage } = parsed.data;
  const [choice] = choices;
  const text = choice?.message.tool_calls?.[0]?.function?.arguments ?? choice?.message.content ?? '';
  return {
    end: endOf(choice, text),
    text,
    model,
    tokens: { input: usage?.prompt_tokens ?? 0, output: usage?.completion_tokens ?? 0 },
    logprobs: choice?.logprobs?.content?.map(({ token, logprob }) => ({ token, logprob })) ?? null,
  };
}

function endOf(choice: z.infer<typeof Completion>['choices'][number] | undefined, text: string): Reply['end'] {
  if (!choice) return 'empty';
  if (choice.message.refusal) return 'refused';
  if (choice.finish_reason === 'content_filter') return 'filtered';
  if (choice.finish_reason === 'length') return 'cut';
  return text.trim() === '' ? 'empty' : 'whole';
}
