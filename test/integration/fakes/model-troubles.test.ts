import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { goDuration } from '../../fakes/model/gate/limits.ts';
import type { Trouble } from '../../fakes/model/gate/troubles/troubles.ts';
import { clientFor, failureOf, question } from '../../fakes/model/probe/caller.ts';
import { startModelServer, vectorFor } from '../../fakes/model/server.ts';

const ask = (client: OpenAI) => client.chat.completions.create(question());

describe('a trouble of the connection', () => {
  test.each([
    ['reset', OpenAI.APIConnectionError],
    ['hang', OpenAI.APIConnectionTimeoutError],
    ['drip', OpenAI.APIConnectionTimeoutError],
  ] as const)('is seen by the client: %s', async (trouble, kind) => {
    await using server = await startModelServer();
    server.trouble(trouble);
    const client = clientFor(server, { timeout: 300 });
    expect(await failureOf(ask(client))).toBeInstanceOf(kind);
    expect((await ask(client)).object).toBe('chat.completion');
    expect(server.requests.map(({ status }) => status)).toEqual([trouble === 'drip' ? 200 : 0, 200]);
  });

  test('may cut the body, which the client throws as it comes', async () => {
    await using server = await startModelServer();
    server.trouble('cut-body');
    await expect(ask(clientFor(server))).rejects.toThrow('terminated');
  });

  test('may put a page in the place of JSON, which the client takes for text', async () => {
    await using server = await startModelServer();
    server.trouble('not-json', 'bad-gateway');
    expect(await ask(clientFor(server))).toBe('<html>busy</html>');
    const error = await failureOf(ask(clientFor(server)));
    expect(error).toMatchObject({ status: 502, error: undefined });
    expect(error.message).toContain('<title>502 Bad Gateway</title>');
  });

  test('may be no more than slowness', async () => {
    await using server = await startModelServer({ delayMs: 20 });
    server.trouble({ slowMs: 60 });
    const start = performance.now();
    expect((await ask(clientFor(server))).object).toBe('chat.completion');
    expect(performance.now() - start).toBeGreaterThanOrEqual(79);
  });
});

describe('an error', () => {
  test.each([
    [{ status: 429, retryAfterSeconds: 7 }, 429, 'rate_limit_exceeded', { 'retry-after': '7', 'retry-after-ms': null }],
    [{ status: 429, retryAfterMs: 250 }, 429, 'rate_limit_exceeded', { 'retry-after': null, 'retry-after-ms': '250' }],
    [{ status: 429 }, 429, 'rate_limit_exceeded', { 'retry-after': null, 'retry-after-ms': null }],
    ['no-quota', 429, 'insufficient_quota', { 'retry-after': null }],
    [{ status: 500 }, 500, null, {}],
    [{ status: 503, retryAfterSeconds: 2 }, 503, null, { 'retry-after': '2' }],
    ['overloaded', 503, null, {}],
    ['unauthorized', 401, 'invalid_api_key', {}],
    ['no-model', 404, 'model_not_found', {}],
    ['too-long', 400, 'context_length_exceeded', {}],
    ['prompt-filtered', 400, 'invalid_prompt', {}],
  ] as const)('is answered instead: %j', async (trouble, status, code, headers) => {
    await using server = await startModelServer();
    server.trouble(trouble);
    const error = await failureOf(ask(clientFor(server)));
    expect(error).toMatchObject({ status, code });
    for (const [name, value] of Object.entries(headers)) expect(error.headers?.get(name)).toBe(value);
    expect(error.headers?.get('x-ratelimit-limit-tokens')).toBe('2000000');
  });

  test('has the form that Azure gives it', async () => {
    await using server = await startModelServer({ profile: 'azure' });
    server.trouble('prompt-filtered', { status: 429, retryAfterSeconds: 3 });
    expect(await failureOf(ask(clientFor(server)))).toMatchObject({
      status: 400,
      code: 'content_filter',
      error: {
        innererror: { code: 'ResponsibleAIPolicyViolation', content_filter_result: { jailbreak: { detected: true } } },
      },
    });
    expect(await failureOf(ask(clientFor(server)))).toMatchObject({ status: 429, code: '429' });
  });

  test('is 529 where Anthropic is overloaded', async () => {
    await using server = await startModelServer({ profile: 'anthropic' });
    server.trouble('overloaded');
    expect(await failureOf(ask(clientFor(server)))).toMatchObject({ status: 529, type: 'overloaded_error' });
  });

  test('is got over by the client, when it may try again', async () => {
    await using server = await startModelServer();
    server.trouble({ status: 429, retryAfterMs: 5 }, { status: 503, retryAfterMs: 5 });
    expect((await ask(clientFor(server, { maxRetries: 2 }))).object).toBe('chat.completion');
    expect(server.requests.map(({ status }) => status)).toEqual([429, 503, 200]);
  });
});

describe('a spoilt completion', () => {
  const choiceAfter = async (trouble: Trouble, profile: 'openai' | 'azure' = 'openai') => {
    await using server = await startModelServer({ profile });
    server.trouble(trouble);
    return (await ask(clientFor(server))).choices[0];
  };

  test('is cut in the middle', async () => {
    const choice = await choiceAfter('cut-json');
    expect(choice?.finish_reason).toBe('length');
    expect(choice?.message.content).toMatch(/^\{"evidence"/);
    expect(() => JSON.parse(choice?.message.content ?? '')).toThrow();
  });

  test('is a refusal', async () => {
    expect(await choiceAfter('refuse')).toMatchObject({
      finish_reason: 'stop',
      message: { content: null, refusal: expect.stringContaining('sorry') },
    });
  });

  test('has a value that was not offered', async () => {
    expect(JSON.parse((await choiceAfter('outside-enum'))?.message.content ?? '')).toMatchObject({
      category: 'made_up_value',
      category_certainty: 'medium',
    });
  });

  test('has members that nobody asked for', async () => {
    expect(JSON.parse((await choiceAfter('extra-field'))?.message.content ?? '')).toMatchObject({
      category: 'vpn',
      assignee: 'mallory',
    });
  });

  test('has no choices, or nothing in them', async () => {
    expect(await choiceAfter('no-choices')).toBeUndefined();
    expect(await choiceAfter('empty')).toMatchObject({ message: { content: '' } });
  });

  test('was only thought about', async () => {
    expect(await choiceAfter('only-thought')).toMatchObject({ finish_reason: 'length', message: { content: '' } });
  });

  test('was filtered', async () => {
    expect(await choiceAfter('content-filter')).toMatchObject({
      finish_reason: 'content_filter',
      message: { content: '' },
    });
    expect(await choiceAfter('content-filter', 'azure')).toMatchObject({
      message: { content: null },
      content_filter_results: { violence: { filtered: true } },
    });
  });
});

describe('troubles', () => {
  test('wait for a request to the endpoint they are about', async () => {
    await using server = await startModelServer();
    server.trouble('refuse', 'wrong-dimension', { on: 'chat', trouble: { status: 500 } });
    const client = clientFor(server);
    const { data } = await client.embeddings.create({ model: 'small', input: ['a'], encoding_format: 'float' });
    expect(data[0]?.embedding).toEqual([...vectorFor('a'), 0]);
    expect((await ask(client)).choices[0]?.message.refusal).toContain('sorry');
    expect((await client.embeddings.create({ model: 'small', input: ['a'] })).data).toHaveLength(1);
    expect((await failureOf(ask(client))).status).toBe(500);
    expect((await ask(client)).object).toBe('chat.completion');
  });

  test('last until they are taken back', async () => {
    await using server = await startModelServer();
    server.always({ status: 503 });
    const client = clientFor(server);
    expect([(await failureOf(ask(client))).status, (await failureOf(ask(client))).status]).toEqual([503, 503]);
    server.always(null);
    expect((await ask(client)).object).toBe('chat.completion');
  });

  test('meet a share of the requests, the same ones for the same seed', async () => {
    const run = async (seed: number) => {
      await using server = await startModelServer();
      server.always({ status: 500 }, { share: 0.3, seed });
      for (let turn = 0; turn < 40; turn += 1) await ask(clientFor(server)).catch(() => null);
      return server.requests.map(({ status }) => status);
    };
    const first = await run(3);
    const failed = first.filter((status) => status === 500).length;
    expect(failed).toBeGreaterThan(4);
    expect(failed).toBeLessThan(22);
    expect(await run(3)).toEqual(first);
    expect(await run(4)).not.toEqual(first);
  });
});

describe('a rate limit', () => {
  test('refuses what is too much, says for how long, and gives way with time', async () => {
    let now = 1_000_000;
    await using server = await startModelServer({ requestsPerMinute: 2, now: () => now });
    const client = clientFor(server);
    await ask(client);
    const { response } = await ask(client).withResponse();
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-ratelimit-limit-requests': '2',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '1m0s',
    });
    const error = await failureOf(ask(client));
    expect(error).toMatchObject({ status: 429, type: 'requests', code: 'rate_limit_exceeded' });
    expect([error.headers?.get('retry-after'), error.headers?.get('retry-after-ms')]).toEqual(['30', '30000']);
    now += 30_000;
    expect((await ask(client)).object).toBe('chat.completion');
  });

  test('counts tokens too', async () => {
    await using server = await startModelServer({ tokensPerMinute: 200, now: () => 0 });
    const client = clientFor(server);
    await ask(client);
    await ask(client);
    expect(await failureOf(ask(client))).toMatchObject({ status: 429, type: 'tokens' });
  });

  test.each([
    [0, '0ms'],
    [120, '120ms'],
    [1_000, '1s'],
    [8_640, '8.64s'],
    [360_000, '6m0s'],
    [3_612_000, '1h0m12s'],
  ])('writes %d ms as %s', (ms, written) => {
    expect(goDuration(ms)).toBe(written);
  });
});
