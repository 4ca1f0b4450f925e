import type { Candidate, Evidence } from '../domain/decision/decision.ts';
import type { EndpointName } from '../domain/decision/question.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { fieldOf, holdsSeveral, partsOf, type Target } from '../domain/playbook/target.ts';
import { onlyFeatures } from '../domain/ticket/context.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { countFeatures, type FeatureVector, weigh } from '../learning/linear/features.ts';
import { type LinearTarget, type LocalModel, marginsOf } from '../learning/linear/model.ts';
import { type Vote, vote } from '../learning/neighbours.ts';
import { type Circumstances, labelSignalsOf, marginOf, type Ranked, sharesOf, signalsOf } from '../learning/signals.ts';
import type { Choice } from '../prompt/answer.ts';

/** A value somebody proposes, with what its confidence is made of. */
export interface Proposed {
  readonly value: string;
  readonly signals: readonly number[];
}

/** What was found for one target before anyone asks whether it is sure enough. */
export interface Proposal {
  readonly rung: 'rule' | 'local' | 'neighbours' | 'model';
  /** Best first; shares of what was proposed, not yet probabilities. */
  readonly candidates: readonly Candidate[];
  /** The best value, or every one worth a thought where a target keeps several; empty for rules and cold starts. */
  readonly proposed: readonly Proposed[];
  /** Whether anything at all may be decided here. */
  readonly hasAllowedValue: boolean;
  /** What speaks for any value, proposed or not; null as long as nothing was learnt for the target. */
  readonly signalsFor: ((value: string) => readonly number[]) | null;
  /** What a model said, and what was proposed before it was asked; null when none was. */
  readonly model: { readonly endpoint: EndpointName; readonly choice: Choice; readonly local: Proposal } | null;
}

/** What the earlier steps found. */
export interface Found {
  readonly ruled: ReadonlyMap<string, string>;
  readonly evidence: readonly Evidence[];
  readonly model: LocalModel | null;
  /** The ticket as that model sees it; null without one. */
  readonly vector: FeatureVector | null;
}

/** A proposal per target that past tickets decide: the rule's value where one matched, else what the history says. */
export function classify(issue: Issue, playbook: Playbook, found: Found): ReadonlyMap<string, Proposal> {
  const isDecided = ({ name, mode, decidedBy }: Target) =>
    mode !== 'off' && (decidedBy === 'evidence' || found.ruled.has(name));
  const { model, vector } = found;
  const margins = model && vector && marginsOf(model, vector);
  return new Map(
    playbook.targets.filter(isDecided).map((target) => {
      const allowed = allowedValues(target, issue, playbook);
      const ruled = found.ruled.get(target.name);
      return [
        target.name,
        ruled === undefined ? learnt(target, allowed, { ...found, margins, playbook }) : rule(ruled, allowed),
      ];
    }),
  );
}

/** A ticket as the local classifier sees it. `context`: what it has beyond text, by feature name. */
export function vectorOf(
  { summary, text }: Issue,
  { classify: { features } }: Playbook,
  { model, context }: { readonly model: LocalModel; readonly context: Readonly<Record<string, string>> },
): FeatureVector {
  return weigh(countFeatures({ title: summary, body: text, context: onlyFeatures(context, features) }), model.rarity);
}

function rule(value: string, allowed: ReadonlySet<string> | null): Proposal {
  const isAllowed = allowed === null || allowed.has(value);
  return {
    rung: 'rule',
    candidates: isAllowed ? [{ value, confidence: 1 }] : [],
    proposed: [],
    hasAllowedValue: isAllowed,
    signalsFor: null,
    model: null,
  };
}

interface Ticket extends Pick<Found, 'evidence' | 'model' | 'vector'> {
  readonly playbook: Playbook;
  /** What the classifier says, by target. */
  readonly margins: ReadonlyMap<string, Float32Array> | null;
}

/** As many neighbours as a close look takes; all of them are the wide one. */
const CLOSE = 5;

/** What the local classifier proposes, or the neighbours alone as long as nothing was learnt for the target. */
function learnt(target: Target, allowed: ReadonlySet<string> | null, ticket: Ticket): Proposal {
  const { evidence, model, vector, margins, playbook } = ticket;
  const { sharpness, weakWeight } = playbook.classify;
  const options = { allowed, weakWeight, partsOf: (value: string) => partsOf(target, value) };
  const wide = vote(evidence, target.name, { sharpness, ...options });
  const hasAllowedValue = allowed === null || allowed.size > 0;
  const linear = model?.targets.get(target.name);
  const alone = { hasAllowedValue, model: null };
  const own = margins?.get(target.name);
  if (!linear || !vector || !own)
    return { rung: 'neighbours', candidates: wide.candidates, proposed: [], signalsFor: null, ...alone };
  const ranked = rank(own, linear, { allowed, wide });
  const shares = sharesOf(ranked);
  const candidates = ranked.slice(0, SHOWN).map(({ value }, index) => ({ value, confidence: shares[index] ?? 0 }));
  const close = vote(evidence.slice(0, CLOSE), target.name, { sharpness: 1, ...options });
  const circumstancesOf = circumstances({ wide, close, linear, likeness: likenessOf(evidence), known: vector.known });
  const isMultiple = holdsSeveral(target);
  const signalsFor = (value: string) =>
    isMultiple
      ? labelSignalsOf(marginOf(ranked, value), circumstancesOf(value))
      : signalsOf(ranked, value, circumstancesOf(value));
  const best = isMultiple ? ranked.filter(({ margin }) => margin > WORTH_A_THOUGHT) : ranked.slice(0, 1);
  const proposed = best.map(({ value }) => ({ value, signals: signalsFor(value) }));
  return { rung: 'local', candidates, proposed, signalsFor, ...alone };
}

const SHOWN = 10;
/** Margins run from about -1 (no) to 1 (yes). */
const WORTH_A_THOUGHT = -0.7;

/**
 * Every allowed value by margin, best first. A value that the classifier has not learnt yet takes part by its
 * neighbours' votes: all of them are worth a margin of 1, none of them -1.
 */
function rank(
  margins: Float32Array,
  { classes }: LinearTarget,
  { allowed, wide }: { readonly allowed: ReadonlySet<string> | null; readonly wide: Vote },
): Ranked[] {
  const learntValues = new Set(classes.map(({ value }) => value));
  const learnt = classes.map(({ value }, index) => ({ value, margin: margins[index] ?? 0 }));
  const young = wide.candidates
    .filter(({ value }) => !learntValues.has(value))
    .map(({ value, confidence }) => ({ value, margin: 2 * confidence - 1 }));
  return [...learnt.filter(({ value }) => !allowed || allowed.has(value)), ...young].sort(
    (one, other) => other.margin - one.margin || (one.value < other.value ? -1 : 1),
  );
}

interface Surroundings extends Pick<Circumstances, 'likeness' | 'known'> {
  readonly wide: Vote;
  readonly close: Vote;
  readonly linear: LinearTarget;
}

function circumstances({ wide, close, linear, likeness, known }: Surroundings): (value: string) => Circumstances {
  const shareIn = ({ candidates }: Vote, value: string) =>
    candidates.find((candidate) => candidate.value === value)?.confidence ?? 0;
  const total = linear.classes.reduce((sum, { tickets }) => sum + tickets, 0);
  return (value) => ({
    voteShare: shareIn(wide, value),
    closeVoteShare: shareIn(close, value),
    isNeighboursChoice: wide.candidates[0]?.value === value,
    likeness,
    known,
    frequency: (linear.classes.find((known) => known.value === value)?.tickets ?? 1) / total,
  });
}

function likenessOf(evidence: readonly Evidence[]): number {
  return evidence.reduce((most, { likeness }) => Math.max(most, likeness), 0);
}

/** What both the taxonomy and Jira allow right now; null when neither restricts the target. */
export function allowedValues(target: Target, issue: Issue, playbook: Playbook): ReadonlySet<string> | null {
  const taxonomy = playbook.taxonomies.get(target.name);
  const live = issue.editable.get(fieldOf(target))?.allowed ?? null;
  if (!taxonomy) return live && new Set(live);
  const values = Object.keys(taxonomy.values);
  return new Set(live ? values.filter((value) => live.includes(value)) : values);
}
