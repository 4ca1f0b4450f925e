import { z } from 'zod';

const accountTypes = z.enum(['atlassian', 'app', 'customer', 'unknown']);

/** One account of the site. `apiToken` lets it call the REST API as itself. */
export const userSchema = z.object({
  accountId: z.string(),
  displayName: z.string().optional(),
  email: z.string().optional(),
  apiToken: z.string().optional(),
  active: z.boolean().default(true),
  assignable: z.boolean().default(true),
  accountType: accountTypes.default('atlassian'),
});

/** `hidden` projects are invisible to the bot, `anonymous` ones can be read without signing in. */
export const projectSchema = z.object({
  key: z.string().regex(/^[A-Z][A-Z0-9_]+$/),
  name: z.string().optional(),
  id: z.string().optional(),
  components: z.array(z.string()).default([]),
  /** Account ids by component. */
  componentLeads: z.record(z.string(), z.string()).default({}),
  issueTypes: z.array(z.string()).default(['Task', 'Bug', 'Incident', 'Service Request']),
  hidden: z.boolean().default(false),
  anonymous: z.boolean().default(false),
});

/** `request-type` and `organizations` are those of Jira Service Management, the latter's names joined by `|`. */
export const customFieldSchema = z.object({
  id: z.string().regex(/^customfield_\d+$/),
  name: z.string(),
  kind: z.enum(['select', 'string', 'user', 'request-type', 'organizations']),
  options: z.array(z.string()).default([]),
  editable: z.boolean().default(true),
  projects: z.array(z.string()).optional(),
});

/** Who the bot is when the options do not say. */
export const botCredentials = { email: 'triage-bot@serviceaccount.example.com', apiToken: 'bot-token' };

const botSchema = z.object({
  accountId: z.string().default('712020:b07b07b0-0000-4000-8000-000000000001'),
  email: z.string().default(botCredentials.email),
  apiToken: z.string().default(botCredentials.apiToken),
  displayName: z.string().default('Triage Bot'),
  admin: z.boolean().default(false),
  permissions: z.record(z.string(), z.boolean()).default({}),
  hiddenSecurityLevels: z.array(z.string()).default([]),
});

/** Where events are posted, and how patiently. Times are milliseconds; Cloud's own back-off is 5 to 15 minutes. */
export const webhookTargetSchema = z.object({
  url: z.string(),
  secret: z.string().optional(),
  kind: z.enum(['jira', 'automation']).default('jira'),
  events: z.array(z.string()).default(['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted']),
  headers: z.record(z.string(), z.string()).default({}),
  delayMs: z.number().default(0),
  backoffMs: z.array(z.number()).default([20, 40, 80, 160, 320]),
  timeoutMs: z.number().default(20_000),
  maxInFlight: z.number().default(20),
});

const names = z.union([z.string().transform((name) => [name]), z.array(z.string())]);
const rateSchema = z.object({ limit: z.number(), windowMs: z.number() });

export const optionsSchema = z.object({
  port: z.number().default(0),
  timeZoneOffset: z
    .string()
    .regex(/^[+-]\d{4}$/)
    .default('+0000'),
  cloudId: z.string().default('11111111-2222-4333-8444-555555555555'),
  bot: botSchema.prefault({}),
  users: z.array(userSchema).prefault([
    { accountId: 'agent-ada', displayName: 'Ada Agent', email: 'ada@example.com' },
    { accountId: 'agent-ben', displayName: 'Ben Agent', email: 'ben@example.com' },
    { accountId: 'customer-cy', displayName: 'Cy Customer', accountType: 'customer', assignable: false },
  ]),
  projects: z
    .array(projectSchema)
    .prefault([{ key: 'DESK', name: 'Service Desk', components: ['Email', 'Hardware', 'Network'] }]),
  priorities: z.array(z.string()).default(['Highest', 'High', 'Medium', 'Low', 'Lowest']),
  defaultPriority: z.string().optional(),
  customFields: z.array(customFieldSchema).default([]),
  statuses: z
    .object({ open: names.default(['To Do', 'In Progress']), done: names.default(['Done']) })
    .prefault({ open: ['To Do', 'In Progress'] }),
  /** The most issues a search page really holds. Unset: 100 with content, 5,000 with ids and keys only. */
  pageLimit: z.number().optional(),
  indexLagMs: z.number().default(0),
  openapi: z.enum(['strict', 'off']).default('strict'),
  requestLatencyMs: z.number().default(0),
  requestLogSize: z.number().default(10_000),
  perIssueWrites: z.array(rateSchema).default([
    { limit: 20, windowMs: 2_000 },
    { limit: 100, windowMs: 30_000 },
  ]),
  /** Requests a second per endpoint and method before a burst 429, also by method; unset: no limit. */
  burstPerSecond: z.union([z.number(), z.record(z.string(), z.number())]).optional(),
  webhook: webhookTargetSchema.optional(),
  /** The site's clock, for tests that must not wait. */
  now: z.custom<() => number>((value) => typeof value === 'function').optional(),
});

export type SiteUser = z.output<typeof userSchema>;
export type SiteUserDraft = z.input<typeof userSchema>;
export type SiteProject = z.output<typeof projectSchema>;
export type SiteCustomField = z.output<typeof customFieldSchema>;
export type SiteBot = z.output<typeof botSchema>;
export type WebhookTarget = z.output<typeof webhookTargetSchema>;
export type WebhookTargetDraft = z.input<typeof webhookTargetSchema>;
export type SiteOptions = z.output<typeof optionsSchema>;
export type SiteOptionsDraft = z.input<typeof optionsSchema>;
