import type { Issue, Provenance } from '../../../src/domain/issue.ts';
import type { EditResult, MarkedEdit, Tracker } from '../../../src/domain/ports.ts';
import { BOT } from '../../support/fixtures.ts';

/** A desk in memory that edits issues as Jira would, for stages that are not about Jira's protocol. */
export interface Desk extends Tracker {
  readonly edits: readonly { readonly issueId: string; readonly mark: Provenance; readonly notifyUsers: boolean }[];
  readonly notes: readonly { readonly issueId: string; readonly paragraphs: readonly string[] }[];
  readonly unassignable: Set<string>;
  /** The issue now; throws when there is none. */
  now(idOrKey: string): Issue;
  /** Replaces what the issue is now, as a person's edit would. */
  change(idOrKey: string, parts: Partial<Issue>): void;
  remove(idOrKey: string): void;
  /** What the next edit answers instead of being made. */
  answerNextEdit(result: EditResult): void;
  /** The next edit lands, but its answer is lost. */
  loseNextAnswer(): void;
}

export function deskWith(...issues: readonly Issue[]): Desk {
  const store = new Map(issues.map((issue) => [issue.id, issue]));
  const edits: { issueId: string; mark: Provenance; notifyUsers: boolean }[] = [];
  const notes: { issueId: string; paragraphs: readonly string[] }[] = [];
  const unassignable = new Set<string>();
  const answers: (EditResult | 'lost')[] = [];
  const find = (idOrKey: string) => [...store.values()].find(({ id, key }) => id === idOrKey || key === idOrKey);
  const now = (idOrKey: string): Issue => {
    const issue = find(idOrKey);
    if (!issue) throw new Error(`no issue ${idOrKey}`);
    return issue;
  };
  return {
    edits,
    notes,
    unassignable,
    now,
    change: (idOrKey, parts) => void store.set(now(idOrKey).id, { ...now(idOrKey), ...parts }),
    remove: (idOrKey) => void store.delete(now(idOrKey).id),
    answerNextEdit: (result) => void answers.push(result),
    loseNextAnswer: () => void answers.push('lost'),
    myself: async () => ({ accountId: BOT, displayName: 'Triage Bot' }),
    issue: async (idOrKey) => find(idOrKey) ?? null,
    isAssignable: async (_key, accountId) => !unassignable.has(accountId),
    edit: async (issueId, edit) => {
      const issue = find(issueId);
      const answer = answers.shift();
      if (answer && answer !== 'lost') return answer;
      if (!issue) return { kind: 'gone' };
      store.set(issue.id, edited(issue, edit));
      edits.push({ issueId, mark: edit.mark, notifyUsers: edit.notifyUsers });
      if (answer === 'lost') throw new Error('the answer was lost');
      return { kind: 'done' };
    },
    addInternalNote: async (issueId, paragraphs) => {
      if (!find(issueId)) return { kind: 'gone' };
      const isSaid = notes.some((note) => note.issueId === issueId && note.paragraphs.join() === paragraphs.join());
      if (!isSaid) notes.push({ issueId, paragraphs });
      return { kind: 'done' };
    },
    search: async () => ({ issues: [...store.values()], next: null }),
    count: async () => store.size,
  };
}

/** The issue after an edit of ours, with its changes on top of the history. */
function edited(issue: Issue, { fields, update, mark }: MarkedEdit): Issue {
  const after: Issue = {
    ...issue,
    mark,
    labels: merged(issue.labels, update['labels'] ?? [], String),
    components: merged(issue.components, update['components'] ?? [], nameOf),
    priority: 'priority' in fields ? nullable(fields['priority'], nameOf) : issue.priority,
    assignee: 'assignee' in fields ? nullable(fields['assignee'], accountOf) : issue.assignee,
    custom: {
      ...issue.custom,
      ...Object.fromEntries(Object.entries(fields).filter(([id]) => id.startsWith('custom'))),
    },
  };
  const at = '2026-05-01T09:00:00.000Z';
  const touched = [...new Set([...Object.keys(fields), ...Object.keys(update)])];
  const changes = touched.map((fieldId) => ({
    fieldId,
    from: shown(issue, fieldId),
    to: shown(after, fieldId),
    by: BOT,
    at,
  }));
  return { ...after, changes: [...changes, ...issue.changes] };
}

function merged(
  now: readonly string[],
  operations: readonly Readonly<Record<string, unknown>>[],
  read: (value: unknown) => string,
): string[] {
  let values = [...now];
  for (const operation of operations) {
    if ('add' in operation) values = [...new Set([...values, read(operation['add'])])];
    if ('remove' in operation) values = values.filter((value) => value !== read(operation['remove']));
  }
  return values;
}

function shown(issue: Issue, fieldId: string): string | null {
  switch (fieldId) {
    case 'labels':
      return issue.labels.join(' ') || null;
    case 'components':
      return issue.components.join(', ') || null;
    case 'priority':
      return issue.priority;
    case 'assignee':
      return issue.assignee;
    default:
      return JSON.stringify(issue.custom[fieldId] ?? null);
  }
}

function nullable(value: unknown, read: (value: unknown) => string): string | null {
  return value === null ? null : read(value);
}

function nameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'name' in value) return String(value.name);
  throw new Error(`no name in ${JSON.stringify(value)}`);
}

function accountOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'accountId' in value) return String(value.accountId);
  throw new Error(`no account in ${JSON.stringify(value)}`);
}
