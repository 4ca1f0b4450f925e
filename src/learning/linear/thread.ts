import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { encodeModel, versionOf } from './model-file.ts';
import { Corpus, type Recipe, type TrainingTicket } from './train.ts';

export type ToThread =
  | { readonly kind: 'tickets'; readonly tickets: readonly TrainingTicket[] }
  | { readonly kind: 'train'; readonly recipe: Recipe };

export type FromThread =
  | { readonly kind: 'next' }
  | {
      readonly kind: 'trained';
      readonly version: string;
      readonly bytes: Uint8Array;
      readonly targets: readonly string[];
    };

/** Runs in a thread of its own: gathers pages of tickets, then trains and sends the model back. */
const corpus = new Corpus();

/** On Linux a priority belongs to the thread; elsewhere it would slow the whole service down. */
const BACKGROUND = 10;
if (process.platform === 'linux') inBackground();

parentPort?.on('message', (message: ToThread) => {
  if (message.kind === 'tickets') {
    for (const ticket of message.tickets) corpus.add(ticket);
    answer({ kind: 'next' });
    return;
  }
  const model = corpus.train(message.recipe);
  const raw = encodeModel(model);
  const bytes = new Uint8Array(gzipSync(raw, { level: 3 }));
  answer({ kind: 'trained', version: versionOf(raw), bytes, targets: [...model.targets.keys()] }, [bytes.buffer]);
});

function inBackground(): void {
  try {
    setPriority(BACKGROUND);
  } catch {
    // A sandbox may refuse it; then training is as urgent as everything else.
  }
}

function answer(message: FromThread, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}
