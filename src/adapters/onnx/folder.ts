import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';
import type { ModelPlace } from './transformers.ts';

export interface ModelFolder {
  /** The folder's name with a fingerprint of what is in it. */
  readonly fingerprinted: string;
  /** How `@huggingface/transformers` calls the precision of the file that is there. */
  readonly dtype: ModelPlace['dtype'];
}

/** By precision, in the order of preference: all weights first, because whoever wants speed leaves only the smaller file. */
const WEIGHTS = [
  ['fp32', 'model.onnx'],
  ['fp16', 'model_fp16.onnx'],
  ['q8', 'model_quantized.onnx'],
] as const;

const NEEDED = ['config.json', 'tokenizer.json'];
/** They change what the vectors mean as well, where they are there. */
const OPTIONAL = ['tokenizer_config.json', 'special_tokens_map.json'];

const NAME_HEX = 12;

/** Reads what a model folder holds. Throws `MisconfiguredError` when a file is missing or cannot be read. */
export async function readFolder(folder: string): Promise<ModelFolder> {
  const weights = WEIGHTS.find(([, file]) => existsSync(join(folder, 'onnx', file)));
  const missing = NEEDED.filter((file) => !existsSync(join(folder, file)));
  if (!weights || missing.length > 0) {
    const lacks = [...missing, ...(weights ? [] : ['onnx/model.onnx (or model_fp16.onnx, model_quantized.onnx)'])];
    throw new MisconfiguredError([`EMBEDDINGS_FOLDER: ${folder} lacks ${lacks.join(', ')}`]);
  }
  const [dtype, file] = weights;
  const data = `onnx/${file}_data`;
  const files = [...NEEDED, ...[...OPTIONAL, data].filter((name) => existsSync(join(folder, name))), `onnx/${file}`];
  const fingerprint = await fingerprintOf(files.map((name) => join(folder, name)));
  return { fingerprinted: `${basename(resolve(folder))}-${fingerprint}`, dtype };
}

async function fingerprintOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  try {
    for (const file of files) await pipeline(createReadStream(file), hash, { end: false });
  } catch (cause) {
    throw new MisconfiguredError([`EMBEDDINGS_FOLDER: ${messageOf(cause)}`], { cause });
  }
  return hash.digest('hex').slice(0, NAME_HEX);
}
