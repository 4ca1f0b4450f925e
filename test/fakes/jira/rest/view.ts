import type { SiteContext } from '../context.ts';
import { may } from '../context.ts';
import type { IssueView } from '../render/issue.ts';
import type { IssueRecord } from '../state/store.ts';
import type { Call } from './call.ts';

interface Wish {
  readonly fields: readonly string[];
  readonly expand: readonly string[];
  readonly properties: readonly string[];
  readonly otherwise: '*all' | '*navigable' | 'id';
  readonly maxHistories: number;
}

/** What a request wants to see of its issues. */
export function viewOf(context: SiteContext, call: Call, wish: Wish): (record: IssueRecord) => IssueView {
  const fields = selection(wish.fields, wish.otherwise);
  const { properties, maxHistories } = wish;
  const expand = new Set(wish.expand);
  return (record) => ({
    fields,
    expand,
    properties,
    maxHistories,
    editable: may(context, call.actor, { permission: 'EDIT_ISSUES', projectKey: record.projectKey }),
  });
}

function selection(wanted: readonly string[], otherwise: Wish['otherwise']): IssueView['fields'] {
  const named = wanted.filter((field) => !field.startsWith('-'));
  const hidden = new Set(wanted.filter((field) => field.startsWith('-')).map((field) => field.slice(1)));
  const shown = new Set(named.length > 0 ? named : [otherwise]);
  if (shown.size === 1 && shown.has('id')) return undefined;
  if (shown.has('*all')) return (id) => !hidden.has(id);
  const navigable = shown.has('*navigable');
  return (id) => !hidden.has(id) && (shown.has(id) || (navigable && id !== 'comment'));
}
