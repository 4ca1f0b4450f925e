import type { AbstainReason, Candidate, Verdict } from '../domain/decision/decision.ts';
import type { Calibration } from '../domain/playbook/calibration.ts';
import { isHumanSet } from '../domain/playbook/owner.ts';
import { modelKey, type Playbook } from '../domain/playbook/playbook.ts';
import { fieldOf, holdsSeveral, joinParts, partsOf, type Target } from '../domain/playbook/target.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { confidenceAt, likeliest, scoreOf } from '../learning/calibration/calibrate.ts';
import { cutOffAt } from '../learning/calibration/cut-offs.ts';
import { scopeScoreOf } from '../learning/calibration/scope.ts';
import type { Proposal, Proposed } from './classify.ts';
import { protectedValues } from './ladder/offers.ts';

const MAX_RUNNERS_UP = 4;

/**
 * Says yes or abstains, per target. A rule is certain; what the history or a model says must reach the cut-off that the
 * promised precision demands of its class, as measured in the target's calibration for that rung.
 */
export function judge(
  proposals: ReadonlyMap<string, Proposal>,
  issue: Issue,
  playbook: Playbook,
): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const target of playbook.targets) {
    const proposal = proposals.get(target.name);
    if (proposal) verdicts.set(target.name, judgeOne(target, proposal, { issue, playbook }));
  }
  return verdicts;
}

interface Context {
  readonly issue: Issue;
  readonly playbook: Playbook;
}

/** One value with what it takes to be written. */
interface Judged extends Candidate {
  readonly cutOff: number;
  readonly doubt: AbstainReason | null;
}

/**
 * With a model's opinion where it counts. What is sure enough without the model stays, so a ticket that talks a model
 * into silence changes nothing.
 */
function judgeOne(target: Target, proposal: Proposal, context: Context): Verdict {
  if (!proposal.model) return judgeProposal(target, proposal, context);
  const alone = judgeProposal(target, proposal.model.local, context);
  if (isProtected(alone, target, context) || !maySpeak(target, proposal, context)) return alone;
  const together = judgeProposal(target, proposal, context);
  return together.kind === 'abstain' && alone.kind === 'value' ? alone : together;
}

function judgeProposal(target: Target, proposal: Proposal, { issue, playbook }: Context): Verdict {
  const { rung, candidates, hasAllowedValue } = proposal;
  const best = bestOf(target, proposal, { issue, playbook });
  const chosen = partsOf(target, best?.value ?? null);
  const others = candidates.filter(({ value }) => !chosen.includes(value));
  const runnersUp = rung === 'local' || rung === 'model' ? rescaled(others, best) : others;
  const common = { cutOff: best?.cutOff ?? 1, rung, runnersUp: runnersUp.slice(0, MAX_RUNNERS_UP) };
  const guess = best && { value: best.value, confidence: best.confidence };
  const doubt = hasAllowedValue ? (best ? best.doubt : 'thin-data') : 'no-allowed-value';
  const reason = isHumanSet(target, issue) ? 'human-set' : doubt;
  if (!best || !guess || reason) return { kind: 'abstain', reason: reason ?? 'thin-data', best: guess, ...common };
  return { kind: 'value', ...guess, ...common };
}

function bestOf(target: Target, proposal: Proposal, { issue, playbook }: Context): Judged | null {
  const [first] = proposal.candidates;
  if (!first) return null;
  if (proposal.rung === 'rule') {
    return { ...first, cutOff: 0, doubt: isExcluded(first.value, target.classes) ? 'excluded-class' : null };
  }
  const calibration = calibrationOf(target, proposal, playbook);
  const isMultiple = holdsSeveral(target);
  const competing = calibration && !isMultiple ? likeliest(proposal.proposed, calibration) : proposal.proposed;
  const [best, ...others] = calibration ? competing.map((proposed) => weighUp(proposed, target, calibration)) : [];
  if (!best) return unmeasured(first, target);
  if (isMultiple) return together([best, ...others]);
  return best.doubt === 'below-cutoff' ? (family(best, proposal, { target, issue, playbook }) ?? best) : best;
}

/** What was measured for the rung that proposes. */
function calibrationOf(target: Target, { model }: Proposal, playbook: Playbook): Calibration | undefined {
  return model
    ? playbook.modelCalibrations.get(modelKey(target.name, model.endpoint))
    : playbook.calibrations.get(target.name);
}

/**
 * Whether a model's opinion counts. Not where nobody has measured how often it is right, but somebody has measured what
 * stands without it; and whatever it says, it neither brings about a protected value nor makes one likelier.
 */
function maySpeak(target: Target, proposal: Proposal, { issue, playbook }: Context): boolean {
  const isMeasured = calibrationOf(target, proposal, playbook) !== undefined;
  if (!isMeasured && target.targetPrecision > 0 && playbook.calibrations.has(target.name)) return false;
  const best = bestOf(target, proposal, { issue, playbook });
  return !holdsProtected(best?.value ?? null, target, { issue, playbook });
}

/** What stands without a model and is protected is not taken away by one either. */
function isProtected(verdict: Verdict, target: Target, context: Context): boolean {
  return verdict.kind === 'value' && holdsProtected(verdict.value, target, context);
}

function holdsProtected(value: string | null, target: Target, { issue, playbook }: Context): boolean {
  const barred = protectedValues(target, issue, playbook);
  return partsOf(target, value).some((part) => barred.has(part));
}

/** Nobody has measured how often this is right; only a target that promises nothing takes it. */
function unmeasured(candidate: Candidate, { targetPrecision, classes }: Target): Judged {
  const doubt = isExcluded(candidate.value, classes) ? 'excluded-class' : targetPrecision === 0 ? null : 'thin-data';
  return { ...candidate, cutOff: targetPrecision === 0 ? 0 : 1, doubt };
}

function weighUp({ value, signals }: Proposed, target: Target, calibration: Calibration): Judged {
  const score = scoreOf(calibration, signals);
  const confidence = confidenceAt(calibration.curve, score);
  const own = calibration.cutOffs.classes.find((measured) => measured.value === value);
  const precision = promised(value, target);
  const cutOff = cutOffAt(own?.cutOffs ?? calibration.cutOffs.pooled, precision);
  const isStrange = precision > 0 && scopeScoreOf(calibration, signals) < calibration.scope.cutOff;
  const common = { value, confidence, cutOff: cutOff === null ? 1 : confidenceAt(calibration.curve, cutOff) };
  if (isExcluded(value, target.classes)) return { ...common, doubt: 'excluded-class' };
  if (isStrange) return { ...common, doubt: 'out-of-scope' };
  if (cutOff === null) return { ...common, doubt: own ? 'below-cutoff' : 'thin-data' };
  return { ...common, doubt: score < cutOff ? 'below-cutoff' : null };
}

/** Where several values may stand side by side: all that are sure enough, as sure as the boldest; else the surest with its doubt. */
function together(judged: readonly [Judged, ...Judged[]]): Judged {
  const sure = judged.filter(({ doubt }) => doubt === null);
  const surest = judged.reduce((best, next) => (next.confidence > best.confidence ? next : best));
  if (sure.length === 0) return surest;
  const boldest = sure.reduce((most, next) =>
    next.confidence - next.cutOff < most.confidence - most.cutOff ? next : most,
  );
  return { ...boldest, value: joinParts(sure.map(({ value }) => value)) };
}

/** The parent value when it and its children together are sure enough; null when there is none or they are not. */
function family(
  best: Judged,
  proposal: Proposal,
  { target, issue, playbook }: Context & { readonly target: Target },
): Judged | null {
  const cutOffs = calibrationOf(target, proposal, playbook)?.cutOffs.parents;
  const parent = parentOf(best.value, target, playbook);
  const live = issue.editable.get(fieldOf(target))?.allowed ?? null;
  const isOut = parent === null || isExcluded(parent, target.classes) || (live !== null && !live.includes(parent));
  if (!cutOffs || isOut) return null;
  const share = familyShare(proposal.candidates, parent, (value) => parentOf(value, target, playbook));
  const cutOff = cutOffAt(cutOffs, promised(parent, target));
  const precision = promised(parent, target);
  // A share is no probability; what was measured is that from the cut-off on the promise is kept.
  return cutOff === null || share < cutOff
    ? null
    : { value: parent, confidence: precision, cutOff: precision, doubt: null };
}

/** Joint share of a parent value and its children. */
export function familyShare(
  candidates: readonly Candidate[],
  parent: string,
  parentOfValue: (value: string) => string | null,
): number {
  return candidates
    .filter(({ value }) => value === parent || parentOfValue(value) === parent)
    .reduce((sum, { confidence }) => sum + confidence, 0);
}

/** The parent of a value in the target's taxonomy, null when it has none. */
export function parentOf(value: string, { name }: Target, { taxonomies }: Playbook): string | null {
  const values = taxonomies.get(name)?.values ?? {};
  return (Object.hasOwn(values, value) ? values[value]?.parent : undefined) ?? null;
}

function promised(value: string, { targetPrecision, classes }: Target): number {
  return (Object.hasOwn(classes, value) ? classes[value]?.targetPrecision : undefined) ?? targetPrecision;
}

function isExcluded(value: string, classes: Target['classes']): boolean {
  return Object.hasOwn(classes, value) && classes[value]?.exclude === true;
}

/** What is left of the probability goes to the others in proportion. */
function rescaled(others: readonly Candidate[], best: Judged | null): Candidate[] {
  const total = others.reduce((sum, { confidence }) => sum + confidence, 0);
  const left = 1 - (best?.confidence ?? 0);
  return others.map(({ value, confidence }) => ({ value, confidence: total > 0 ? (left * confidence) / total : 0 }));
}
