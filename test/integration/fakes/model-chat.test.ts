import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { clientFor, failureOf, freely, question, TRIAGE_SCHEMA, withTool } from '../../fakes/model/probe/caller.ts';
import { startModelServer } from '../../fakes/model/server.ts';

const { response_format: _, ...unstructured } = question();

describe('a completion', () => {
  test('has all the members of an OpenAI answer, and the schema as its content', async () => {
    await using server = await startModelServer();
    const {
      data,
      request_id: requestId,
      response,
    } = await clientFor(server).chat.completions.create(question()).withResponse();
    expect(data).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{29}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'fake-large-2026-08-06',
      system_fingerprint: expect.stringMatching(/^fp_/),
      choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message: { role: 'assistant', refusal: null } }],
    });
    const { usage } = data;
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(JSON.parse(data.choices[0]?.message.content ?? '')).toEqual({
      evidence: ['E1', 'E2'],
      rationale: 'Most like E1, E2: vpn, remote, vip.',
      category: 'vpn',
      category_certainty: 'medium',
      tags: ['remote', 'vip'],
    });
    expect(requestId).toMatch(/^req_/);
    expect(response.headers.get('x-ratelimit-reset-requests')).toMatch(/^\d+ms$/);
  });

  test('is logged with what was sent', async () => {
    await using server = await startModelServer();
    await clientFor(server).chat.completions.create(question({ seed: 7 }));
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      path: '/v1/chat/completions',
      authorization: 'Bearer a-key',
      status: 200,
      texts: [],
    });
    expect(request?.body).toEqual(question({ seed: 7 }));
    expect(server.inFlight.max).toBe(1);
  });

  test('is cut where its tokens run out', async () => {
    await using server = await startModelServer();
    const { choices, usage } = await clientFor(server).chat.completions.create(question({ max_completion_tokens: 9 }));
    expect(choices[0]?.finish_reason).toBe('length');
    expect(() => JSON.parse(choices[0]?.message.content ?? '')).toThrow();
    expect(usage?.completion_tokens).toBe(9);
  });

  test('comes with log-probabilities whose tokens make up the content, the unsure ones where values are', async () => {
    await using server = await startModelServer();
    const { choices } = await clientFor(server).chat.completions.create(question({ logprobs: true, top_logprobs: 3 }));
    const tokens = choices[0]?.logprobs?.content ?? [];
    expect(tokens.map(({ token }) => token).join('')).toBe(choices[0]?.message.content);
    const unsure = tokens.filter(({ logprob }) => logprob < -0.1);
    expect(unsure.map(({ token }) => token)).toEqual(['vpn']);
    expect(unsure[0]?.top_logprobs.map(({ token }) => token)).toEqual(['vpn', 'printe']);
    expect(Math.exp(unsure[0]?.logprob ?? 0)).toBeCloseTo((1 + 1 / 1.2) / (1 + 1 / 1.2 + 1 / 1.4), 6);
    expect(tokens[0]?.bytes).toEqual([...Buffer.from(tokens[0]?.token ?? '')]);
  });

  test.each([
    ['by name', { type: 'function', function: { name: 'triage' } }, 'stop'],
    ['because one is required', 'required', 'tool_calls'],
    ['by its own choice', 'auto', 'tool_calls'],
  ] as const)('calls a tool %s', async (_why, choice, reason) => {
    await using server = await startModelServer();
    const { choices } = await clientFor(server).chat.completions.create({ ...unstructured, ...withTool(choice) });
    expect(choices[0]).toMatchObject({ finish_reason: reason, message: { content: null } });
    const [call] = choices[0]?.message.tool_calls ?? [];
    expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toMatchObject({ category: 'vpn' });
  });

  test('in JSON mode follows the schema it finds in the prompt', async () => {
    await using server = await startModelServer();
    const prompt = `Answer in JSON like this: ${JSON.stringify(TRIAGE_SCHEMA)}\n[E1] slow → category: mail`;
    const { choices } = await clientFor(server).chat.completions.create(
      freely(prompt, { response_format: { type: 'json_object' } }),
    );
    expect(JSON.parse(choices[0]?.message.content ?? '')).toMatchObject({ category: 'mail', evidence: ['E1'] });
  });

  test('lists its models', async () => {
    await using server = await startModelServer({ models: ['one'], embeddingModels: { two: { dimensions: 3 } } });
    const names: string[] = [];
    for await (const { id } of clientFor(server).models.list()) names.push(id);
    expect(names).toEqual(['one', 'two']);
    expect((await clientFor(server).models.retrieve('two')).id).toBe('two');
  });
});

describe('a refused request', () => {
  const schemaWith = (schema: Record<string, unknown>): Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> => ({
    response_format: { type: 'json_schema', json_schema: { name: 'triage', strict: true, schema } },
  });
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(TRIAGE_SCHEMA).filter(([name]) => !names.includes(name)));

  test.each([
    ['an unknown parameter', { ...question(), top_k: 5 }, null, null, 'Unrecognized request argument supplied: top_k'],
    [
      'two unknown parameters',
      { ...question(), top_k: 5, grammar: '' },
      null,
      null,
      'Unrecognized request arguments supplied: top_k, grammar',
    ],
    [
      'an unknown part of a message',
      { ...question(), messages: [{ role: 'user', content: 'x', id: 1 }] },
      'messages[0].id',
      'unknown_parameter',
      "Unknown parameter: 'messages[0].id'.",
    ],
    ['no messages', { model: 'm', messages: [] }, 'messages', 'empty_array', "Invalid 'messages': empty array."],
    [
      'missing messages',
      { model: 'm' },
      'messages',
      'missing_required_parameter',
      "Missing required parameter: 'messages'.",
    ],
    [
      'a missing model',
      { messages: [{ role: 'user', content: 'x' }] },
      null,
      null,
      'you must provide a model parameter',
    ],
    [
      'an unknown role',
      { ...question(), messages: [{ role: 'boss', content: 'x' }] },
      'messages[0].role',
      'invalid_value',
      "Invalid value: 'boss'.",
    ],
    [
      'a message without content',
      { ...question(), messages: [{ role: 'user' }] },
      'messages[0].content',
      'missing_required_parameter',
      'Missing',
    ],
    [
      'a hot temperature',
      question({ temperature: 3 }),
      'temperature',
      'decimal_above_max_value',
      "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    ],
    [
      'a wrong type',
      { ...question(), seed: 'x' },
      'seed',
      'invalid_type',
      "Invalid type for 'seed': expected a decimal, but got a string instead.",
    ],
    ['alternatives without log-probabilities', question({ top_logprobs: 2 }), 'top_logprobs', null, 'top_logprobs'],
    [
      'two limits',
      question({ max_tokens: 1, max_completion_tokens: 1 }),
      'max_tokens',
      'invalid_parameter_combination',
      'same time',
    ],
    [
      'JSON mode without the word',
      question({ response_format: { type: 'json_object' } }),
      'messages',
      null,
      "'messages' must contain the word 'json'",
    ],
    [
      'a schema name with a space',
      question({ response_format: { type: 'json_schema', json_schema: { name: 'a b', schema: {} } } }),
      'response_format.json_schema.name',
      'invalid_value',
      'does not match pattern',
    ],
    [
      'a schema open to more',
      question(schemaWith(without('additionalProperties'))),
      'response_format',
      null,
      "Invalid schema for response_format 'triage': In context=(), 'additionalProperties' is required to be supplied and to be false.",
    ],
    [
      'an optional property',
      question(schemaWith({ ...TRIAGE_SCHEMA, required: ['category'] })),
      'response_format',
      null,
      "Missing 'evidence'.",
    ],
    [
      'a keyword strict mode lacks',
      question(
        schemaWith({
          ...TRIAGE_SCHEMA,
          properties: { ...TRIAGE_SCHEMA.properties, rationale: { type: 'string', maxLength: 3 } },
        }),
      ),
      'response_format',
      null,
      "In context=('properties', 'rationale'), 'maxLength' is not permitted.",
    ],
    [
      'a schema that is a list',
      question(schemaWith({ type: 'array' })),
      'response_format',
      null,
      'got \'type: "array"\'',
    ],
    [
      'a strict tool open to more',
      {
        ...unstructured,
        tools: [
          { type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object', properties: {} } } },
        ],
      },
      'tools[0].function.parameters',
      'invalid_function_parameters',
      'additionalProperties',
    ],
    ['a choice of tools without tools', question({ tool_choice: 'auto' }), 'tool_choice', null, 'tool_choice'],
    [
      'a tool that is not there',
      { ...unstructured, ...withTool({ type: 'function', function: { name: 'other' } }) },
      'tool_choice',
      null,
      "'other' not found",
    ],
  ])('is one with %s', async (_what, body, param, code, message) => {
    await using server = await startModelServer();
    const error = await failureOf(clientFor(server).post('/chat/completions', { body }));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ status: 400, type: 'invalid_request_error', param, code });
    expect(error.message).toContain(message);
  });

  test('says what the model does not take', async () => {
    await using server = await startModelServer({ rejects: ['temperature', 'max_tokens', 'logprobs', 'json_schema'] });
    const { completions } = clientFor(server).chat;
    expect(await failureOf(completions.create({ ...unstructured, temperature: 0 }))).toMatchObject({
      code: 'unsupported_value',
      param: 'temperature',
    });
    expect(await failureOf(completions.create({ ...unstructured, max_tokens: 5 }))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'max_tokens',
    });
    expect(await failureOf(completions.create({ ...unstructured, logprobs: true }))).toMatchObject({
      code: 'unsupported_parameter',
      param: 'logprobs',
    });
    expect(await failureOf(completions.create(question()))).toMatchObject({ param: 'response_format' });
    expect((await completions.create({ ...unstructured, temperature: 1 })).object).toBe('chat.completion');
  });

  test('is one with a wrong key, without a key, for a model or a page that is not there', async () => {
    await using server = await startModelServer({ apiKeys: ['right'], models: ['small'] });
    expect(await failureOf(clientFor(server).chat.completions.create(question()))).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    });
    expect((await fetch(`${server.url}/models`)).status).toBe(401);
    const client = new OpenAI({ apiKey: 'right', baseURL: server.url, maxRetries: 0 });
    expect(await failureOf(client.chat.completions.create(question()))).toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
    expect(await failureOf(client.post('/nowhere'))).toMatchObject({
      status: 404,
      message: '404 Invalid URL (POST /v1/nowhere)',
    });
    expect(await failureOf(client.post('/chat/completions', { body: 'no json' }))).toMatchObject({ status: 400 });
  });

  test('is one with more tokens than the model takes', async () => {
    await using server = await startModelServer({ contextTokens: 50 });
    expect(await failureOf(clientFor(server).chat.completions.create(question()))).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'messages',
    });
  });

  test('is loud about what is not simulated', async () => {
    await using server = await startModelServer();
    expect(
      await failureOf(clientFor(server, { maxRetries: 3 }).chat.completions.create({ ...unstructured, n: 2 })),
    ).toMatchObject({ status: 501 });
    expect(server.requests).toHaveLength(1);
  });
});
