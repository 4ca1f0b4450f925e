import type { AbstainReason, Verdict } from '../domain/decision.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Target } from '../domain/target.ts';
import type { Proposal } from './classify.ts';

const MAX_RUNNERS_UP = 4;

/** Says yes or abstains, per target. A rule is certain; a vote must reach the target's cut-off with enough voters. */
export function judge(proposals: ReadonlyMap<string, Proposal>, playbook: Playbook): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const target of playbook.targets) {
    const proposal = proposals.get(target.name);
    if (proposal) verdicts.set(target.name, judgeOne(target, proposal, playbook.classify.minEvidence));
  }
  return verdicts;
}

function judgeOne(target: Target, proposal: Proposal, minEvidence: number): Verdict {
  const [best, ...others] = proposal.candidates;
  const common = { cutOff: target.cutOff, rung: proposal.rung, runnersUp: others.slice(0, MAX_RUNNERS_UP) };
  const reason = doubt(target, proposal, minEvidence);
  if (!best || reason) return { kind: 'abstain', reason: reason ?? 'thin-data', best: best ?? null, ...common };
  return { kind: 'value', value: best.value, confidence: best.confidence, ...common };
}

function doubt(
  target: Target,
  { rung, candidates, voters, hasAllowedValue }: Proposal,
  minEvidence: number,
): AbstainReason | null {
  if (!hasAllowedValue) return 'no-allowed-value';
  if (rung === 'rule') return null;
  if (voters < minEvidence) return 'thin-data';
  return (candidates[0]?.confidence ?? 0) < target.cutOff ? 'below-cutoff' : null;
}
