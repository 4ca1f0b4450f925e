import { safeMessageOf } from '../domain/errors.ts';
import type { ModelStore } from '../domain/ports/model.ts';
import type { LocalModel } from './linear/model.ts';
import { unpack } from './linear/trainer.ts';

/** The local classifier this process works with; it follows the store, so all replicas soon work with the same. */
export class Shelf {
  readonly #models: ModelStore;
  readonly #warn: (problem: { readonly version: string; readonly why: string }) => void;
  #current: LocalModel | null = null;
  #storedAt: string | null = null;
  #ignored: string | null = null;

  /** `warn` hears once of every stored model that cannot be used. */
  constructor(models: ModelStore, warn: (problem: { readonly version: string; readonly why: string }) => void) {
    this.#models = models;
    this.#warn = warn;
  }

  /** Immutable; whoever holds it may go on using it after a swap. */
  current = (): LocalModel | null => this.#current;

  /** When the current model was stored, null without one. */
  storedAt = (): string | null => this.#storedAt;

  /** Swaps in the newest stored model when it is another one. A damaged one is ignored: what is in use stays in use. */
  async refresh(): Promise<void> {
    const newest = await this.#models.newest();
    if (!newest || newest.storedAt === this.#ignored) return;
    if (newest.version === this.#current?.version) {
      this.#storedAt = newest.storedAt;
      return;
    }
    const bytes = await this.#models.load(newest.version);
    try {
      if (!bytes) throw new Error('its parts are missing');
      this.#current = await unpack(newest.version, bytes);
      this.#storedAt = newest.storedAt;
    } catch (error) {
      this.#ignored = newest.storedAt;
      this.#warn({ version: newest.version, why: safeMessageOf(error) });
    }
  }
}
