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

/** What the earlier steps found. */
interface Found {
  readonly ruled: ReadonlyMap<string, string>;
  readonly evidence: readonly Evidence[];
}

/** A proposal per target that past tickets decide: the rule's value where one matched, else the neighbours' vote. */
export function classify(issue: Issue, playbook: Playbook, found: Found): ReadonlyMap<string, Proposal> {
  const isDecided = ({ name, mode, decidedBy }: Target) =>
    mode !== 'off' && (decidedBy === 'evidence' || found.ruled.has(name));
  return new Map(
    playbook.targets
      .filter(isDecided)
      .map((target) => [target.name, propose(target, allowedValues(target, issue, playbook), { ...found, playbook })]),
  );
}

function propose(
  target: Target,
  allowed: ReadonlySet<string> | null,
  { ruled, evidence, playbook }: Found & { readonly playbook: Playbook },
): Proposal {
  const value = ruled.get(target.name);
  if (value !== undefined) {
    const isAllowed = allowed === null || allowed.has(value);
    const candidates = isAllowed ? [{ value, confidence: 1 }] : [];
    return { rung: 'rule', candidates, voters: 0, hasAllowedValue: isAllowed };
  }
  const { candidates, voters } = vote(evidence, target.name, { sharpness: playbook.classify.sharpness, allowed });
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
