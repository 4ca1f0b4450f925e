import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { gunzip } from 'node:zlib';
import type { LocalModel } from './model.ts';
import { decodeModel } from './model-file.ts';
import type { FromThread, ToThread } from './thread.ts';
import type { Recipe, TrainingTicket } from './train.ts';

/** A freshly trained model, packed for storage. */
export interface PackedModel {
  readonly version: string;
  readonly bytes: Uint8Array;
  /** Targets that had at least two values to tell apart; the others are left to rules and neighbours. */
  readonly targets: readonly string[];
}

/** Trains in a thread of its own, page by page, so that this one is never held up. Takes seconds to minutes. */
export async function trainInThread(
  pages: AsyncIterable<readonly TrainingTicket[]> | Iterable<readonly TrainingTicket[]>,
  recipe: Recipe,
): Promise<PackedModel> {
  const worker = new Worker(new URL('./thread.ts', import.meta.url));
  const { promise: failure, reject } = Promise.withResolvers<never>();
  worker.once('error', reject);
  worker.once('exit', (code) => reject(new Error(`the training thread ended with code ${code}`)));
  // It may fail while nobody asks; whoever asks next hears of it.
  failure.catch(() => {});
  const ask = (message: ToThread) => Promise.race([failure, answerTo(worker, message)]);
  try {
    for await (const tickets of pages) await ask({ kind: 'tickets', tickets });
    const answer = await ask({ kind: 'train', recipe });
    if (answer.kind !== 'trained') throw new Error('the training thread answered out of turn');
    return answer;
  } finally {
    await worker.terminate();
  }
}

function answerTo(worker: Worker, message: ToThread): Promise<FromThread> {
  const { promise, resolve } = Promise.withResolvers<FromThread>();
  worker.once('message', resolve);
  worker.postMessage(message);
  return promise;
}

const unzip = promisify(gunzip);
/** A model is below 50 MB when packed; anything that unpacks to more than this is not one of ours. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The model in a packed form. Throws when it is damaged or of another format. */
export async function unpack(version: string, bytes: Uint8Array): Promise<LocalModel> {
  return decodeModel(version, await unzip(bytes, { maxOutputLength: MAX_BYTES }));
}
