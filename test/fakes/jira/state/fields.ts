import type { EventOptions, IssueChange, IssueDraft, IssueFields } from '../model.ts';
import { toMillis } from '../model.ts';
import type { Directory, Project, Status } from './directory.ts';
import { byName, fieldOf, found, projectOf, statusOf } from './directory.ts';

/** The first values of a drafted issue; whatever names something the site lacks throws. */
export function fieldsOfDraft(directory: Directory, draft: IssueDraft, now: number): IssueFields {
  const project = projectOf(directory, draft.projectKey);
  const status = firstStatus(directory, draft);
  const created = toMillis(draft.created ?? now);
  const done = status.category === 'done';
  const resolved = done ? toMillis(draft.resolved ?? draft.updated ?? created) : null;
  const reporter = draft.reporter ?? found([...directory.users.keys()][0], 'users');
  const fields: IssueFields = {
    summary: draft.summary,
    description: draft.description === '' ? null : (draft.description ?? null),
    issueType: draft.issueType ?? found(project.issueTypes[0], 'issue types').name,
    reporter,
    creator: reporter,
    priority: draft.priority ?? directory.defaultPriority,
    labels: labelSet(draft.labels ?? []),
    components: [...(draft.components ?? [])],
    assignee: draft.assignee ?? null,
    custom: { ...draft.custom },
    status: status.name,
    statusChanged: resolved ?? created,
    resolution: draft.resolution === undefined && done ? 'Done' : (draft.resolution ?? null),
    created,
    updated: toMillis(draft.updated ?? resolved ?? created),
    resolved,
    securityLevel: draft.securityLevel ?? null,
  };
  assertKnown(directory, project, { before: undefined, after: fields });
  return fields;
}

/** A draft that says it is resolved starts out done. */
function firstStatus(directory: Directory, draft: IssueDraft): Status {
  if (draft.status !== undefined) return statusOf(directory, draft.status);
  const isDone = (draft.resolution ?? draft.resolved ?? null) !== null;
  const status = directory.statuses.find(({ category }) => (category === 'done') === isDone);
  return found(status, isDone ? 'done status' : 'open status');
}

/** The values after a person's change. */
export function changedFields(
  directory: Directory,
  { before, change, projectKey, at }: { before: IssueFields; change: IssueChange; projectKey: string; at: number },
): IssueFields {
  const { addLabels = [], removeLabels = [], custom = {}, status, ...rest } = change;
  const plain = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const merged: IssueFields = { ...before, ...plain };
  const labels = merged.labels.filter((label) => !removeLabels.includes(label));
  const after = {
    ...merged,
    labels: labelSet([...labels, ...addLabels]),
    custom: withCustom(before.custom, custom),
    ...transition(directory, { before, status, resolution: change.resolution, at }),
  };
  assertKnown(directory, projectOf(directory, projectKey), { before, after });
  return after;
}

/** A step into a done status resolves the issue, a step out of it opens it again. */
function transition(
  directory: Directory,
  step: { before: IssueFields; status: string | undefined; resolution: string | null | undefined; at: number },
): Partial<IssueFields> {
  if (step.status === undefined || step.status === step.before.status) return {};
  const done = statusOf(directory, step.status).category === 'done';
  const resolution = step.resolution === undefined ? (step.before.resolution ?? 'Done') : step.resolution;
  const moved = { status: step.status, statusChanged: step.at };
  if (!done) return { ...moved, resolution: null, resolved: null };
  return { ...moved, resolution, resolved: resolution === null ? null : (step.before.resolved ?? step.at) };
}

/** Sets, and with null removes, custom values. */
export function withCustom(
  before: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const after = { ...before };
  for (const [id, value] of Object.entries(changes)) {
    if (value === null) delete after[id];
    if (value !== null) after[id] = value;
  }
  return after;
}

/** Jira keeps labels as a sorted set. */
export function labelSet(labels: readonly string[]): string[] {
  return [...new Set(labels)].sort();
}

export function momentOf(options: EventOptions, now: number): number {
  return toMillis(options.at ?? now);
}

/** A value the site lacks is a mistake in the test, unless the issue had it before the site lost it. */
function assertKnown(
  directory: Directory,
  project: Project,
  { before, after }: { before: IssueFields | undefined; after: IssueFields },
): void {
  const { issueType, priority } = after;
  if (issueType !== before?.issueType) found(byName(project.issueTypes, issueType), `issue type '${issueType}'`);
  if (priority !== null && priority !== before?.priority)
    found(byName(directory.priorities, priority), `priority '${priority}'`);
  for (const name of after.components) {
    if (!before?.components.includes(name))
      found(byName(project.components, name), `component '${name}' in ${project.key}`);
  }
  for (const label of after.labels) if (/\s/.test(label)) throw new Error(`the label '${label}' contains spaces`);
  for (const [id, value] of Object.entries(after.custom)) {
    const field = fieldOf(directory, id);
    if (field.kind !== 'select' || before?.custom[id] === value) continue;
    found(byName(field.options, value), `option '${value}' in ${id}`);
  }
}
