import type { Timer } from '../../../../../src/adapters/jira/pace/pace.ts';

/** A clock that stands still until a test lets time pass; sleepers wake in their order, each at its own time. */
export interface StoppedClock extends Timer {
  pass(ms: number): Promise<void>;
}

export function stoppedClock(): StoppedClock {
  let now = 0;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  return {
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({ at: now + ms, wake })),
    pass: async (ms) => {
      const until = now + ms;
      await settled();
      for (;;) {
        const next = sleepers.toSorted((one, other) => one.at - other.at)[0];
        if (!next || next.at > until) break;
        sleepers.splice(sleepers.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.wake();
        await settled();
      }
      now = until;
    },
  };
}

/** Everything that can go on without time has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
