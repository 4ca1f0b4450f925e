import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openaiEmbedder } from '../../../src/adapters/openai/embedder.ts';
import { openaiModel } from '../../../src/adapters/openai/model.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { PlaybookFileSchema } from '../../../src/domain/playbook/playbook.ts';
import { runs, watchRejections } from '../../support/fuzz/bounds.ts';
import { questionWith } from '../../support/model.ts';
import { answeringServer, hostileAnswers } from './servers.ts';

const COMPLETION = {
  model: 'mini-2026',
  choices: [
    {
      message: { content: '{"category":"vpn"}' },
      finish_reason: 'stop',
      logprobs: { content: [{ token: '{"category":"vpn"}', logprob: -0.1 }] },
    },
  ],
  usage: { prompt_tokens: 900, completion_tokens: 40 },
};
const REFUSAL = {
  error: { message: 'no', type: 'invalid_request_error', param: 'temperature', code: 'content_filter' },
};
const VECTORS = { data: [{ index: 0, embedding: [0.1, 0.2] }], usage: { prompt_tokens: 1, total_tokens: 1 } };

/** One try, and never left alone: each answer is to be seen. */
const { model: settings } = PlaybookFileSchema.parse({
  projects: ['IT'],
  targets: {},
  model: { prompt: 'p', endpoints: { main: { retries: 0, breaker: { faults: 1_000_000 } } } },
});

const failureOf = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (thrown: unknown) => thrown,
  );

function expectTransient(error: unknown): void {
  if (error === null) return;
  expect(error, String(error instanceof Error ? error.stack : error)).toBeInstanceOf(TransientError);
  expect(String(error)).not.toMatch(/A ticket|key-of-the-model/);
}

describe('a server for models that answers anything at all', () => {
  test('gives a reply with sane figures, or is trouble that may pass', { timeout: 120_000 }, async () => {
    await using server = await answeringServer();
    using rejections = watchRejections();
    if (!settings) throw new Error('no model');
    await fc.assert(
      fc.asyncProperty(hostileAnswers([COMPLETION, REFUSAL]), async (answer) => {
        server.answerWith(answer);
        // Another one each time: a pause that the last answer asked for would hide this one.
        const model = openaiModel({
          endpoint: 'main',
          baseUrl: server.url,
          apiKey: 'key-of-the-model',
          model: 'mini',
          settings: settings.endpoints.main,
        });
        const question = questionWith();
        const asked = model.complete(question);
        expectTransient(await failureOf(asked));
        const reply = await asked.catch(() => null);
        for (const tokens of Object.values(reply?.tokens ?? {}))
          expect(tokens >= 0 && Number.isSafeInteger(tokens)).toBe(true);
      }),
      runs(150),
    );
    expect(rejections.seen).toEqual([]);
  });

  test('gives vectors of numbers, or is trouble that may pass', { timeout: 120_000 }, async () => {
    await using server = await answeringServer();
    using rejections = watchRejections();
    await fc.assert(
      fc.asyncProperty(hostileAnswers([VECTORS, REFUSAL]), async (answer) => {
        server.answerWith(answer);
        const embedder = openaiEmbedder({ baseUrl: server.url, apiKey: 'key-of-the-model', model: 'embed' });
        const asked = embedder.embed(['A ticket']);
        expectTransient(await failureOf(asked));
        for (const { vector } of await asked.catch(() => [])) {
          expect(vector.length).toBeGreaterThan(0);
          expect(vector.every((value) => Number.isFinite(value))).toBe(true);
        }
      }),
      runs(60),
    );
    expect(rejections.seen).toEqual([]);
  });
});
