/**
 * Stands in for `@huggingface/transformers`. A vector tells how it was asked for: whether anything might have been
 * downloaded, the pooling, the normalising, how many texts came at once, and how long the text was.
 */
export const env = { allowRemoteModels: true, allowLocalModels: false, localModelPath: '/models' };

const IS_LOCAL = () => !env.allowRemoteModels && env.allowLocalModels && env.localModelPath !== '/models';

export async function pipeline(task: string, model: string, options: { dtype: string; local_files_only: boolean }) {
  if (task !== 'feature-extraction' || !options.local_files_only) throw new Error('something else was asked for');
  if (model === 'broken') throw new Error('the weights are damaged');
  return async (texts: readonly string[], how: { pooling: string; normalize: boolean }) => ({
    tolist: () => {
      if (texts.includes('fail')) throw new RangeError(`secret words: ${texts.join()}`);
      if (texts.includes('die')) process.exit(3);
      const vectors: unknown[] = texts.map((text) => [
        IS_LOCAL() ? 1 : 0,
        how.pooling === 'mean' ? 1 : 0,
        how.normalize ? 1 : 0,
        texts.length,
        text.length,
        ...(text === 'longer' ? [0] : []),
      ]);
      if (texts.includes('short')) vectors.pop();
      return texts.includes('words') ? 'no vectors' : vectors;
    },
  });
}
