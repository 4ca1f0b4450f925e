import type { Candidate, Evidence } from '../domain/decision.ts';
import type { Issue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import { fieldOf, type Target } from '../domain/target.ts';
import { vote } from '../learning/neighbours.ts';

/** What was found for one target before anyone asks whether it is sure enough. */
export interface Proposal {
  readonly rung: 'rule' | 'neighbours';
  readonly candidates: readonly Candidate[];
  /** How many past tickets spoke; a rule needs none. */
  readonly voters: number;
  /** Whether anything at all may be decided here. */
  readonly hasAllowedValue: boolean;
}

/** A proposal per target that past tickets decide: the rule's value where one matched, else the neighbours' vote. */
export function classify(
  issue: Issue,
  playbook: Playbook,
  found: { readonly ruled: ReadonlyMap<string, string>; readonly evidence: readonly Evidence[] },
): ReadonlyMap<string, Proposal> {
  const decided = playbook.targets.filter((target) => target.mode !== 'off' && (target.decidedBy === 'evidence' || found.ruled.has(target.name)));
  return new Map(decided.map((target) => [target.name, propose(target, issue, playbook, found)]));
}

function propose(
  target: Target,
  issue: Issue,
  playbook: Playbook,
  found: { readonly ruled: ReadonlyMap<string, string>; readonly evidence: readonly Evidence[] },
): Proposal {
  const allowed = allowedValues(target, issue, playbook);
  const ruled = found.ruled.get(target.name);
  if (ruled !== undefined) {
    const isAllowed = allowed === null || allowed.has(ruled);
    return { rung: 'rule', candidates: isAllowed ? [{ value: ruled, confidence: 1 }] : [], voters: 0, hasAllowedValue: isAllowed };
  }
  const { candidates, voters } = vote(found.evidence, target.name, playbook.classify.sharpness, allowed);
  return { rung: 'neighbours', candidates, voters, hasAllowedValue: allowed === null || allowed.size > 0 };
}

/** What both the taxonomy and Jira allow right now; null when neither restricts the target. */
function allowedValues(target: Target, issue: Issue, playbook: Playbook): ReadonlySet<string> | null {
  const taxonomy = playbook.taxonomies.get(target.name);
  const live = issue.editable.get(fieldOf(target))?.allowed ?? null;
  if (!taxonomy) return live && new Set(live);
  const values = Object.keys(taxonomy.values);
  return new Set(live ? values.filter((value) => live.includes(value)) : values);
}
