import type { Outcome } from '../../../src/domain/decision/outcome.ts';
import type { PulseLedger, TargetQuality } from '../../../src/domain/ports/pulse.ts';
import type { Tables } from './tables.ts';

/** The part of the ledger that is watched. */
export function pulseFake({ deliveries, outcomes }: Tables, now: () => number): PulseLedger {
  return {
    backlog: async () => {
      const open = [...deliveries.values()].filter(({ state }) => state === 'accepted');
      const ages = open.map(({ receivedAt }) => now() - receivedAt);
      return { open: open.length, oldestMs: Math.max(0, ...ages) };
    },
    targetQuality: async (since) => {
      const judged = [...outcomes.values()].filter(
        ({ result, judgedAt }) => result !== 'unjudged' && Date.parse(judgedAt) >= Date.parse(since),
      );
      const targets = [...new Set(judged.map(({ target }) => target))].sort();
      return targets.map((target) => qualityOf(judged.filter((one) => one.target === target)));
    },
  };
}

function qualityOf(judged: readonly Outcome[]): TargetQuality {
  const written = judged.filter(({ how }) => how === 'written');
  const bins = Map.groupBy(judged, ({ confidence }) => Math.min(Math.floor(confidence * 10), 9));
  const gaps = [...bins.values()].map((bin) =>
    Math.abs(bin.reduce((sum, { confidence, result }) => sum + confidence - (result === 'confirmed' ? 1 : 0), 0)),
  );
  return {
    target: judged[0]?.target ?? '',
    judged: written.length,
    overridden: written.filter(({ result }) => result === 'overridden').length,
    calibrationError: gaps.reduce((sum, gap) => sum + gap, 0) / judged.length,
  };
}
