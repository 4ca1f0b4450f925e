import { Worker } from 'node:worker_threads';
import { MisconfiguredError, TransientError } from '../../domain/errors.ts';
import type { FromThread, ToThread } from './thread.ts';
import type { ModelPlace } from './transformers.ts';

type Waiting = PromiseWithResolvers<readonly number[][]>;

/** A model in a thread of its own. It does not keep the process alive. */
export class ModelThread implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #isOver: boolean = false;

  /** Throws `MisconfiguredError` when the package or the model cannot be used. */
  static async open(place: ModelPlace): Promise<ModelThread> {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: place });
    const { promise, resolve, reject } = Promise.withResolvers<FromThread>();
    worker.once('message', resolve);
    worker.once('error', reject);
    const first = await promise;
    if (first.kind === 'ready') return new ModelThread(worker);
    await worker.terminate();
    throw new MisconfiguredError([first.kind === 'unusable' ? first.fault : 'the local model answered out of turn']);
  }

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.removeAllListeners('error');
    worker.unref();
    worker.on('message', (message: FromThread) => this.#settle(message));
    worker.on('error', () => this.#end());
    worker.on('exit', () => this.#end());
  }

  /** Whether it has ended and cannot be asked any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Throws `TransientError` when the model fails. */
  async embed(texts: readonly string[]): Promise<readonly number[][]> {
    if (this.#isOver) throw stopped();
    const id = ++this.#asked;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    this.#worker.ref();
    const message: ToThread = { id, texts };
    this.#worker.postMessage(message);
    return waiting.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(message: FromThread): void {
    if (message.kind !== 'vectors' && message.kind !== 'failed') return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (message.kind === 'vectors') waiting?.resolve(message.vectors);
    else waiting?.reject(new TransientError(`the local model failed with ${message.name}`));
  }

  #end(): void {
    this.#isOver = true;
    for (const waiting of this.#waiting.values()) waiting.reject(stopped());
    this.#waiting.clear();
  }
}

function stopped(): TransientError {
  return new TransientError('the local model stopped');
}
