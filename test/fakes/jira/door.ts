import type { FaultBox } from './gate/faults.ts';
import type { RequestLog } from './gate/requests.ts';
import type { BotEdit, EventOptions, IssueChange, IssueDraft, RichText, SiteComment, SiteIssue } from './model.ts';
import type { SiteUserDraft } from './options.ts';
import type { AdminOrder } from './state/admin.ts';
import type { SiteWebhooks } from './webhooks/webhooks.ts';

export interface PersonalComment extends EventOptions {
  readonly body: RichText;
  readonly internal?: boolean | undefined;
}

/** A simulated Jira Cloud site, its people and its troubles. */
export interface JiraSite extends AsyncDisposable {
  readonly url: string;
  /** The base for scoped tokens, as `api.atlassian.com/ex/jira/{cloudId}` has it. */
  readonly gatewayUrl: string;
  readonly botId: string;
  /** Seeds an issue as history: no webhook, known to search at once. */
  addIssue(draft: IssueDraft): SiteIssue;
  addUser(user: SiteUserDraft): void;
  /** A person creates an issue; Cloud tells its subscribers. */
  createIssue(draft: IssueDraft, options?: EventOptions): Promise<SiteIssue>;
  /** A person's edit: history and webhook; `at`, `silent` and `bulk` ride along. */
  editAs(accountId: string, idOrKey: string, change: IssueChange & EventOptions): SiteIssue;
  commentAs(accountId: string, idOrKey: string, comment: PersonalComment): SiteComment;
  /** Somebody deletes a comment; it is gone without a trace. */
  deleteComment(idOrKey: string, commentId: string): void;
  deleteIssue(idOrKey: string, options?: EventOptions & { accountId?: string }): void;
  moveIssue(idOrKey: string, newKey: string, options?: EventOptions & { accountId?: string }): SiteIssue;
  issue(idOrKey: string): SiteIssue | undefined;
  issues(): SiteIssue[];
  /** Accepted mutations by the bot, oldest first; by id also after the issue is gone. */
  edits(idOrKey: string): readonly BotEdit[];
  /** Replaces what a select field, or the components of a project, allow from now on. */
  setOptions(fieldId: string, values: readonly string[]): void;
  setComponents(projectKey: string, names: readonly string[]): void;
  /** Grants or takes a permission of the bot, such as `EDIT_ISSUES`. */
  setPermission(permission: string, granted: boolean): void;
  /** Whatever else an administrator does: deactivates people, renames or retires values, deletes fields. */
  administer(order: AdminOrder): void;
  readonly requests: RequestLog;
  readonly webhooks: SiteWebhooks;
  readonly faults: FaultBox;
  readonly violations: readonly string[];
  close(): Promise<void>;
}
