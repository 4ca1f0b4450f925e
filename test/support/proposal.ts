import type { Proposal } from '../../src/triage/classify.ts';

/** What the local classifier proposes: `v0` before `v1` and `v2`, with nothing that speaks for it. */
export function proposalWith(parts: Partial<Proposal> = {}): Proposal {
  return {
    rung: 'local',
    candidates: [0.6, 0.3, 0.1].map((confidence, index) => ({ value: `v${index}`, confidence })),
    proposed: [],
    hasAllowedValue: true,
    signalsFor: null,
    model: null,
    ...parts,
  };
}
