import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replyFrom } from '../../../src/adapters/openai/reply.ts';
import type { Reply } from '../../../src/domain/decision/question.ts';
import { fieldLogprobs, readAnswer, readList, readText } from '../../../src/prompt/answer.ts';
import { inTime, runs } from '../../support/fuzz/bounds.ts';
import { changed, hostileText, PIECES } from '../../support/fuzz/values.ts';
import { questionWith } from '../../support/model.ts';

const fields = [{ name: 'evidence', kind: 'choices' as const, values: ['E1', 'E2'] }, ...questionWith().answer];
const ANSWER = { evidence: ['E1'], rationale: 'Same.', category: 'vpn', category_certainty: 'high' };
const TOKENS = ['{"', 'category', '": "', 'vpn', '"}'].map((token, index) => ({ token, logprob: -index }));

/** As servers of several makes send it. */
const COMPLETIONS = [
  {
    model: 'mini-2026',
    choices: [{ message: { content: JSON.stringify(ANSWER) }, finish_reason: 'stop', logprobs: { content: TOKENS } }],
    usage: { prompt_tokens: 900, completion_tokens: 40 },
  },
  {
    model: 'haiku',
    choices: [
      {
        message: { content: null, tool_calls: [{ function: { name: 'a', arguments: JSON.stringify(ANSWER) } }] },
        finish_reason: 'tool_calls',
      },
    ],
    usage: { prompt_tokens: 900, completion_tokens: 40 },
  },
];

const replies = changed(COMPLETIONS).map(asSent).map(replyFrom);

/** Through the wire: what JSON cannot hold does not arrive. */
function asSent(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

function answerOf(reply: Reply) {
  return readAnswer({ ...reply, fieldLogprobs: fieldLogprobs(reply, fields) }, fields, ['category']);
}

describe('a completion that is anything at all', () => {
  test('is a reply with sane figures, or none', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(replies, (reply) => {
        if (!reply) return;
        for (const tokens of Object.values(reply.tokens))
          expect(Number.isSafeInteger(tokens) && tokens >= 0).toBe(true);
        for (const { logprob } of reply.logprobs ?? []) expect(Number.isFinite(logprob)).toBe(true);
      }),
      runs(200),
    );
  });

  test('holds no value that was not offered, and words that are short', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(replies, (reply) => {
        const answer = reply && inTime(() => answerOf(reply));
        if (!answer) return;
        expect(['vpn', 'erp']).toEqual(expect.arrayContaining([...(answer.choices.get('category')?.values ?? [])]));
        expect(answer.rationale.length).toBeLessThanOrEqual(300);
        expect(['E1', 'E2']).toEqual(expect.arrayContaining([...answer.cited]));
      }),
      runs(200),
    );
  });

  test.each([
    ['a negative number of tokens', { prompt_tokens: -900, completion_tokens: 40 }, { input: 0, output: 40 }],
    ['half a token', { prompt_tokens: 900, completion_tokens: 0.5 }, { input: 900, output: 0 }],
    ['more tokens than there are', { prompt_tokens: 1e300, completion_tokens: 40 }, { input: 0, output: 40 }],
    ['words for a number', { prompt_tokens: 'many', completion_tokens: 40 }, { input: 0, output: 40 }],
    ['a bill that is none', 'free', { input: 0, output: 0 }],
  ])('with %s costs nothing for that, and is read all the same', (_what, usage, tokens) => {
    const reply = replyFrom({ ...COMPLETIONS[0], usage });
    expect(reply).toMatchObject({ end: 'whole', tokens });
  });

  test('is read without its log-probabilities where those cannot be', () => {
    const [choice] = COMPLETIONS[0]?.choices ?? [];
    const logprobs = { content: [{ token: '{"', logprob: null }] };
    const reply = replyFrom({ ...COMPLETIONS[0], choices: [{ ...choice, logprobs }] });
    expect(reply).toMatchObject({ end: 'whole', logprobs: null });
    expect(reply && answerOf(reply)?.choices.get('category')?.values).toEqual(['vpn']);
  });
});

describe('an answer of a megabyte', () => {
  const size = 1_000_000;
  const long = fc
    .constantFrom(...PIECES.filter((piece) => piece !== ''))
    .map((piece) => piece.repeat(size / piece.length));

  test('is read or passed over in time, wherever it is that long', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(long, hostileText),
        fc.constantFrom('rationale', 'category', 'evidence', 'x'),
        (text, name) => {
          const said = { ...ANSWER, [name]: text };
          const reply = replyFrom({ choices: [{ message: { content: JSON.stringify(said) }, finish_reason: 'stop' }] });
          expect(reply).not.toBeNull();
          if (reply) inTime(() => answerOf(reply));
        },
      ),
      runs(25),
    );
  });

  test('that is no JSON is passed over in time', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.oneof(long, hostileText), (text) => {
        const reply = replyFrom({ choices: [{ message: { content: `{${text}}` }, finish_reason: 'stop' }] });
        if (!reply) return;
        const booked = { ...reply, fieldLogprobs: {} };
        inTime(() => [answerOf(reply), readText(booked, 'ticket'), readList(booked, 'order', ['E1'])]);
      }),
      runs(25),
    );
  });
});
