import { describe, expect, test } from 'vitest';
import { openaiModel } from '../../src/adapters/openai/model.ts';
import { TransientError } from '../../src/domain/errors.ts';
import { type EndpointSettings, PROFILES } from '../../src/domain/playbook/model.ts';
import { PlaybookFileSchema } from '../../src/domain/playbook/playbook.ts';
import type { Model } from '../../src/domain/ports/model.ts';
import { fieldLogprobs, readAnswer } from '../../src/prompt/answer.ts';
import type { Trouble } from '../fakes/model/gate/troubles/troubles.ts';
import type { ModelServerOptionsDraft } from '../fakes/model/options.ts';
import { type ModelServer, startModelServer } from '../fakes/model/server.ts';
import { questionWith } from '../support/model.ts';

function settingsWith(parts: object = {}): EndpointSettings {
  const endpoints = { main: { retries: 1, ...parts } };
  const parsed = PlaybookFileSchema.parse({ projects: ['IT'], targets: {}, model: { prompt: 'p.yaml', endpoints } });
  if (!parsed.model) throw new Error('no model');
  return parsed.model.endpoints.main;
}

function modelAt(server: ModelServer, parts: object = {}): Model {
  return openaiModel({
    endpoint: 'main',
    baseUrl: server.url,
    apiKey: 'key',
    model: 'mini',
    settings: settingsWith(parts),
  });
}

const USER = `Choose.
<data 0123456789ab>
[E1] tunnel drops → category: vpn
[E2] tunnel slow → category: vpn
</data 0123456789ab>`;

const question = (timeoutMs = 3_000) =>
  questionWith({ user: USER, generation: { ...questionWith().generation, timeoutMs } });

const valueIn = async (model: Model, asked = question()) => {
  const whole = await model.complete(asked);
  const reply = { ...whole, fieldLogprobs: fieldLogprobs(whole, asked.answer) };
  return readAnswer(reply, asked.answer, ['category'])?.choices.get('category');
};

const timed = async <Result>(act: () => Promise<Result>) => {
  const startedAt = performance.now();
  const result = await act();
  return { result, ms: performance.now() - startedAt };
};

describe('a model behind the real client', () => {
  test.each(PROFILES)('answers in the shape that was asked for, in the dialect of %s', async (profile) => {
    await using server = await startModelServer({ profile });
    const reply = await modelAt(server, { profile }).complete(question());
    expect(reply).toMatchObject({ end: 'whole', tokens: { input: expect.any(Number) } });
    expect(reply.model).toContain('mini');
    expect((await valueIn(modelAt(server, { profile })))?.values).toEqual(['vpn']);
  });

  test.each(['openai', 'azure', 'vllm', 'llamacpp'] as const)(
    'tells how likely the value was, where %s offers it',
    async (profile) => {
      await using server = await startModelServer({ profile });
      const { logprob } = (await valueIn(modelAt(server, { profile }))) ?? {};
      expect(logprob).toBeLessThanOrEqual(0);
      expect(logprob).toBeGreaterThan(-20);
    },
  );

  test.each([['temperature'], ['seed'], ['logprobs'], ['max_completion_tokens'], ['temperature', 'seed', 'logprobs']])(
    'goes without what this model refuses: %s',
    async (...rejects) => {
      await using server = await startModelServer({ rejects });
      const model = modelAt(server);
      expect((await valueIn(model))?.values).toEqual(['vpn']);
      const before = server.requests.length;
      await model.complete(question());
      expect(server.requests.length - before).toBe(1);
    },
  );

  test('sends the key as each server wants it', async () => {
    await using server = await startModelServer({ profile: 'azure', apiKeys: ['key'] });
    expect((await valueIn(modelAt(server, { profile: 'azure' })))?.values).toEqual(['vpn']);
  });
});

/** What goes wrong once, and what becomes of the question. */
const passing: readonly Trouble[] = [
  'reset',
  'cut-body',
  'not-json',
  'bad-gateway',
  'overloaded',
  { status: 500 },
  { status: 503 },
  { status: 429, retryAfterMs: 50 },
  { status: 429 },
];

const unusable: readonly (readonly [Trouble, string])[] = [
  ['cut-json', 'cut'],
  ['refuse', 'refused'],
  ['no-choices', 'empty'],
  ['empty', 'empty'],
  ['content-filter', 'filtered'],
  ['too-long', 'too-long'],
  ['prompt-filtered', 'filtered'],
];

const lasting: readonly Trouble[] = ['unauthorized', 'no-model', 'no-quota', { status: 429, retryAfterSeconds: 60 }];

const name = (trouble: Trouble) => (typeof trouble === 'string' ? trouble : JSON.stringify(trouble));

describe('an endpoint in trouble', () => {
  test.each(passing.map((trouble) => [name(trouble), trouble] as const))(
    'is asked again after %s',
    async (_name, trouble) => {
      await using server = await startModelServer();
      server.trouble(trouble);
      expect((await valueIn(modelAt(server)))?.values).toEqual(['vpn']);
    },
  );

  test.each(passing.map((trouble) => [name(trouble), trouble] as const))(
    'is given up when it stays %s',
    async (_name, trouble) => {
      await using server = await startModelServer();
      server.always(trouble);
      const { result, ms } = await timed(() =>
        modelAt(server)
          .complete(question())
          .catch((error: unknown) => error),
      );
      expect(result).toBeInstanceOf(TransientError);
      expect(ms).toBeLessThan(4_000);
    },
  );

  test.each(unusable.map(([trouble, end]) => [name(trouble), trouble, end] as const))(
    'is taken at its word when %s',
    async (_name, trouble, end) => {
      const options: ModelServerOptionsDraft = trouble === 'prompt-filtered' ? { profile: 'azure' } : {};
      await using server = await startModelServer(options);
      server.trouble(trouble);
      const reply = await modelAt(server, { profile: options.profile ?? 'openai' }).complete(question());
      expect([reply.end, server.requests.length]).toEqual([end, 1]);
    },
  );

  test.each(lasting.map((trouble) => [name(trouble), trouble] as const))(
    'is not asked twice for %s',
    async (_name, trouble) => {
      await using server = await startModelServer();
      server.always(trouble);
      const { result, ms } = await timed(() =>
        modelAt(server, { retries: 3 })
          .complete(question())
          .catch((error: unknown) => error),
      );
      expect(result).toBeInstanceOf(TransientError);
      expect([server.requests.length, ms < 1_000]).toEqual([1, true]);
    },
  );

  test.each(['hang', 'drip'] as const)(
    'does not hold a question longer than its time-out when it %ss',
    async (trouble) => {
      await using server = await startModelServer();
      server.always(trouble);
      const { result, ms } = await timed(() =>
        modelAt(server)
          .complete(question(400))
          .catch((error: unknown) => error),
      );
      expect(result).toMatchObject({ name: 'TransientError', message: 'no answer within 0.4 s' });
      expect(ms).toBeLessThan(1_400);
    },
  );

  test('is left alone for as long as it asks, and asked again afterwards', async () => {
    await using server = await startModelServer();
    const model = modelAt(server, { retries: 0 });
    server.trouble({ status: 429, retryAfterSeconds: 60 });
    await expect(model.complete(question())).rejects.toThrow('429');
    await expect(model.complete(question())).rejects.toThrow('left alone');
    expect(server.requests).toHaveLength(1);
  });

  test('is left alone after several faults in a row, and tried again after a while', async () => {
    await using server = await startModelServer();
    server.always({ status: 500 });
    const model = modelAt(server, { retries: 0, breaker: { faults: 3, seconds: 0.3 } });
    for (let round = 0; round < 3; round++) await expect(model.complete(question())).rejects.toThrow('500');
    await expect(model.complete(question())).rejects.toThrow('left alone after several faults');
    expect(server.requests).toHaveLength(3);
    server.always(null);
    await expect
      .poll(async () => (await valueIn(model).catch(() => null))?.values, { timeout: 3_000 })
      .toEqual(['vpn']);
  });

  test('never gets more questions at once than it takes', async () => {
    await using server = await startModelServer({ delayMs: 30 });
    const model = modelAt(server, { concurrency: 3 });
    const asked = Array.from({ length: 12 }, (_, index) => ({ ...question(), system: `ticket ${index}` }));
    await Promise.all(asked.map((one) => model.complete(one)));
    expect([server.inFlight.max, server.requests.length]).toEqual([3, 12]);
  });

  test('does not let its words or ours into the error', async () => {
    await using server = await startModelServer();
    server.always('not-json');
    const error = await modelAt(server, { retries: 0 })
      .complete(question())
      .catch((thrown: unknown) => thrown);
    expect(String(error)).not.toContain('tunnel');
    expect(error instanceof Error && error.cause).toBeUndefined();
  });
});
