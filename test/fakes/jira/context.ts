import type { FaultBox } from './gate/faults.ts';
import type { IssueLimiter } from './gate/limits.ts';
import type { RequestLog } from './gate/requests.ts';
import type { BotEdit } from './model.ts';
import type { SiteOptions, SiteUser } from './options.ts';
import type { Directory } from './state/directory.ts';
import type { IssueRecord, Store } from './state/store.ts';
import { findRecord } from './state/store.ts';
import type { SiteWebhooks } from './webhooks/webhooks.ts';

/** Everything a handler may touch. */
export interface SiteContext {
  readonly options: SiteOptions;
  readonly directory: Directory;
  readonly store: Store;
  readonly webhooks: SiteWebhooks;
  readonly faults: FaultBox;
  readonly limits: IssueLimiter;
  readonly requests: RequestLog;
  /** Requests that the OpenAPI documents do not allow, in words. */
  readonly violations: string[];
  readonly edits: Map<string, BotEdit[]>;
  readonly permissions: Map<string, boolean>;
  readonly now: () => number;
  url: string;
}

export type Actor = { readonly kind: 'user'; readonly user: SiteUser } | { readonly kind: 'anonymous' };

interface Deed {
  readonly permission: string;
  readonly projectKey: string | undefined;
}

/** May this caller do that there? The bot's rights are options; other accounts are plain members. */
export function may(context: SiteContext, actor: Actor, { permission, projectKey }: Deed): boolean {
  const project = projectKey === undefined ? undefined : context.directory.projects.get(projectKey);
  if (actor.kind === 'anonymous') return permission === 'BROWSE_PROJECTS' && project?.anonymous === true;
  const isBot = actor.user.accountId === context.directory.botId;
  if (isBot && project?.hidden === true) return false;
  const stated = isBot ? context.permissions.get(permission) : undefined;
  if (stated !== undefined) return stated;
  return permission.startsWith('ADMINISTER') ? isBot && context.options.bot.admin : true;
}

export function canSee(context: SiteContext, actor: Actor, record: IssueRecord): boolean {
  if (!may(context, actor, { permission: 'BROWSE_PROJECTS', projectKey: record.projectKey })) return false;
  const level = record.fields.securityLevel;
  if (level === null) return true;
  if (actor.kind === 'anonymous') return false;
  const isBot = actor.user.accountId === context.directory.botId;
  return !(isBot && context.options.bot.hiddenSecurityLevels.includes(level));
}

/** The issue by id, key or former key, when the caller may see it. */
export function visibleIssue(context: SiteContext, actor: Actor, idOrKey: string): IssueRecord | undefined {
  const record = findRecord(context.store, idOrKey);
  return record && canSee(context, actor, record) ? record : undefined;
}

export function noteEdit(context: SiteContext, issueId: string, edit: BotEdit): void {
  const known = context.edits.get(issueId);
  if (known) known.push(edit);
  if (!known) context.edits.set(issueId, [edit]);
}
