import type { SiteContext } from '../context.ts';
import type { History, IssueFields } from '../model.ts';
import { belongs } from '../state/directory.ts';
import type { IssueRecord } from '../state/store.ts';
import { renderComments } from './comments.ts';
import { renderEditMeta } from './editmeta.ts';
import type { Scene } from './fields.ts';
import { drawCustom, systemFields } from './fields.ts';
import { base, renderUser } from './people.ts';
import { jiraTime } from './time.ts';

const EXPAND = 'renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations';

/** What to show of an issue. `fields: undefined` means the id alone. */
export interface IssueView {
  readonly fields: ((id: string) => boolean) | undefined;
  readonly expand: ReadonlySet<string>;
  readonly properties: readonly string[];
  readonly maxHistories: number;
  readonly editable: boolean;
}

export function renderIssue(
  context: SiteContext,
  { record, fields }: { record: IssueRecord; fields: IssueFields },
  view: IssueView,
): object {
  if (view.fields === undefined && view.expand.size === 0 && view.properties.length === 0) return { id: record.id };
  return {
    expand: EXPAND,
    id: record.id,
    self: `${base(context, 3)}/issue/${record.id}`,
    key: record.key,
    ...(view.fields && { fields: renderFields({ context, record, fields, version: 3 }, view.fields) }),
    ...(view.properties.length > 0 && { properties: pickProperties(record, view.properties) }),
    ...(view.expand.has('changelog') && { changelog: renderChangelog(context, record, view.maxHistories) }),
    ...(view.expand.has('editmeta') && { editmeta: renderEditMeta(context, record, view.editable) }),
    ...(view.expand.has('names') && { names: fieldNames(context) }),
  };
}

/** The `issue` of a webhook: v2 shape, wiki markup, no expand. */
export function renderHookIssue(
  context: SiteContext,
  record: IssueRecord,
  extra: Readonly<Record<string, unknown>> = {},
) {
  const scene: Scene = { context, record, fields: record.fields, version: 2 };
  const fields = renderFields(scene, (id) => id !== 'comment');
  return {
    id: record.id,
    self: `${base(context, 2)}/issue/${record.id}`,
    key: record.key,
    fields: { ...fields, ...extra },
  };
}

export function renderFields(scene: Scene, wanted: (id: string) => boolean): Record<string, unknown> {
  const drawn: Record<string, unknown> = {};
  for (const [id, draw] of systemFields) if (wanted(id)) drawn[id] = draw(scene);
  for (const field of scene.context.directory.fields) {
    if (belongs(field, scene.record.projectKey) && wanted(field.id)) drawn[field.id] = drawCustom(scene, field);
  }
  if (wanted('comment')) drawn['comment'] = renderComments(scene);
  return drawn;
}

export function renderHistory(context: SiteContext, history: History) {
  return {
    id: history.id,
    author: renderUser(context, history.author, 3),
    created: jiraTime(history.at, context.options.timeZoneOffset),
    items: history.items,
  };
}

/** The expanded changelog: newest first, cut at `max`. */
function renderChangelog(context: SiteContext, record: IssueRecord, max: number) {
  const newest = record.histories.toReversed().slice(0, max);
  const histories = newest.map((history) => renderHistory(context, history));
  return { startAt: 0, maxResults: histories.length, total: record.histories.length, histories };
}

function pickProperties(record: IssueRecord, wanted: readonly string[]): Record<string, unknown> {
  const all = wanted.includes('*all');
  return Object.fromEntries([...record.properties].filter(([key]) => all || wanted.includes(key)));
}

function fieldNames(context: SiteContext): Record<string, string> {
  const system = [...systemFields.keys()].map((id) => [id, fieldName(id)]);
  return Object.fromEntries([...system, ...context.directory.fields.map((field) => [field.id, field.name])]);
}

export function fieldName(id: string): string {
  const special: Record<string, string> = {
    issuetype: 'Issue Type',
    components: 'Components',
    resolutiondate: 'Resolved',
  };
  return special[id] ?? id.charAt(0).toUpperCase() + id.slice(1);
}
