import { readCustom } from '../../../src/domain/playbook/target.ts';
import type { EditResult, MarkedEdit, Tracker } from '../../../src/domain/ports/tracker.ts';
import type { FieldChange, Issue, Provenance } from '../../../src/domain/ticket/issue.ts';
import { BOT } from '../../support/fixtures.ts';

/** A desk in memory that edits issues as Jira would, for stages that are not about Jira's protocol. */
export interface Desk extends Tracker {
  readonly edits: readonly { readonly issueId: string; readonly mark: Provenance; readonly notifyUsers: boolean }[];
  /** Our note per issue, as it reads now. */
  readonly notes: readonly { readonly issueId: string; readonly paragraphs: readonly string[] }[];
  readonly unassignable: Set<string>;
  /** The issue now; throws when there is none. */
  now(idOrKey: string): Issue;
  /** Replaces what the issue is now, without a trace in its changelog. */
  change(idOrKey: string, parts: Partial<Issue>): void;
  /** A person's edit, with its changelog. */
  editAs(by: string, idOrKey: string, parts: Partial<Issue>): void;
  remove(idOrKey: string): void;
  /** What the next edit answers instead of being made. */
  answerNextEdit(result: EditResult): void;
  answerNextNote(result: EditResult): void;
  /** The next edit lands, but its answer is lost. */
  loseNextAnswer(): void;
  /** Done right before the next edit lands. */
  beforeNextEdit(act: () => void): void;
}

export function deskWith(...issues: readonly Issue[]): Desk {
  const store = new Map(issues.map((issue) => [issue.id, issue]));
  const edits: { issueId: string; mark: Provenance; notifyUsers: boolean }[] = [];
  const notes: { issueId: string; paragraphs: readonly string[] }[] = [];
  const unassignable = new Set<string>();
  const answers: (EditResult | 'lost')[] = [];
  const noteAnswers: EditResult[] = [];
  const interventions: (() => void)[] = [];
  const find = (idOrKey: string) => [...store.values()].find(({ id, key }) => id === idOrKey || key === idOrKey);
  const now = (idOrKey: string): Issue => {
    const issue = find(idOrKey);
    if (!issue) throw new Error(`no issue ${idOrKey}`);
    return issue;
  };
  const put = (issue: Issue) => void store.set(issue.id, issue);
  return {
    edits,
    notes,
    unassignable,
    now,
    change: (idOrKey, parts) => put({ ...now(idOrKey), ...parts }),
    editAs: (by, idOrKey, parts) => put(withHistory(now(idOrKey), { ...now(idOrKey), ...parts }, by)),
    remove: (idOrKey) => void store.delete(now(idOrKey).id),
    answerNextEdit: (result) => void answers.push(result),
    answerNextNote: (result) => void noteAnswers.push(result),
    loseNextAnswer: () => void answers.push('lost'),
    beforeNextEdit: (act) => void interventions.push(act),
    myself: async () => ({ accountId: BOT, displayName: 'Triage Bot' }),
    issue: async (idOrKey) => find(idOrKey) ?? null,
    isAssignable: async (_key, accountId) => !unassignable.has(accountId),
    edit: async (issueId, edit) => {
      await edit.goAhead?.();
      const answer = answers.shift();
      if (answer && answer !== 'lost') return answer;
      interventions.shift()?.();
      const issue = find(issueId);
      if (!issue) return { kind: 'gone' };
      const after = edited(issue, edit);
      if ('assignee' in edit.fields && after.assignee !== null && unassignable.has(after.assignee))
        return { kind: 'refused', reason: `400: User '${after.assignee}' cannot be assigned issues.` };
      put(withHistory(issue, after, BOT));
      edits.push({ issueId, mark: edit.mark, notifyUsers: edit.notifyUsers });
      if (answer === 'lost') throw new Error('the answer was lost');
      return { kind: 'done' };
    },
    putInternalNote: async (issueId, paragraphs) => {
      const answer = noteAnswers.shift();
      if (answer) return answer;
      if (!find(issueId)) return { kind: 'gone' };
      const at = notes.findIndex((note) => note.issueId === issueId);
      notes.splice(at < 0 ? notes.length : at, 1, { issueId, paragraphs });
      return { kind: 'done' };
    },
    search: async () => ({ issues: [...store.values()], next: null }),
    glimpse: async () => ({ issues: [...store.values()], next: null }),
    serverTime: async () => new Date().toISOString(),
    count: async () => store.size,
    person: async (accountId) => ({ accountId, displayName: `The name of ${accountId}`, isActive: true }),
    componentLead: async () => null,
    fields: async () => new Map(),
    whereabouts: async (ids) => new Map(ids.flatMap((id) => store.get(id) ?? []).map((one) => [one.id, one])),
  };
}

function edited(issue: Issue, { fields, update, mark }: MarkedEdit): Issue {
  return {
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
}

/** The issue with what Jira's changelog says of the step: nothing where nothing changed, an item per component. */
function withHistory(before: Issue, after: Issue, by: string): Issue {
  const side = (value: string | null) => value || null;
  const step = (fieldId: string, from: string | null, to: string | null): FieldChange[] =>
    from === to ? [] : [{ fieldId, from: side(from), to: side(to), by, at: '2026-05-01T09:00:00.000Z' }];
  const gone = before.components.filter((name) => !after.components.includes(name));
  const come = after.components.filter((name) => !before.components.includes(name));
  const changes = [
    ...step('labels', before.labels.join(' '), after.labels.join(' ')),
    ...gone.flatMap((name) => step('components', name, null)),
    ...come.flatMap((name) => step('components', null, name)),
    ...step('priority', before.priority, after.priority),
    ...step('assignee', before.assignee, after.assignee),
    ...Object.keys({ ...before.custom, ...after.custom }).flatMap((id) =>
      step(id, readCustom(before.custom[id]), readCustom(after.custom[id])),
    ),
  ];
  return { ...after, changes: [...changes, ...before.changes] };
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
