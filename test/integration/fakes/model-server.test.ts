import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clientFor, failureOf, question } from '../../fakes/model/probe/caller.ts';
import { connectModelServer } from '../../fakes/model/remote.ts';
import { DIMENSIONS, startModelServer, vectorFor } from '../../fakes/model/server.ts';

describe('embeddings', () => {
  test('are the shared ones for any model, in either encoding', async () => {
    await using server = await startModelServer();
    const { embeddings } = clientFor(server);
    const plain = await embeddings.create({ model: 'any', input: 'printer jam', encoding_format: 'float' });
    expect(plain.data[0]?.embedding).toEqual(vectorFor('printer jam'));
    const encoded = await embeddings.create({ model: 'any', input: ['printer jam'] });
    expect([...(encoded.data[0]?.embedding ?? [])]).toEqual([...Float32Array.from(vectorFor('printer jam'))]);
    expect(plain.data[0]?.embedding).toHaveLength(DIMENSIONS);
    expect(server.requests.map(({ texts }) => texts)).toEqual([['printer jam'], ['printer jam']]);
  });

  test('are a declared model’s own, as long as it says or as was asked', async () => {
    await using server = await startModelServer({
      embeddingModels: { one: { dimensions: 96 }, two: { dimensions: 96 } },
    });
    const { embeddings } = clientFor(server);
    const of = async (model: string, more = {}) =>
      (await embeddings.create({ model, input: 'printer jam', encoding_format: 'float', ...more })).data[0]
        ?.embedding ?? [];
    const [one, two, short] = [await of('one'), await of('two'), await of('one', { dimensions: 8 })];
    expect([one.length, two.length, short.length]).toEqual([96, 96, 8]);
    expect(one).not.toEqual(two);
    expect(Math.hypot(...short)).toBeCloseTo(1);
    expect(await failureOf(of('one', { dimensions: 97 }))).toMatchObject({ status: 400, param: 'dimensions' });
    expect(await failureOf(embeddings.create({ model: 'one', input: [] }))).toMatchObject({
      status: 400,
      code: 'empty_array',
    });
  });

  test('are refused for texts that are too long, and for too many', async () => {
    await using server = await startModelServer();
    const error = await failureOf(clientFor(server).embeddings.create({ model: 'm', input: 'word '.repeat(8_000) }));
    expect(error.message).toContain('maximum context length is 8192 tokens');
    await using small = await startModelServer({ embeddingTokens: 10, embeddingInputs: 2 });
    const { embeddings } = clientFor(small);
    expect(await failureOf(embeddings.create({ model: 'm', input: ['a', 'b', 'c'] }))).toMatchObject({
      status: 400,
      code: 'array_above_max_length',
    });
    expect((await failureOf(embeddings.create({ model: 'm', input: 'word '.repeat(9) }))).status).toBe(400);
  });
});

describe('a server', () => {
  test('remembers only the latest requests where told so', async () => {
    await using server = await startModelServer({ requestLogSize: 2 });
    for (const seed of [1, 2, 3]) await clientFor(server).chat.completions.create(question({ seed }));
    expect(server.requests.map(({ body }) => Object(body).seed)).toEqual([2, 3]);
  });

  test('answers hundreds at once, each after its delay and no later', async () => {
    await using server = await startModelServer({ delayMs: 300, requestLogSize: 0 });
    const client = clientFor(server);
    const prompt = Array.from({ length: 200 }, (_, at) => `[E${at}] Tunnel broken again at home → category: vpn`).join(
      '\n',
    );
    const start = performance.now();
    const body = question({ messages: [{ role: 'user', content: prompt }] });
    const answers = await Promise.all(Array.from({ length: 200 }, () => client.chat.completions.create(body)));
    expect(answers).toHaveLength(200);
    expect(server.inFlight).toEqual({ now: expect.any(Number), max: expect.any(Number) });
    expect(server.inFlight.max).toBeGreaterThan(50);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

describe('a server of its own process', () => {
  test('prints its address, takes troubles, tells what it did, and ends when told to', async () => {
    const main = fileURLToPath(new URL('../../fakes/model/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main, '--profile=vllm', '--delay-ms', '5'], {
      env: { ...process.env, MODEL_SERVER_OPTIONS: JSON.stringify({ models: ['fake-large'], brain: 'obedient' }) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [line] = await once(child.stdout, 'data');
      const server = connectModelServer(Object(JSON.parse(String(line))).url);
      const client = clientFor(server);
      expect((await client.chat.completions.create(question())).model).toBe('fake-large');
      await server.trouble({ status: 500 });
      expect((await failureOf(client.chat.completions.create(question()))).status).toBe(500);
      await server.always('refuse', { share: 1 });
      expect((await client.chat.completions.create(question())).choices[0]?.message.content).toContain('sorry');
      await server.always(null);
      expect(await server.stats()).toMatchObject({ requests: 3, statuses: { 200: 2, 500: 1 }, inFlight: { max: 1 } });
      expect((await server.requests()).map(({ path }) => path)).toEqual(Array(3).fill('/v1/chat/completions'));
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
