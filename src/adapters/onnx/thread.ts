import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../domain/errors.ts';
import { type Extract, type ModelPlace, openModel } from './transformers.ts';

export interface ToThread {
  readonly id: number;
  readonly texts: readonly string[];
}

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly fault: string }
  | { readonly kind: 'vectors'; readonly id: number; readonly vectors: readonly number[][] }
  | { readonly kind: 'failed'; readonly id: number; readonly name: string };

/** Runs in a thread of its own: the model computes without giving way, hundreds of milliseconds for a batch. */
const place: ModelPlace = workerData;

/** On Linux a priority belongs to the thread; elsewhere it would slow the whole service down. */
const BACKGROUND = 10;
if (process.platform === 'linux') inBackground();

try {
  const extract = await openModel(place);
  parentPort?.on('message', (message: ToThread) => void embed(message, extract));
  answer({ kind: 'ready' });
} catch (error) {
  answer({ kind: 'unusable', fault: messageOf(error) });
}

/** Of an error its name alone: its message may hold the text. */
async function embed({ id, texts }: ToThread, extract: Extract): Promise<void> {
  try {
    answer({ kind: 'vectors', id, vectors: await extract(texts) });
  } catch (error) {
    answer({ kind: 'failed', id, name: error instanceof Error ? error.name : 'an error' });
  }
}

function inBackground(): void {
  try {
    setPriority(BACKGROUND);
  } catch {
    // A sandbox may refuse it; then the model is as urgent as everything else.
  }
}

function answer(message: FromThread): void {
  parentPort?.postMessage(message);
}
