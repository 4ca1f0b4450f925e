import type { Clock, ModelStore } from '../../src/domain/ports/model.ts';

const KEPT = 3;

/** Trained models in a list, the newest last; what it promises is what the PostgreSQL one promises. */
export function modelsFake(clock: Clock = { now: () => new Date() }): ModelStore {
  let stored: readonly { readonly version: string; readonly storedAt: string; readonly bytes: Uint8Array }[] = [];
  return {
    newest: async () => {
      const last = stored.at(-1);
      return last ? { version: last.version, storedAt: last.storedAt } : null;
    },
    load: async (version) => {
      const found = stored.find((model) => model.version === version);
      return found ? new Uint8Array(found.bytes) : null;
    },
    save: async (version, bytes) => {
      const saved = { version, storedAt: clock.now().toISOString(), bytes: new Uint8Array(bytes) };
      stored = [...stored.filter((model) => model.version !== version), saved].slice(-KEPT);
    },
  };
}
