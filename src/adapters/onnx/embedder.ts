import { TransientError } from '../../domain/errors.ts';
import type { Embedder } from '../../domain/ports/model.ts';
import { vectorCheck } from '../../domain/ticket/embedding.ts';
import { readFolder } from './folder.ts';
import { ModelThread } from './model-thread.ts';
import { PACKAGE } from './transformers.ts';

export interface OnnxAccess {
  /** A model as the Hugging Face hub lays it out: config.json, tokenizer.json, onnx/model.onnx or a smaller one. */
  readonly folder: string;
  /** What its name ends with, when texts are changed before they are embedded. */
  readonly ending?: string;
  /** What to import in place of the package. */
  readonly module?: string;
}

const BATCH = 16;
/** More than such models read; the tokenizer cuts the rest. */
const MAX_CHARACTERS = 8_000;

/**
 * Embeds with a model on this machine, in a thread of its own; nothing is ever downloaded. Its name carries a
 * fingerprint of the model's files, so that a model that is swapped gets a space of its own. Throws
 * `MisconfiguredError` when the package or the model is missing.
 */
export async function onnxEmbedder({
  folder,
  ending = '',
  module = PACKAGE,
}: OnnxAccess): Promise<Embedder & AsyncDisposable> {
  const { fingerprinted, dtype } = await readFolder(folder);
  const name = fingerprinted + ending;
  const open = () => ModelThread.open({ folder, dtype, module });
  let opened = await open();
  let opening: Promise<ModelThread> | null = null;
  const living = async (): Promise<ModelThread> => {
    if (!opened.isOver) return opened;
    opening ??= open().finally(() => {
      opening = null;
    });
    opened = await opening;
    return opened;
  };
  const check = vectorCheck(name);
  return {
    model: name,
    embed: async (texts, { signal } = {}) => {
      const vectors: (readonly number[])[] = [];
      for (let start = 0; start < texts.length; start += BATCH) {
        if (signal?.aborted) throw new TransientError('embedding was given up');
        const batch = texts
          .slice(start, start + BATCH)
          .map((text) => text.slice(0, MAX_CHARACTERS).toWellFormed() || ' ');
        const answer = await (await living()).embed(batch);
        if (answer.length !== batch.length)
          throw new TransientError(`${batch.length} texts went in, ${answer.length} vectors came out`);
        vectors.push(...answer);
      }
      check(vectors);
      return vectors.map((vector) => ({ model: name, vector }));
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
