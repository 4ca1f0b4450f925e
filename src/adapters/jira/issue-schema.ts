import { z } from 'zod';
import type { Glimpse } from '../../domain/ports/tracker.ts';
import type { EditableField, FieldChange, Issue } from '../../domain/ticket/issue.ts';
import { cleanText } from '../../domain/ticket/text.ts';
import { plainText } from './markup.ts';
import { read } from './reading/asking.ts';
import { type CustomerFields, NO_CUSTOMER_FIELDS } from './reading/fields.ts';

/** The key of the issue property that marks our edits. */
export const MARK_KEY = 'jira-triage';

// Only what is used: copying whole users and allowed values, with all their addresses, cost more than checking them.
const Named = z.object({ name: z.string() });
const User = z.object({ accountId: z.string(), displayName: z.string().default('') });

/** Jira's `2026-04-25T18:35:13.605+0530` as ISO 8601 in UTC. */
const Time = z.string().transform((raw, context) => {
  const time = new Date(raw);
  if (!Number.isNaN(time.getTime())) return time.toISOString();
  context.issues.push({ code: 'custom', message: 'not a time', input: raw });
  return z.NEVER;
});

const Fields = z.looseObject({
  summary: z.string().nullish(),
  description: z.unknown().optional(),
  issuetype: Named.nullish(),
  project: z.object({ key: z.string() }),
  reporter: User.nullish(),
  assignee: User.nullish(),
  creator: User.nullish(),
  priority: Named.nullish(),
  labels: z.array(z.string()).nullish(),
  components: z.array(Named).nullish(),
  status: z.object({ name: z.string(), statusCategory: z.object({ key: z.string() }).optional() }).nullish(),
  security: Named.nullish(),
  created: Time,
  updated: Time,
  resolutiondate: Time.nullish(),
  resolution: Named.nullish(),
});

const Editable = z.object({
  allowedValues: z.array(z.object({ name: z.string().optional(), value: z.string().optional() })).optional(),
});

const isPlain = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item);

const History = z.object({
  created: Time,
  author: z.object({ accountId: z.string().default('unknown') }).nullish(),
  items: z.array(z.custom<Readonly<Record<string, unknown>>>(isPlain)),
});

const Mark = z.object({
  decisionId: z.string(),
  revision: z.string(),
  at: z.string(),
  values: z.record(z.string(), z.string()),
  suggested: z.record(z.string(), z.string()).exactOptional(),
});

/** A name, or none where there is nothing we could read; Jira tells request types as objects or as bare text. */
const Name = z
  .union([z.string(), Named.transform(({ name }) => name)])
  .transform((name) => [cleanText(name).trim()].filter((clean) => clean !== ''))
  .catch([]);
const RequestType = z
  .union([z.object({ requestType: Named }).transform(({ requestType }) => requestType.name), z.unknown()])
  .pipe(Name);
const Organizations = z
  .array(Name)
  .catch([])
  .transform((names) => names.flat());

const IssueBody = z.object({
  id: z.string(),
  key: z.string(),
  fields: Fields,
  editmeta: z.object({ fields: z.record(z.string(), Editable) }).nullish(),
  changelog: z.object({ histories: z.array(History), total: z.number().optional() }).nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
});

/** What we ask Jira for; `fields` is completed by the custom fields of the playbook's targets. */
export const ISSUE_FIELDS = Object.keys(Fields.shape);

/**
 * Turns Jira's answer into an issue; `customer` says which custom fields hold request type and organisations. Throws
 * `TransientError` when Jira's shape changed under us.
 */
export function parseIssue(body: unknown, customer: CustomerFields = NO_CUSTOMER_FIELDS): Issue {
  const { id, key, fields, editmeta, changelog, properties } = read(IssueBody, body);
  return {
    id,
    key,
    project: fields.project.key,
    summary: cleanText(fields.summary ?? ''),
    text: cleanText(plainText(fields.description)),
    reporter: fields.reporter ?? null,
    assignee: fields.assignee?.accountId ?? null,
    isFinished: isDone(fields),
    ...namesOf(fields),
    requestType: firstOf(customer.requestType.flatMap((field) => RequestType.parse(fields[field]))),
    organizations: [...new Set(customer.organizations.flatMap((field) => Organizations.parse(fields[field])))],
    created: fields.created,
    updated: fields.updated,
    resolved: fields.resolutiondate ?? null,
    custom: Object.fromEntries(Object.entries(fields).filter(([name]) => name.startsWith('customfield_'))),
    people: peopleOf(fields),
    editable: new Map(Object.entries(editmeta?.fields ?? {}).map(([name, meta]) => [name, editableOf(meta)])),
    changes: (changelog?.histories ?? [])
      .flatMap((history) => changesOf(history, customer))
      .sort((left, right) => right.at.localeCompare(left.at)),
    isHistoryWhole: (changelog?.total ?? 0) <= (changelog?.histories.length ?? 0),
    mark: Mark.safeParse(properties?.[MARK_KEY]).data ?? null,
  };
}

const GlimpseBody = IssueBody.pick({ id: true, key: true, properties: true }).extend({
  fields: Fields.pick({ project: true, created: true, updated: true, status: true }),
});

/** The little of an issue that a sweep looks at; throws like `parseIssue`. */
export function glimpseOf(body: unknown): Glimpse {
  const { id, key, fields, properties } = read(GlimpseBody, body);
  return {
    id,
    key,
    project: fields.project.key,
    created: fields.created,
    updated: fields.updated,
    isFinished: isDone(fields),
    mark: Mark.safeParse(properties?.[MARK_KEY]).data ?? null,
  };
}

function isDone({ status }: Pick<z.infer<typeof Fields>, 'status'>): boolean {
  return status?.statusCategory?.key === 'done';
}

/** What Jira tells by name. */
function namesOf(fields: z.infer<typeof Fields>) {
  return {
    issueType: fields.issuetype?.name ?? '',
    labels: fields.labels ?? [],
    components: (fields.components ?? []).map(({ name }) => name),
    priority: fields.priority?.name ?? null,
    status: fields.status?.name ?? '',
    resolution: fields.resolution?.name ?? null,
    securityLevel: fields.security?.name ?? null,
  };
}

/** Each name once; a name that Jira does not tell is none. */
function peopleOf({ reporter, assignee, creator }: z.infer<typeof Fields>): readonly string[] {
  const names = [reporter, assignee, creator].map((user) => cleanText(user?.displayName ?? '').trim());
  return [...new Set(names)].filter((name) => name !== '');
}

function firstOf(names: readonly string[]): string | null {
  return names[0] ?? null;
}

function editableOf({ allowedValues }: z.infer<typeof Editable>): EditableField {
  return { allowed: allowedValues?.flatMap(({ name, value }) => name ?? value ?? []) ?? null };
}

/**
 * Items are told apart by `fieldId` where present, else by `field`, whose case varies. What a custom field of Jira
 * Service Management holds has a name of ours, under which its changes are told once more.
 */
function changesOf(history: z.infer<typeof History>, customer: CustomerFields): FieldChange[] {
  return history.items.flatMap((item) => {
    const fieldId = stringAt(item, 'fieldId') ?? fieldIdOf(stringAt(item, 'field') ?? '');
    const change = {
      ...(fieldId === 'assignee' ? accountsIn(item) : textsIn(item)),
      by: history.author?.accountId ?? 'unknown',
      at: history.created,
    };
    return [fieldId, ...oursFor(fieldId, customer)].map((name) => ({ fieldId: name, ...change }));
  });
}

function oursFor(fieldId: string, { requestType, organizations }: CustomerFields): string[] {
  if (requestType.includes(fieldId)) return ['requestType'];
  return organizations.includes(fieldId) ? ['organization'] : [];
}

type Item = z.infer<typeof History>['items'][number];

function textsIn(item: Item) {
  return { from: stringAt(item, 'fromString'), to: stringAt(item, 'toString') };
}

/** Old histories have user names in `from` and `to`. */
function accountsIn(item: Item) {
  return {
    from: stringAt(item, 'tmpFromAccountId') ?? stringAt(item, 'from'),
    to: stringAt(item, 'tmpToAccountId') ?? stringAt(item, 'to'),
  };
}

function stringAt(item: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = Object.hasOwn(item, key) ? item[key] : null;
  return typeof value === 'string' && value !== '' ? value : null;
}

function fieldIdOf(field: string): string {
  const name = field.toLowerCase();
  return name === 'component' ? 'components' : name;
}
