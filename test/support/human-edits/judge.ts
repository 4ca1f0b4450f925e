import { z } from 'zod';
import { MARK_KEY } from '../../../src/adapters/jira/issue-schema.ts';
import type { Target } from '../../../src/domain/playbook/target.ts';
import type { JiraSite } from '../../fakes/jira/door.ts';
import type { ChangeItem, SiteIssue } from '../../fakes/jira/model.ts';
import { TEAM } from './desk.ts';

/** What a ticket's changelog says of one target. */
export interface Fate {
  readonly target: string;
  /** A person set it, on creation or later. */
  readonly isHuman: boolean;
  /** What it ended with, and what the last person had left; the same when no person's value was lost. */
  readonly end: string;
  readonly humanEnd: string;
  /** How often we changed what a person had set, if only for a moment. */
  readonly overlaid: number;
}

/** The values of a target, in order, as one word; the changelog is replayed, for it is the site's own. */
export function fateOf(target: Target, born: SiteIssue, { histories }: SiteIssue, botId: string): Fate {
  let values = valuesAt(target, born);
  let isHuman = values.length > 0 && !values.every((value) => target.defaults.includes(value));
  let humanEnd = values;
  let overlaid = 0;
  for (const { author, items } of histories) {
    const next = items.reduce((now, item) => after(now, item, target), values);
    if (isSame(next, values)) continue;
    values = next;
    if (author === botId) overlaid += isHuman ? 1 : 0;
    else [isHuman, humanEnd] = [true, next];
  }
  return { target: target.name, isHuman, end: word(values), humanEnd: word(humanEnd), overlaid };
}

/** Edits of ours per decision, and what we commented. */
export function deedsOf(site: JiraSite, key: string) {
  const perDecision = new Map<string, number>();
  const edits = site.edits(key);
  for (const edit of edits) {
    if (edit.kind !== 'edit') continue;
    const { decisionId } = Mark.parse(edit.body).properties[0].value;
    perDecision.set(decisionId, (perDecision.get(decisionId) ?? 0) + 1);
  }
  const comments = (site.issue(key)?.comments ?? []).filter(({ author }) => author === site.botId);
  const others = edits.filter(({ kind }) => kind !== 'edit' && kind !== 'comment');
  return { perDecision, comments, others };
}

const Mark = z.object({
  properties: z.tuple([z.object({ key: z.literal(MARK_KEY), value: z.object({ decisionId: z.string() }) })]),
});

/** What a target's field holds. */
export function valuesAt(target: Target, issue: SiteIssue): readonly string[] {
  switch (target.kind) {
    case 'label':
      return family(target.prefix, issue.labels);
    case 'component':
      return issue.components;
    case 'priority':
      return issue.priority === null ? [] : [issue.priority];
    case 'assignee':
      return issue.assignee === null ? [] : [issue.assignee];
    default: {
      const value = issue.custom[TEAM];
      return value === undefined ? [] : [value];
    }
  }
}

function after(now: readonly string[], item: ChangeItem, target: Target): readonly string[] {
  switch (target.kind) {
    case 'label':
      return item.fieldId === 'labels' ? family(target.prefix, (item.toString ?? '').split(' ')) : now;
    case 'component': {
      if (item.fieldId !== 'components') return now;
      return [...now.filter((name) => name !== item.fromString), ...(item.toString === null ? [] : [item.toString])];
    }
    case 'priority':
      return item.fieldId === 'priority' ? one(item.toString) : now;
    case 'assignee':
      return item.fieldId === 'assignee' ? one(item.to) : now;
    default:
      return item.fieldId === TEAM ? one(item.toString) : now;
  }
}

function one(value: string | null): readonly string[] {
  return value === null ? [] : [value];
}

function family(prefix: string, labels: readonly string[]): readonly string[] {
  return labels.filter((label) => label.startsWith(prefix));
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return word(left) === word(right);
}

function word(values: readonly string[]): string {
  return values.toSorted().join(' ');
}
