import type { BookEntry, BookedReply, Question, Reply } from '../../src/domain/decision/question.ts';
import { type Prompt, type PromptFile, PromptFileSchema } from '../../src/domain/playbook/prompt.ts';
import { answersFake } from '../fakes/answers.ts';

/** Ports of a service without a language model. */
export const noModel = { endpoints: [], answers: answersFake(), finder: null };

/** A question about the target `category` with two values. */
export function questionWith(parts: Partial<Question> = {}): Question {
  return {
    system: 'You sort tickets. Answer in JSON.',
    user: 'A ticket',
    answer: [
      { name: 'rationale', kind: 'text', maxLength: 300 },
      { name: 'category', kind: 'choice', values: ['vpn', 'erp', 'none_of_these'] },
      { name: 'category_certainty', kind: 'choice', values: ['low', 'medium', 'high'] },
    ],
    generation: { temperature: 0, maxTokens: 300, seed: 42, timeoutMs: 5_000, extra: {} },
    ...parts,
  };
}

/** What an endpoint sends back when all is well. */
export function replyWith(answer: unknown, parts: Partial<Reply> = {}): Reply {
  return {
    end: 'whole',
    text: JSON.stringify(answer),
    model: 'model-2026-08-06',
    tokens: { input: 1_000, output: 50 },
    logprobs: null,
    ...parts,
  };
}

export function bookedWith(answer: unknown, parts: Partial<BookedReply> = {}): BookedReply {
  const { logprobs: _, ...reply } = replyWith(answer);
  return { ...reply, fieldLogprobs: {}, ...parts };
}

export function entryWith(parts: Partial<BookEntry> = {}): BookEntry {
  return {
    key: 'key',
    endpoint: 'main',
    question: questionWith(),
    reply: bookedWith({ category: 'vpn' }),
    at: '2026-11-22T08:00:00.000Z',
    ...parts,
  };
}

/** A prompt that shows everything there is. */
export function promptWith(parts: Partial<PromptFile> = {}): Prompt {
  const user = [
    '{% data %}{% for target in targets %}{{ target.name }}: {% for option in target.values %}{{ option.value }} {% endfor %}{% endfor %}{% enddata %}',
    '{% data %}{% for past in evidence %}[{{ past.ref }}] {{ past.summary }} {{ past.text }}{% for pair in past.values %} → {{ pair.target }}: {{ pair.value }}{% endfor %}\n{% endfor %}{% enddata %}',
    '{% data %}{% for example in examples %}* {{ example.summary }}{% for pair in example.values %} → {{ pair.target }}: {{ pair.value }}{% endfor %}\n{% endfor %}{% enddata %}',
    '{% data %}{{ issue.summary }}\n{{ issue.text }}{% enddata %}',
  ].join('\n');
  return { ...PromptFileSchema.parse({ system: 'You sort tickets.', user }), ...parts, hash: 'prompt-hash' };
}
