import { contextOf } from '../domain/context.ts';
import { type TextOf, wholeText } from '../domain/embedding.ts';
import { TransientError } from '../domain/errors.ts';
import type { Embedding, Issue, PastTicket, TrueValue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Embedder, Memory, Tracker } from '../domain/ports.ts';
import { readValue } from '../domain/target.ts';

export interface LearnPorts {
  readonly tracker: Tracker;
  readonly memory: Memory;
  readonly embedder: Embedder | null;
  /** What of an issue is embedded; all its words when absent. */
  readonly textOf?: TextOf;
}

export type LearnOutcome = { readonly state: 'learned' | 'forgotten' };

/**
 * Brings memory in line with an issue as it is now: a finished one is remembered with the values it ended with; one that
 * was deleted, is open again, in another project or without any value is forgotten.
 */
export async function follow(
  { issueId, intent }: { readonly issueId: string; readonly intent: 'learn' | 'forget' },
  playbook: Playbook,
  ports: LearnPorts,
): Promise<LearnOutcome> {
  const issue = intent === 'forget' ? null : await ports.tracker.issue(issueId);
  if (issue?.isFinished && (await remember([issue], playbook, ports)) > 0) return { state: 'learned' };
  await ports.memory.forget([issueId]);
  return { state: 'forgotten' };
}

/**
 * Stores finished issues in memory; those with no value for any target teach nothing and are left out. While the
 * embedder is out of order they are stored without vectors, which upkeep makes up for.
 */
export async function remember(
  issues: readonly Issue[],
  playbook: Playbook,
  { memory, embedder, textOf = wholeText }: Omit<LearnPorts, 'tracker'>,
): Promise<number> {
  const teaching = issues.filter(
    (issue) => playbook.projects.includes(issue.project) && Object.keys(truthOf(issue, playbook)).length > 0,
  );
  const embeddings = await embedIfPossible(teaching.map(textOf), embedder);
  await memory.put(teaching.map((issue, index) => toPastTicket(issue, playbook, embeddings[index] ?? null)));
  return teaching.length;
}

async function embedIfPossible(texts: readonly string[], embedder: Embedder | null): Promise<readonly Embedding[]> {
  try {
    return (await embedder?.embed(texts)) ?? [];
  } catch (error) {
    if (error instanceof TransientError) return [];
    throw error;
  }
}

function toPastTicket(issue: Issue, playbook: Playbook, embedding: PastTicket['embedding']): PastTicket {
  const { id, key, project, summary, text, created, securityLevel, resolution, people } = issue;
  const context = untouched(contextOf(issue, customFeatures(playbook)), issue);
  const values = truthOf(issue, playbook);
  return { id, key, project, summary, text, created, securityLevel, resolution, context, people, values, embedding };
}

function customFeatures({ classify }: Playbook): readonly string[] {
  return classify.features.filter((name) => name.startsWith('customfield_'));
}

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['component', 'components'],
  ['issueType', 'issuetype'],
]);

/** Without what somebody changed later: a new ticket will not have it, and it may give the answer away. */
function untouched(context: Readonly<Record<string, string>>, { changes }: Issue): Readonly<Record<string, string>> {
  const changed = new Set(changes.map(({ fieldId }) => fieldId));
  return Object.fromEntries(Object.entries(context).filter(([name]) => !changed.has(FIELDS.get(name) ?? name)));
}

/**
 * The value of each target. One that we wrote and nobody changed is marked as the machine's; one that a person put in
 * the place of ours tells what it replaced.
 */
function truthOf(issue: Issue, playbook: Playbook): Record<string, TrueValue> {
  const values = playbook.targets.flatMap((target) => {
    const value = readValue(target, issue);
    if (value === null) return [];
    return [[target.name, { value, ...standingOf(value, writtenBy(issue, target.name)) }] as const];
  });
  return Object.fromEntries(values);
}

/** What our mark says that we wrote, null when that is nothing. */
function writtenBy({ mark }: Issue, target: string): string | null {
  return mark && Object.hasOwn(mark.values, target) ? (mark.values[target] ?? null) : null;
}

function standingOf(value: string, written: string | null): Omit<TrueValue, 'value'> {
  if (written === value) return { by: 'machine' };
  return written === null ? { by: 'human' } : { by: 'human', insteadOf: written };
}
