import type { Decision, Evidence } from '../../domain/decision/decision.ts';
import type { WriteRecord } from '../../domain/decision/delivery.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { EditResult, Tracker } from '../../domain/ports/tracker.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import type { Subject } from '../mark.ts';

const MAX_SIMILAR = 3;

export interface NotePorts {
  readonly tracker: Tracker;
  readonly assertStillOurs: () => Promise<void>;
}

/**
 * Tells agents in our internal note what was written and suggested, as far as the playbook wants a note and there is
 * something to say; null: nothing is to be said, and an earlier note stays as it is.
 */
export async function tell(
  record: WriteRecord,
  { decision, issue, playbook }: Subject,
  { tracker, assertStillOurs }: NotePorts,
): Promise<EditResult | null> {
  const { note } = playbook.writeBack;
  const written = note === 'decisions' ? valuesOf(record.changes, 'after') : {};
  if (note === 'off' || Object.keys({ ...written, ...record.suggestions }).length === 0) return null;
  const said: Said = {
    written: await readable(written, playbook, tracker),
    suggested: await readable(record.suggestions, playbook, tracker),
    similar: await stillShowable(showable(decision, issue, playbook), issue, tracker),
  };
  // Two workers at once would both find no note yet.
  await assertStillOurs();
  return tracker.putInternalNote(issue.id, noteFor(decision, said));
}

/** Tells agents what an undo changed, or the note would go on saying that it is set. */
export async function tellUndone(
  { changes }: WriteRecord,
  { issue, playbook }: Pick<Subject, 'issue' | 'playbook'>,
  { tracker, assertStillOurs }: NotePorts,
): Promise<EditResult | null> {
  if (playbook.writeBack.note !== 'decisions' || Object.keys(changes).length === 0) return null;
  const from = await readable(valuesOf(changes, 'before'), playbook, tracker);
  const to = await readable(valuesOf(changes, 'after'), playbook, tracker);
  const lines = Object.keys(changes).map((target) => `${target}: ${from[target] ?? EMPTY} → ${to[target] ?? EMPTY}`);
  await assertStillOurs();
  return tracker.putInternalNote(issue.id, ['Changed back by Jira Triage', ...lines]);
}

const EMPTY = '(empty)';

/** What a note says. */
export interface Said {
  readonly written: Readonly<Record<string, string>>;
  readonly suggested: Readonly<Record<string, string>>;
  readonly similar: readonly Evidence[];
}

/** The note: what, how sure, and past tickets about the same thing. */
export function noteFor(decision: Decision, { written, suggested, similar }: Said): readonly string[] {
  const lines = (heading: string, values: Readonly<Record<string, string>>) => {
    const each = Object.entries(values).map(([target, value]) => `${target}: ${value}${surenessOf(decision, target)}`);
    return each.length > 0 ? [heading, ...each] : [];
  };
  const { burst } = decision;
  return [
    ...lines('Set by Jira Triage', written),
    ...lines('Suggestion from Jira Triage', suggested),
    ...(burst ? [`Possibly one incident: ${burst.members} similar tickets came in together`] : []),
    ...(similar.length > 0 ? [`Similar tickets: ${similar.map(inShort).join(', ')}`] : []),
  ];
}

/** Past tickets that readers of this one may see: of the same project, without security level; none where the project is restricted. */
export function showable({ evidence }: Decision, { project }: Issue, playbook: Playbook): readonly Evidence[] {
  if (playbook.restrictedProjects.includes(project)) return [];
  return evidence
    .filter(({ key, isRestricted, isSimilar }) => isSimilar && !isRestricted && key.startsWith(`${project}-`))
    .slice(0, MAX_SIMILAR);
}

/** Without those that were moved, restricted or deleted since they were found. */
async function stillShowable(
  similar: readonly Evidence[],
  { project }: Issue,
  tracker: Tracker,
): Promise<readonly Evidence[]> {
  if (similar.length === 0) return [];
  const places = await tracker.whereabouts(similar.map(({ id }) => id));
  return similar.filter(({ id }) => {
    const place = places.get(id);
    return place?.project === project && place.securityLevel === null;
  });
}

function valuesOf(changes: WriteRecord['changes'], side: 'before' | 'after'): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(changes).flatMap(([target, { [side]: value }]) => (value === null ? [] : [[target, value]])),
  );
}

/** With people's names instead of account ids. */
async function readable(
  values: Readonly<Record<string, string>>,
  { targets }: Playbook,
  tracker: Tracker,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(values).map(async ([name, value]) => {
    const isPerson = targets.find((target) => target.name === name)?.kind === 'assignee';
    return [name, isPerson ? ((await tracker.person(value))?.displayName ?? value) : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** A past ticket with what it ended with. */
function inShort({ key, values, resolution }: Evidence): string {
  const ends = [...Object.values(values), ...(resolution === null ? [] : [resolution])];
  return ends.length > 0 ? `${key} (${ends.join(', ')})` : key;
}

function surenessOf({ verdicts }: Decision, target: string): string {
  const verdict = verdicts[target];
  if (verdict?.kind !== 'value') return '';
  return verdict.rung === 'rule' ? ' (a rule)' : ` (${Math.round(verdict.confidence * 100)} %)`;
}
