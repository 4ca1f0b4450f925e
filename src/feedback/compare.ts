import type { Decision, Verdict } from '../domain/decision/decision.ts';
import type { StoredWrite } from '../domain/decision/delivery.ts';
import type { Outcome, OutcomeHow } from '../domain/decision/outcome.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { holdsSeveral, partsOf, readValue, type Target } from '../domain/playbook/target.ts';
import type { FieldChange, Issue } from '../domain/ticket/issue.ts';
import { type Act, actsOn, heldNow } from './acts.ts';

/** Our last decision on an issue, and what became of it. */
export interface LastWord {
  readonly decision: Decision;
  readonly write: StoredWrite | null;
}

export interface CompareContext {
  readonly playbook: Playbook;
  readonly ourAccountId: string;
  readonly now: Date;
}

/**
 * What people made of each value we decided. Whoever stands in the changelog and is not us is a person. A value that
 * was written is overridden when a person changed it and it is gone, confirmed when a person came back to it, or when
 * people finished the ticket and left it; one that nobody wrote is judged by what people set afterwards. What was taken
 * back is not judged. Pure: the same issue and decision give the same outcomes, whatever was looked at before.
 */
export function compare(issue: Issue, word: LastWord, context: CompareContext): Outcome[] {
  return context.playbook.targets.flatMap((target) => {
    const verdict = Object.hasOwn(word.decision.verdicts, target.name)
      ? word.decision.verdicts[target.name]
      : undefined;
    const held = heldNow(target, issue);
    if (verdict?.kind !== 'value' || held === null) return [];
    const stake = stakeOf(target, verdict, { issue, word, context });
    if (!stake) return [];
    const field = { target, issue, held, acts: actsOn(target, issue), stake };
    const judged = stake.how === 'written' ? judgeWritten(field, word, context) : judgeUnwritten(field, context);
    return judged ? [outcomeOf(field, { ...UNJUDGED, ...judged }, { word, context, verdict })] : [];
  });
}

type Value = Extract<Verdict, { kind: 'value' }>;

/** What of ours is to be judged, and since when. */
interface Stake {
  readonly how: OutcomeHow;
  readonly value: string;
  /** ISO time of our write, or of the decision. */
  readonly since: string;
}

interface Subject {
  readonly issue: Issue;
  readonly word: LastWord;
  readonly context: CompareContext;
}

/** Null where nothing of ours stands: it was taken back. */
function stakeOf(target: Target, { value }: Value, { issue, word, context }: Subject): Stake | null {
  const { decision, write } = word;
  const decided = { value, since: decision.decidedAt };
  if (decision.isControl) return { how: 'control', ...decided };
  if (!write || !hasLanded(issue, word)) return { how: 'shadowed', ...decided };
  const written = own(write.changes, target.name);
  if (written) {
    return write.undoneBy === null && written.after !== null
      ? { how: 'written', value: written.after, since: write.at }
      : null;
  }
  const suggested = own(write.suggestions, target.name);
  if (suggested !== undefined) return { how: 'suggested', value: suggested, since: decision.decidedAt };
  const isOurs = own(write.heldBack, target.name) === 'same' && own(issue.mark?.values ?? {}, target.name) === value;
  const earlier = isOurs ? actsOn(target, issue).find(({ by }) => by === context.ourAccountId) : undefined;
  return earlier ? { how: 'written', value, since: earlier.at } : { how: 'shadowed', ...decided };
}

/** A crash between the edit and its record leaves a planned write whose mark is on the issue. */
function hasLanded({ mark }: Issue, { decision, write }: LastWord): boolean {
  if (write?.state === 'planned') return mark?.decisionId === decision.id;
  return write?.state === 'applied' || write?.state === 'unchanged';
}

function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** One target of an issue, with our stake in it. */
interface Field {
  readonly target: Target;
  readonly issue: Issue;
  readonly held: readonly string[];
  /** Newest first. */
  readonly acts: readonly Act[];
  readonly stake: Stake;
}

type Judgement = Pick<Outcome, 'result' | 'isExplicit' | 'to' | 'by' | 'afterMs'> & { readonly at: string | null };

const UNJUDGED: Judgement = { result: 'unjudged', isExplicit: false, to: null, by: null, afterMs: null, at: null };

/** Null when we changed it once more ourselves, for then it is not this write that people judge. */
function judgeWritten(field: Field, word: LastWord, context: CompareContext): Partial<Judgement> | null {
  const { acts, issue, stake, held } = field;
  const anchor = acts.find(({ by, after }) => by === context.ourAccountId && stands(field, after));
  const since = anchor ? acts.slice(0, acts.indexOf(anchor)) : acts.filter(({ at }) => isLater(at, stake.since));
  if (since.some(({ by }) => by === context.ourAccountId)) return null;
  const start = anchor?.at ?? stake.since;
  if (!stands(field, held)) return overridden(field, since, start);
  const restored = since.find(({ before, after }) => stands(field, after) && !stands(field, before));
  if (restored) return confirmed(restored, start, true);
  if (!issue.isFinished) return {};
  const later = anchor
    ? issue.changes.slice(0, issue.changes.indexOf(anchor.change))
    : issue.changes.filter(({ at }) => isLater(at, start));
  const endorsing = later.find(({ by }) => mayEndorse(by, field, { word, context }));
  return endorsing ? confirmed(endorsing, start, false) : {};
}

/** What nobody saw written: people judge it by what they set afterwards, if the last word is theirs. */
function judgeUnwritten(field: Field, { ourAccountId }: CompareContext): Partial<Judgement> {
  const { acts, held, stake } = field;
  const since = acts.filter(({ by, at }) => by !== ourAccountId && isLater(at, stake.since));
  const [last] = since;
  if (!last || last !== acts[0] || held.length === 0) return {};
  return stands(field, held) ? confirmed(last, stake.since, true) : overridden(field, since, stake.since);
}

/** By whoever set it last, as early as the first one left our value; `since` are people's acts, newest first. */
function overridden(field: Field, since: readonly Act[], start: string): Partial<Judgement> {
  const { issue, target } = field;
  const [last] = since;
  if (!last) return {};
  const first = since.findLast(({ after }) => !stands(field, after)) ?? last;
  // Where Jira cut the history off, somebody may have left our value before the first one we know of.
  const isComplete = issue.isHistoryWhole || issue.changes.some(({ at }) => !isLater(at, start));
  return {
    result: 'overridden',
    isExplicit: true,
    to: readValue(target, issue),
    by: last.by,
    afterMs: isComplete ? msBetween(start, first.at) : null,
    at: first.at,
  };
}

function confirmed({ by, at }: Pick<FieldChange, 'by' | 'at'>, start: string, isExplicit: boolean): Partial<Judgement> {
  return { result: 'confirmed', isExplicit, by, afterMs: msBetween(start, at), at };
}

/** A field that may hold several values holds exactly ours; another one holds ours, whatever stands beside it. */
function stands({ target, stake }: Field, held: readonly string[]): boolean {
  const ours = partsOf(target, stake.value);
  return ours.every((part) => held.includes(part)) && (!holdsSeveral(target) || held.length === ours.length);
}

/** Who leaves a value standing and finishes the ticket agrees with it; to an assignee only that person or the team can. */
function mayEndorse(
  by: string,
  { target, stake }: Field,
  { word, context }: { readonly word: LastWord; readonly context: CompareContext },
): boolean {
  if (by === context.ourAccountId) return false;
  if (target.kind !== 'assignee' || by === stake.value) return true;
  const { team } = word.decision.routing;
  const members = (team === null ? undefined : own(context.playbook.teams.teams, team))?.members ?? [];
  return members.some(({ accountId }) => accountId === by);
}

function outcomeOf(
  { target, issue, held, acts, stake }: Field,
  { at, ...judgement }: Judgement,
  { word: { decision }, context, verdict }: Pick<Subject, 'word' | 'context'> & { readonly verdict: Value },
): Outcome {
  const isSettled = issue.isFinished && held.length > 0;
  const known = acts[0]?.at ?? (stake.how === 'written' ? stake.since : issue.isHistoryWhole ? issue.created : null);
  return {
    decisionId: decision.id,
    issueId: issue.id,
    issueKey: issue.key,
    project: issue.project,
    revision: decision.revision,
    target: target.name,
    value: stake.value,
    confidence: verdict.confidence,
    how: stake.how,
    ...judgement,
    settledAfterMs: isSettled && known !== null ? msBetween(issue.created, known) : null,
    isFinished: issue.isFinished,
    judgedAt: at ?? context.now.toISOString(),
  };
}

function isLater(at: string, than: string): boolean {
  return Date.parse(at) > Date.parse(than);
}

/** Our clock and Jira's differ, and nothing takes less than no time. */
function msBetween(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from));
}
