import { changesOf, partsIn } from '../domain/playbook/owner.ts';
import { fieldOf, partsOf, readCustom, readValue, type Target } from '../domain/playbook/target.ts';
import type { FieldChange, Issue } from '../domain/ticket/issue.ts';

/** One change to a target, with all that the field held before and after it. */
export interface Act extends Pick<FieldChange, 'by' | 'at'> {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly change: FieldChange;
}

/** All changes to a target that Jira tells, newest first. */
export function actsOn(target: Target, issue: Issue): readonly Act[] {
  let held = heldNow(target, issue) ?? [];
  return changesOf(target, issue).map((change) => {
    const act = actOf(target, change, held);
    held = act.before;
    return act;
  });
}

/** Components come and go one by one, so what was held is told backwards from now; other changes tell the whole. */
function actOf(target: Target, change: FieldChange, held: readonly string[]): Act {
  const { by, at } = change;
  const [from, to] = [partsIn(target, change.from), partsIn(target, change.to)];
  if (target.kind !== 'component') return { by, at, change, before: from, after: to };
  const before = [...held.filter((value) => !to.includes(value)), ...from];
  return { by, at, change, before, after: held };
}

/** Every value the field holds now, also where we keep one; null for a custom field of a kind we do not know. */
export function heldNow(target: Target, issue: Issue): readonly string[] | null {
  if (target.kind === 'label') return partsIn(target, issue.labels.join(' '));
  if (target.kind === 'component') return issue.components;
  const raw = issue.custom[fieldOf(target)] ?? null;
  if ('field' in target && raw !== null && raw !== '' && readCustom(raw) === null) return null;
  return partsOf(target, readValue(target, issue));
}
