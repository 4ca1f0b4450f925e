import type { DeliveryEnd } from '../domain/decision/delivery.ts';
import type { Outcome } from '../domain/decision/outcome.ts';
import { TransientError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Ledger } from '../domain/ports/ledger.ts';
import type { Memory } from '../domain/ports/memory.ts';
import type { Clock, Embedder } from '../domain/ports/model.ts';
import type { Tracker } from '../domain/ports/tracker.ts';
import { contextOf } from '../domain/ticket/context.ts';
import { type TextOf, wholeText } from '../domain/ticket/embedding.ts';
import type { Embedding, Issue, PastTicket } from '../domain/ticket/issue.ts';
import { compare, type LastWord } from './compare.ts';
import { truthOf } from './truth.ts';

export interface RememberPorts {
  readonly memory: Memory;
  readonly embedder: Embedder | null;
  /** What of an issue is embedded; all its words when absent. */
  readonly textOf?: TextOf;
  /** Knows which tickets we decided on; absent: only our marks on them tell. */
  readonly ledger?: Pick<Ledger, 'lastWord'>;
  /** False: nothing we decide reaches Jira, so it changes nothing in what people do. */
  readonly areWritesOn?: boolean;
}

export interface LearnPorts extends RememberPorts {
  readonly tracker: Tracker;
  readonly ledger: Pick<Ledger, 'lastWord' | 'recordOutcomes'>;
  readonly clock: Clock;
}

export interface Learnt {
  readonly end: DeliveryEnd;
  /** What people made of our last decision, as recorded. */
  readonly outcomes: readonly Outcome[];
}

/**
 * Looks at an issue as it is now: records what people made of our last decision on it, and brings memory in line. A
 * finished issue is remembered with the values it ended with; one that was deleted, is open again, in another project,
 * without any value, or that people restricted later is forgotten. Running it again changes nothing.
 */
export async function follow(
  { issueId, intent }: { readonly issueId: string; readonly intent: 'learn' | 'forget' },
  playbook: Playbook,
  ports: LearnPorts,
): Promise<Learnt> {
  const { tracker, ledger, memory, clock } = ports;
  const issue = intent === 'forget' ? null : await tracker.issue(issueId, 'brief');
  if (!issue) {
    await memory.forget([issueId]);
    return { end: { state: 'forgotten' }, outcomes: [] };
  }
  const [word, { accountId }] = await Promise.all([ledger.lastWord(issueId), tracker.myself()]);
  const isJudged = word !== null && playbook.projects.includes(issue.project);
  const context = { playbook, ourAccountId: accountId, now: clock.now() };
  const outcomes = isJudged ? compare(issue, word, context) : [];
  if (outcomes.length > 0) await ledger.recordOutcomes(outcomes);
  const lesson = { issue, isTreated: isTreated(issue, word, { playbook, ...ports }) };
  const isRemembered = issue.isFinished && !isNewlyRestricted(issue) && (await store([lesson], context, ports)) > 0;
  const isForgotten = !isRemembered && mayBeRemembered(issue);
  if (isForgotten) await memory.forget([issueId]);
  if (isRemembered || outcomes.length > 0) return { end: { state: 'learned' }, outcomes };
  if (isForgotten) return { end: { state: 'forgotten' }, outcomes };
  return { end: { state: 'ignored', reason: 'not finished, and nothing of ours to judge' }, outcomes };
}

/**
 * Stores finished issues in memory; those with no value for any target teach nothing and are left out. While the
 * embedder is out of order they are stored without vectors, which upkeep makes up for.
 */
export async function remember(issues: readonly Issue[], playbook: Playbook, ports: RememberPorts): Promise<number> {
  const lessons = issues.map(async (issue) => {
    const word = issue.mark === null ? ((await ports.ledger?.lastWord(issue.id)) ?? null) : null;
    return { issue, isTreated: isTreated(issue, word, { playbook, ...ports }) };
  });
  // Without a changelog nobody is told apart, us included.
  return store(await Promise.all(lessons), { playbook, ourAccountId: null }, ports);
}

interface Lesson {
  readonly issue: Issue;
  readonly isTreated: boolean;
}

interface Setting {
  readonly playbook: Playbook;
  readonly ourAccountId: string | null;
}

async function store(
  lessons: readonly Lesson[],
  setting: Setting,
  { memory, embedder, textOf = wholeText }: RememberPorts,
): Promise<number> {
  const { playbook } = setting;
  const teaching = lessons.filter(
    ({ issue }) => playbook.projects.includes(issue.project) && Object.keys(truthOf(issue, playbook, null)).length > 0,
  );
  const embeddings = await embedIfPossible(
    teaching.map(({ issue }) => textOf(issue)),
    embedder,
  );
  if (teaching.length > 0)
    await memory.put(teaching.map((lesson, index) => toPastTicket(lesson, setting, embeddings[index] ?? null)));
  return teaching.length;
}

/**
 * Whether what we do may have changed what people did: we wrote on it, or decided on it at a time when decisions reach
 * people. That holds for abstentions as well, for they are the hard tickets.
 */
function isTreated(
  { mark }: Issue,
  word: LastWord | null,
  { playbook, areWritesOn = true }: Pick<RememberPorts, 'areWritesOn'> & { readonly playbook: Playbook },
): boolean {
  if (mark !== null) return true;
  const isLive = areWritesOn && playbook.targets.some(({ mode }) => mode === 'suggest' || mode === 'auto');
  return isLive && word !== null && !word.decision.isControl;
}

/** A security level that it did not have from the start; where Jira cut the history off, we cannot know. */
function isNewlyRestricted({ securityLevel, changes, isHistoryWhole }: Issue): boolean {
  if (securityLevel === null) return false;
  return !isHistoryWhole || changes.some(({ fieldId, to }) => fieldId === 'security' && to !== null);
}

const LEAVING = new Set(['project', 'key', 'security', 'resolution', 'status']);

/** An open issue that never left this place or its first status was never finished, so there is nothing to forget. */
function mayBeRemembered({ isFinished, changes, isHistoryWhole }: Issue): boolean {
  return isFinished || !isHistoryWhole || changes.some(({ fieldId }) => LEAVING.has(fieldId.toLowerCase()));
}

async function embedIfPossible(texts: readonly string[], embedder: Embedder | null): Promise<readonly Embedding[]> {
  try {
    return (await embedder?.embed(texts)) ?? [];
  } catch (error) {
    if (error instanceof TransientError) return [];
    throw error;
  }
}

function toPastTicket(
  { issue, isTreated }: Lesson,
  { playbook, ourAccountId }: Setting,
  embedding: PastTicket['embedding'],
): PastTicket {
  const { id, key, project, summary, text, created, securityLevel, resolution, people } = issue;
  const context = untouched(contextOf(issue, customFeatures(playbook)), issue);
  const values = truthOf(issue, playbook, ourAccountId);
  const ticket = { id, key, project, summary, text, created, securityLevel, resolution, context, people, values };
  return { ...ticket, embedding, ...(isTreated ? { isTreated } : {}) };
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
