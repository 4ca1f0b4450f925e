import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onnxEmbedder } from '../../src/adapters/onnx/embedder.ts';
import { MisconfiguredError, TransientError } from '../../src/domain/errors.ts';

const module = new URL('../fakes/transformers.ts', import.meta.url).href;
let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'triage-models-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A folder as models are laid out, with these files beside its settings. */
async function modelFolder(name: string, files: Readonly<Record<string, string>> = { 'onnx/model.onnx': 'weights' }) {
  const folder = join(root, name);
  await mkdir(join(folder, 'onnx'), { recursive: true });
  const all = { 'config.json': '{}', 'tokenizer.json': '{}', ...files };
  for (const [path, content] of Object.entries(all)) await writeFile(join(folder, path), content);
  return folder;
}

const faultsOf = async (opening: Promise<AsyncDisposable>) => {
  const error: unknown = await opening.catch((reason: unknown) => reason);
  return error instanceof MisconfiguredError ? error.faults : [];
};

describe('embedding on this machine', () => {
  test('asks for pooled and normalised vectors, sixteen texts at a time, and for nothing from elsewhere', async () => {
    await using embedder = await onnxEmbedder({ folder: await modelFolder('small'), module });
    const texts = Array.from({ length: 40 }, (_, index) => 'x'.repeat(index + 1));
    const vectors = (await embedder.embed(texts)).map(({ vector }) => vector);
    const batchOf = (index: number) => (index < 32 ? 16 : 8);
    expect(vectors).toEqual(texts.map((text, index) => [1, 1, 1, batchOf(index), text.length]));
  });

  test('stamps each vector with the folder’s name and what is in it', async () => {
    const folder = await modelFolder('small');
    await using embedder = await onnxEmbedder({ folder: `${folder}/`, module });
    expect(embedder.model).toMatch(new RegExp(`^${basename(folder)}-[0-9a-f]{12}$`));
    expect((await embedder.embed(['printer'])).map(({ model }) => model)).toEqual([embedder.model]);
    await using again = await onnxEmbedder({ folder, module });
    expect(again.model).toBe(embedder.model);
    await using redacted = await onnxEmbedder({ folder, module, ending: '+redacted' });
    expect((await redacted.embed(['printer'])).map(({ model }) => model)).toEqual([`${embedder.model}+redacted`]);
  });

  test.each([
    ['its weights', { 'onnx/model.onnx': 'other weights' }],
    ['its settings', { 'onnx/model.onnx': 'weights', 'config.json': '{"layers":2}' }],
    ['its tokenizer', { 'onnx/model.onnx': 'weights', 'tokenizer.json': '{"lower":true}' }],
    ['weights kept beside it', { 'onnx/model.onnx': 'weights', 'onnx/model.onnx_data': 'more' }],
  ])('a folder of the same name with another %s is another model', async (what, files) => {
    await using before = await onnxEmbedder({ folder: await modelFolder(join(`old ${what}`, 'model')), module });
    await using after = await onnxEmbedder({ folder: await modelFolder(join(`new ${what}`, 'model'), files), module });
    expect(after.model).not.toBe(before.model);
    expect(after.model.startsWith('model-')).toBe(true);
  });

  test.each([
    ['a quantised one', 'onnx/model_quantized.onnx'],
    ['one of half precision', 'onnx/model_fp16.onnx'],
  ])('takes %s where the whole model is not there', async (_what, file) => {
    const folder = await modelFolder(file.replaceAll('/', '-'), { [file]: 'weights' });
    await using embedder = await onnxEmbedder({ folder, module });
    expect(await embedder.embed(['printer'])).toHaveLength(1);
  });

  test('of nothing is nothing, of an empty text a vector, of a very long one that of its beginning', async () => {
    await using embedder = await onnxEmbedder({ folder: await modelFolder('small'), module });
    expect(await embedder.embed([])).toEqual([]);
    const vectors = await embedder.embed(['', '打'.repeat(100_000)]);
    expect(vectors.map(({ vector }) => vector.at(-1))).toEqual([1, 8_000]);
  });

  test('many calls at once each get their own vectors', async () => {
    await using embedder = await onnxEmbedder({ folder: await modelFolder('small'), module });
    const lengths = Array.from({ length: 20 }, (_, index) => index + 1);
    const answers = await Promise.all(lengths.map((length) => embedder.embed(['x'.repeat(length)])));
    expect(answers.map(([first]) => first?.vector.at(-1))).toEqual(lengths);
  });

  test.each([
    ['fails', 'fail'],
    ['gives too few vectors', 'short'],
    ['gives something else', 'words'],
    ['gives vectors of two lengths', 'longer'],
    ['dies', 'die'],
  ])('fails for now when the model %s, and works again', async (_what, text) => {
    await using embedder = await onnxEmbedder({ folder: await modelFolder('small'), module });
    const refusal = await embedder.embed(['printer', text]).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(TransientError);
    expect(String(refusal)).not.toContain('secret');
    expect(await embedder.embed(['printer'])).toHaveLength(1);
  });

  test('can be given up between batches', async () => {
    await using embedder = await onnxEmbedder({ folder: await modelFolder('small'), module });
    await expect(embedder.embed(['printer'], { signal: AbortSignal.abort() })).rejects.toThrow(TransientError);
  });
});

describe('embedding on this machine is refused at start', () => {
  test('without the package, and says how to get it', async () => {
    const faults = await faultsOf(
      onnxEmbedder({ folder: await modelFolder('small'), module: '@huggingface/not-there' }),
    );
    expect(faults).toEqual(['EMBEDDINGS_FOLDER is set: npm install @huggingface/transformers']);
  });

  test('with a package that is something else', async () => {
    const faults = await faultsOf(onnxEmbedder({ folder: await modelFolder('small'), module: 'zod' }));
    expect(faults[0]).toContain('this version of @huggingface/transformers is not known');
  });

  test('without a model in the folder, and says what is missing', async () => {
    expect(await faultsOf(onnxEmbedder({ folder: join(root, 'nowhere'), module }))).toEqual([
      `EMBEDDINGS_FOLDER: ${join(root, 'nowhere')} lacks config.json, tokenizer.json, onnx/model.onnx (or model_fp16.onnx, model_quantized.onnx)`,
    ]);
  });

  test('with a damaged model', async () => {
    const faults = await faultsOf(onnxEmbedder({ folder: await modelFolder('broken'), module }));
    expect(faults[0]).toContain('the weights are damaged');
  });
});
