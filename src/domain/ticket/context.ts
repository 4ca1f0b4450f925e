import { z } from 'zod';
import type { Issue } from './issue.ts';
import { byCode, cleanText } from './text.ts';

const STANDARD = [
  'reporter',
  'issueType',
  'project',
  'component',
  'requestType',
  'organization',
  'hour',
  'weekday',
] as const;
const ACCEPTED = `must be one of ${STANDARD.join(', ')}, or a custom field such as customfield_10002`;

/** What a ticket has beyond text: a standard name or a custom field, for example the location. */
export const FeatureName = z.union([z.enum(STANDARD), z.string().regex(/^customfield_\d+$/, ACCEPTED)], ACCEPTED);

/** Every feature of an issue that has a value; hour and weekday in UTC. `customFields`: which of these to look at. */
export function contextOf(issue: Issue, customFields: readonly string[]): Readonly<Record<string, string>> {
  const created = new Date(issue.created);
  const standard = {
    reporter: issue.reporter?.accountId,
    issueType: issue.issueType,
    project: issue.project,
    component: issue.components.length > 0 ? issue.components.toSorted(byCode).join('|') : undefined,
    requestType: textOf(issue.requestType),
    organization: textOf(issue.organizations.toSorted(byCode)),
    hour: String(created.getUTCHours()),
    weekday: String(created.getUTCDay()),
  };
  const custom = customFields.map((field) => [field, textOf(issue.custom[field])] as const);
  return Object.fromEntries(
    [...Object.entries(standard), ...custom].flatMap(([name, value]) => (value ? [[name, value] as const] : [])),
  );
}

/** The features of a context that were asked for. */
export function onlyFeatures(
  context: Readonly<Record<string, string>>,
  features: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(context).filter(([name]) => features.includes(name)));
}

/** How Jira says options, organisations, users and sprints. */
const NAMES = ['value', 'name', 'accountId', 'id'] as const;
const Named = z.record(z.string(), z.unknown());
const MAX_LENGTH = 200;
const MAX_MEMBERS = 5;

/** A custom field as text: things by their name, lists by their first members. */
function textOf(raw: unknown): string | undefined {
  if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean')
    return cleanText(String(raw).slice(0, MAX_LENGTH));
  if (Array.isArray(raw))
    return (
      raw
        .slice(0, MAX_MEMBERS)
        .flatMap((item) => textOf(item) ?? [])
        .join('|') || undefined
    );
  const named = Named.safeParse(raw).data ?? {};
  const told = NAMES.map((name) => named[name]).find((value) => typeof value === 'string' || typeof value === 'number');
  return told === undefined ? undefined : textOf(told);
}
