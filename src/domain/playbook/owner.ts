import type { FieldChange, Issue } from '../ticket/issue.ts';
import { fieldOf, joinParts, partsOf, readCustom, readValue, type Target } from './target.ts';

/**
 * Who stands behind what a target holds now: `nobody` (empty or a creation default), `us`, or `human`. What a person
 * ever set, cleared or put there on creation is a person's for ever, whoever touched it since; so is whatever we cannot
 * read, whose history Jira cut off, or that our account wrote without our mark. Other apps count as people.
 */
export function ownerOf(target: Target, issue: Issue, ourAccountId: string): 'nobody' | 'us' | 'human' {
  if (!issue.isHistoryWhole || isUnreadable(target, issue)) return 'human';
  const changes = changesOf(target, issue);
  if (changes.some(({ by }) => by !== ourAccountId) || wasCreatedByHand(target, changes)) return 'human';
  const value = readValue(target, issue);
  if (value === null || target.defaults.includes(value))
    return changes.length > 0 && isMarkedOtherwise(target, value, issue) ? 'human' : 'nobody';
  return changes.length > 0 && isMarked(target, value, issue) ? 'us' : 'human';
}

/** Whether a person ever moved the ticket away from this value; of several values, from one of them. */
export function wasMovedAwayFrom(
  value: string,
  target: Target,
  { issue, ourAccountId }: { readonly issue: Issue; readonly ourAccountId: string },
): boolean {
  return changesOf(target, issue).some(({ by, from, to }) => {
    const kept = partsIn(target, to);
    const left = partsIn(target, from).filter((part) => !kept.includes(part));
    return by !== ourAccountId && partsOf(target, value).some((part) => left.includes(part));
  });
}

/** A quick look: the field holds a value that is neither Jira's default nor ours; `ownerOf` looks at the changelog. */
export function isHumanSet(target: Target, issue: Issue): boolean {
  const value = readValue(target, issue);
  return value !== null && !target.defaults.includes(value) && !isMarked(target, value, issue);
}

/** The changes to a target, newest first. */
export function changesOf(target: Target, { changes }: Issue): readonly FieldChange[] {
  const field = fieldOf(target);
  return changes.filter(
    ({ fieldId, from, to }) =>
      fieldId === field && (target.kind !== 'label' || setOf(target, from) !== setOf(target, to)),
  );
}

/** The values of a target among what one side of a change shows. */
export function partsIn(target: Target, shown: string | null): readonly string[] {
  if (shown === null) return [];
  if (target.kind !== 'label') return [shown];
  const labels = shown.split(' ').filter((label) => label.startsWith(target.prefix));
  return labels.map((label) => label.slice(target.prefix.length));
}

function setOf(target: Target, shown: string | null): string {
  return joinParts(partsIn(target, shown));
}

/** All changes are ours, and yet we found a value that we had not set: it was there from the start. */
function wasCreatedByHand(target: Target, changes: readonly FieldChange[]): boolean {
  const ours = new Set(changes.flatMap(({ to }) => partsIn(target, to)));
  const found = changes.flatMap(({ from }) => partsIn(target, from));
  return found.some((value) => !ours.has(value) && !target.defaults.includes(value));
}

/** Our own edits bring the mark along: what emptied or reset a field of ours without it was somebody with our account. */
function isMarkedOtherwise(target: Target, value: string | null, { mark }: Issue): boolean {
  return mark !== null && Object.hasOwn(mark.values, target.name) && mark.values[target.name] !== value;
}

/** Whether our mark says that this value is ours. */
export function isMarked(target: Target, value: string, { mark }: Issue): boolean {
  return mark !== null && Object.hasOwn(mark.values, target.name) && mark.values[target.name] === value;
}

/** Several values where we keep one, or a custom field of another kind than the playbook says. */
export function isUnreadable(target: Target, issue: Issue): boolean {
  switch (target.kind) {
    case 'label':
      return !target.multiple && issue.labels.filter((label) => label.startsWith(target.prefix)).length > 1;
    case 'component':
      return issue.components.length > 1;
    case 'select':
    case 'text': {
      const raw = issue.custom[target.field];
      return raw !== null && raw !== undefined && raw !== '' && readCustom(raw) === null;
    }
    default:
      return false;
  }
}
