import { z } from 'zod';
import type { Delivery } from '../domain/decision/delivery.ts';
import { RejectedError } from '../domain/errors.ts';
import { fieldOf, type Target } from '../domain/playbook/target.ts';

/** Ids are strings in webhooks and numbers in Automation payloads. */
const Id = z
  .union([z.string(), z.int()])
  .transform(String)
  .pipe(z.string().regex(/^\d{1,19}$/));
const IssueKey = z.string().regex(/^[A-Z][A-Z0-9_]{1,99}-\d{1,18}$/);
/** Names that we record: short, and nothing in them that a terminal or a database would trip over. */
const Name = z.string().regex(/^[\x21-\x7e]{1,100}$/);

// Only what is used: an issue may have hundreds of fields, and copying them cost more than checking.
const IssueSchema = z.object({
  id: Id,
  key: IssueKey,
  fields: z
    .object({
      project: z.object({ key: Name }).optional(),
      resolution: z.object({}).nullish(),
      status: z.object({ statusCategory: z.object({ key: z.string() }).optional() }).nullish(),
    })
    .nullish(),
});

const WebhookSchema = z.object({
  webhookEvent: Name,
  user: z.object({ accountId: z.string().optional() }).nullish(),
  issue: z.unknown().optional(),
  changelog: z
    .object({
      items: z.array(
        z.object({
          field: z.string(),
          fieldId: z.string().nullish().catch(null),
          fieldtype: z.string().nullish().catch(null),
        }),
      ),
    })
    .nullish(),
});

type Plan = Delivery['plan'];
type Heard = Pick<Delivery, 'event' | 'issueId' | 'issueKey' | 'plan'>;

/** What we need to know to tell what an event is for. */
export interface Ears {
  readonly projects: readonly string[];
  readonly ourAccountId: string | null;
  /** The fields behind our targets, as `watchedFields` names them. */
  readonly watched: ReadonlySet<string>;
}

/** Names of the targets' fields as changelogs have them, in lower case: `Component` is of the field `components`. */
export function watchedFields(targets: readonly Target[]): ReadonlySet<string> {
  const ids = targets.map((target) => fieldOf(target).toLowerCase());
  return new Set(ids.includes('components') ? [...ids, 'component'] : ids);
}

/**
 * Reads a Jira webhook body. Unknown events and foreign projects are ignored with a reason; a body that is not JSON, or
 * an issue event without a readable issue, throws `RejectedError` (400).
 */
export function hearWebhook(body: Uint8Array, ears: Ears): Heard {
  const envelope = check(WebhookSchema, parseJson(body));
  const event = envelope.webhookEvent;
  if (!event.startsWith('jira:issue_'))
    return { event, issueId: null, issueKey: null, plan: ignore(`event ${event} is not used`) };
  const issue = check(IssueSchema, envelope.issue);
  return {
    event,
    issueId: issue.id,
    issueKey: issue.key,
    plan: planFor(event, { ...envelope, issue }, ears),
  };
}

const WrappedSchema = z.object({ issue: z.unknown() });

/** Reads "Send web request" of Automation for Jira: a bare issue (Automation format) or `{issue}` (Jira format). */
export function hearAutomation(body: Uint8Array, ears: Ears): Heard {
  const payload = parseJson(body);
  const wrapped = WrappedSchema.safeParse(payload);
  const issue = check(IssueSchema, wrapped.data?.issue ?? payload);
  return { event: 'automation', issueId: issue.id, issueKey: issue.key, plan: projectPlan(issue, ears, 'triage') };
}

interface Happening extends Pick<z.output<typeof WebhookSchema>, 'user' | 'changelog'> {
  readonly issue: z.output<typeof IssueSchema>;
}

function planFor(event: string, { issue, user, changelog }: Happening, ears: Ears): Plan {
  if (user?.accountId !== undefined && user.accountId === ears.ourAccountId) return ignore('our own edit');
  switch (event) {
    case 'jira:issue_created':
      return projectPlan(issue, ears, 'triage');
    case 'jira:issue_updated':
      // Also when the issue went where memory must not follow: another project, another security level, open again.
      if (changelog?.items.some(({ field }) => LEAVING.has(field.toLowerCase()))) return DO_LEARN;
      return isFinished(issue) || changelog?.items.some((item) => isWatched(item, ears))
        ? projectPlan(issue, ears, 'learn')
        : ignore('updated, not finished, and in no field of ours: nothing to learn yet');
    case 'jira:issue_deleted':
      return { kind: 'do', intent: 'forget', isForced: false };
    default:
      return ignore(`event ${event} is not used`);
  }
}

const LEAVING = new Set(['project', 'key', 'security', 'resolution']);
const DO_LEARN: Plan = { kind: 'do', intent: 'learn', isForced: false };

type Item = NonNullable<Happening['changelog']>['items'][number];

/**
 * By id where there is one. Older captures tell custom fields by their display name alone, which we do not know: one of
 * those may be ours, and a look too many costs a read.
 */
function isWatched({ field, fieldId, fieldtype }: Item, { watched }: Ears): boolean {
  if (fieldId) return watched.has(fieldId.toLowerCase());
  if (watched.has(field.toLowerCase())) return true;
  return fieldtype === 'custom' && [...watched].some((name) => name.startsWith('customfield_'));
}

function projectPlan(issue: z.output<typeof IssueSchema>, ears: Ears, intent: 'triage' | 'learn'): Plan {
  const project = issue.fields?.project?.key ?? issue.key.slice(0, issue.key.lastIndexOf('-'));
  if (!ears.projects.includes(project)) return ignore(`project ${project} is not in the playbook`);
  return { kind: 'do', intent, isForced: false };
}

function isFinished({ fields }: z.output<typeof IssueSchema>): boolean {
  return Boolean(fields?.resolution) || fields?.status?.statusCategory?.key === 'done';
}

function ignore(reason: string): Plan {
  return { kind: 'ignore', reason };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(UTF8.decode(body));
  } catch (cause) {
    throw new RejectedError(400, 'the body is not JSON', { cause });
  }
}

function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new RejectedError(
    400,
    `the body is not what Jira sends: ${first?.path.join('.') || 'body'}: ${first?.message}`,
  );
}
