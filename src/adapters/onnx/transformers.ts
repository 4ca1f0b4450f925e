import { basename, dirname, resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../domain/errors.ts';

/** Only installed where somebody embeds on their own machine. */
export const PACKAGE = '@huggingface/transformers';

export interface ModelPlace {
  readonly folder: string;
  /** How the package calls the precision of the weights. */
  readonly dtype: 'fp32' | 'fp16' | 'q8';
  /** What to import; a test brings its own. */
  readonly module: string;
}

/** What is used of the package. */
interface Transformers {
  readonly env: { allowRemoteModels: boolean; allowLocalModels: boolean; localModelPath: string };
  readonly pipeline: (
    task: 'feature-extraction',
    model: string,
    options: { readonly dtype: ModelPlace['dtype']; readonly device: 'cpu'; readonly local_files_only: true },
  ) => Promise<Extractor>;
}

type Extractor = (
  texts: readonly string[],
  options: { readonly pooling: 'mean'; readonly normalize: true },
) => Promise<{ tolist(): unknown }>;

/** One batch of texts to vectors. */
export type Extract = (texts: readonly string[]) => Promise<number[][]>;

const Module = z.custom<Transformers>((module) => Shape.safeParse(module).success);
const Shape = z.object({ env: z.object({}), pipeline: z.custom((member) => typeof member === 'function') });
const Vectors = z.array(z.array(z.number()));

/** Opens a model; nothing is ever downloaded. Fails with a sentence for whoever set `EMBEDDINGS_FOLDER`. */
export async function openModel({ folder, dtype, module }: ModelPlace): Promise<Extract> {
  const { env, pipeline } = await load(module);
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = dirname(resolve(folder));
  const options = { dtype, device: 'cpu', local_files_only: true } as const;
  const extract = await pipeline('feature-extraction', basename(resolve(folder)), options).catch((cause: unknown) => {
    throw new Error(`EMBEDDINGS_FOLDER: the model in ${folder} cannot be used (${messageOf(cause)})`, { cause });
  });
  return async (texts) => Vectors.parse((await extract(texts, { pooling: 'mean', normalize: true })).tolist());
}

async function load(module: string): Promise<Transformers> {
  const loaded: unknown = await import(module).catch((cause: unknown) => {
    const isAbsent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND';
    const advice = isAbsent ? `npm install ${PACKAGE}` : `${PACKAGE} cannot be loaded (${messageOf(cause)})`;
    throw new Error(`EMBEDDINGS_FOLDER is set: ${advice}`, { cause });
  });
  const parsed = Module.safeParse(loaded);
  if (parsed.success) return parsed.data;
  throw new Error(`EMBEDDINGS_FOLDER is set, but this version of ${PACKAGE} is not known here`);
}
