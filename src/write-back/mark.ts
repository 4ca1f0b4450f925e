import type { Decision } from '../domain/decision/decision.ts';
import type { WriteRecord } from '../domain/decision/delivery.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { readValue } from '../domain/playbook/target.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';
import type { Issue, Provenance } from '../domain/ticket/issue.ts';

/** One decision about one issue as it is now. */
export interface Subject {
  readonly decision: Decision;
  readonly issue: Issue;
  readonly playbook: Playbook;
}

/**
 * The issue without a mark that our ledger knows nothing of: another installation's, or older than the ledger remembers.
 * What it calls ours is then nobody's to replace, so it is left alone like a person's.
 */
export async function withKnownMark(issue: Issue, { ledger }: { readonly ledger: Ledger }): Promise<Issue> {
  if (!issue.mark || (await ledger.write(issue.mark.decisionId))) return issue;
  return { ...issue, mark: null };
}

/** By target, the values that the mark calls ours and that still stand. */
export function standingValues(issue: Issue, { targets }: Playbook): Readonly<Record<string, string>> {
  return Object.fromEntries(
    targets.flatMap((target) => {
      const value = issue.mark?.values[target.name];
      return value !== undefined && readValue(target, issue) === value ? [[target.name, value] as const] : [];
    }),
  );
}

/** The mark of an edit: all values that are ours after it, that is the new ones and earlier ones that still stand. */
export function markFor(
  { decision, issue, playbook }: Subject,
  { changes, suggestions }: Pick<WriteRecord, 'changes' | 'suggestions'>,
  clock: Clock,
): Provenance {
  const written = Object.entries(changes).flatMap(([name, { after }]) =>
    after === null ? [] : [[name, after] as const],
  );
  return {
    decisionId: decision.id,
    revision: decision.revision,
    at: clock.now().toISOString(),
    values: { ...standingValues(issue, playbook), ...Object.fromEntries(written) },
    ...(Object.keys(suggestions).length > 0 ? { suggested: { ...suggestions } } : {}),
  };
}

/** Whether something is suggested that the mark does not say already. */
export function suggestsMore(suggestions: Readonly<Record<string, string>>, { mark }: Issue): boolean {
  return Object.entries(suggestions).some(([target, value]) => mark?.suggested?.[target] !== value);
}
