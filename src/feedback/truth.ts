import { changesOf } from '../domain/playbook/owner.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { holdsSeveral, readValue, type Target } from '../domain/playbook/target.ts';
import type { Issue, TrueValue } from '../domain/ticket/issue.ts';
import { heldNow } from './acts.ts';

/**
 * The value of each target. One that we wrote and nobody changed is marked as the machine's, also when people finished
 * the ticket around it; one that a person came back to is theirs; one that a person put in the place of ours tells what
 * it replaced. `ourAccountId`: null where the issue comes without its changelog.
 */
export function truthOf(
  issue: Issue,
  { targets }: Playbook,
  ourAccountId: string | null,
): Readonly<Record<string, TrueValue>> {
  const values = targets.flatMap((target) => {
    const written = writtenBy(issue, target.name);
    const value = standing(target, issue, written);
    if (value === null) return [];
    if (written === null) return [[target.name, { value, by: 'human' }] as const];
    if (written !== value) return [[target.name, { value, by: 'human', insteadOf: written }] as const];
    return [[target.name, { value, by: wasTouched(target, issue, ourAccountId) ? 'human' : 'machine' }] as const];
  });
  return Object.fromEntries(values);
}

/** What our mark says that we wrote, null when that is nothing. */
function writtenBy({ mark }: Issue, target: string): string | null {
  return mark && Object.hasOwn(mark.values, target) ? (mark.values[target] ?? null) : null;
}

/** What we wrote as long as it stands, whatever a person put beside it where we keep one value. */
function standing(target: Target, issue: Issue, written: string | null): string | null {
  const isBeside = written !== null && !holdsSeveral(target) && heldNow(target, issue)?.includes(written) === true;
  return isBeside ? written : readValue(target, issue);
}

/** Whether a person touched the field last: other apps count as people. */
function wasTouched(target: Target, issue: Issue, ourAccountId: string | null): boolean {
  const [newest] = changesOf(target, issue);
  return ourAccountId !== null && newest !== undefined && newest.by !== ourAccountId;
}
