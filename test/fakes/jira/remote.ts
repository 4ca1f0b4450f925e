import { z } from 'zod';
import type { FaultOrder } from './control.ts';
import type { LoggedRequest, RequestFilter } from './gate/requests.ts';
import type { BotEdit, EventOptions, IssueChange, IssueDraft, SiteComment, SiteIssue } from './model.ts';
import type { SiteUserDraft, WebhookTargetDraft } from './options.ts';
import type { AdminOrder } from './state/admin.ts';
import type { Delivery } from './webhooks/delivery.ts';

export interface SiteStats {
  readonly issues: number;
  readonly botId: string;
  readonly requests: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** A site in another process, by the same names as the one in this process, every call a promise. */
export interface RemoteJiraSite {
  readonly url: string;
  seed(drafts: readonly IssueDraft[]): Promise<readonly string[]>;
  addIssue(draft: IssueDraft): Promise<SiteIssue>;
  addUsers(users: readonly SiteUserDraft[]): Promise<void>;
  createIssue(draft: IssueDraft): Promise<SiteIssue>;
  editAs(accountId: string, idOrKey: string, change: IssueChange & EventOptions): Promise<SiteIssue>;
  commentAs(
    accountId: string,
    idOrKey: string,
    comment: { body: string; internal?: boolean } & EventOptions,
  ): Promise<SiteComment>;
  deleteIssue(idOrKey: string): Promise<void>;
  administer(order: AdminOrder): Promise<void>;
  moveIssue(idOrKey: string, newKey: string): Promise<SiteIssue>;
  issue(idOrKey: string): Promise<SiteIssue | undefined>;
  issues(): Promise<readonly SiteIssue[]>;
  edits(idOrKey: string): Promise<readonly BotEdit[]>;
  requests(filter?: RequestFilter): Promise<readonly LoggedRequest[]>;
  stats(): Promise<SiteStats>;
  violations(): Promise<readonly string[]>;
  /** One method of the fault box by name; `path` is the source of a pattern. */
  fault(order: FaultOrder): Promise<void>;
  readonly webhooks: RemoteWebhooks;
}

export interface RemoteWebhooks {
  connect(target: WebhookTargetDraft): Promise<void>;
  disconnect(): Promise<void>;
  counts(): Promise<Readonly<Record<string, number>>>;
  deliveries(): Promise<readonly Delivery[]>;
  duplicate(count: number): Promise<void>;
  dropNext(count: number): Promise<void>;
  reorder(window: number): Promise<void>;
  redeliver(id: string): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  flush(): Promise<void>;
}

/** Takes hold of a running site by its address. */
export function connectJiraSite(url: string): RemoteJiraSite {
  const get = <Answer>(path: string) => call<Answer>(url, path);
  const post = <Answer>(path: string, body: unknown = {}) => call<Answer>(url, path, body);
  const key = encodeURIComponent;
  return {
    url,
    seed: async (drafts) => (await post<{ keys: string[] }>('seed', drafts)).keys,
    addIssue: async (draft) => {
      const { keys } = await post<{ keys: string[] }>('seed', [draft]);
      return await get(`issue/${key(keys[0] ?? '')}`);
    },
    addUsers: (users) => post('users', users),
    createIssue: (draft) => post('create', draft),
    editAs: (accountId, idOrKey, change) => post('edit-as', { accountId, idOrKey, change }),
    commentAs: (accountId, idOrKey, comment) => post('comment-as', { accountId, idOrKey, comment }),
    deleteIssue: (idOrKey) => post(`delete/${key(idOrKey)}`),
    administer: (order) => post('administer', order),
    moveIssue: (idOrKey, newKey) => post(`move/${key(idOrKey)}/${key(newKey)}`),
    issue: async (idOrKey) => (await get<SiteIssue | null>(`issue/${key(idOrKey)}`)) ?? undefined,
    issues: () => get('issues'),
    edits: (idOrKey) => get(`edits/${key(idOrKey)}`),
    requests: (filter = {}) => get(`requests?${queryOf(filter)}`),
    stats: () => get('stats'),
    violations: async () => (await get<SiteStats>('stats')).violations,
    fault: (order) => post('faults', order),
    webhooks: remoteWebhooks(get, post),
  };
}

type Get = <Answer>(path: string) => Promise<Answer>;
type Post = <Answer>(path: string, body?: unknown) => Promise<Answer>;

function remoteWebhooks(get: Get, post: Post): RemoteWebhooks {
  const state = () => get<{ counts: Record<string, number>; deliveries: Delivery[] }>('webhooks');
  return {
    connect: (target) => post('webhooks/connect', target),
    disconnect: () => post('webhooks', { disconnect: true }),
    counts: async () => (await state()).counts,
    deliveries: async () => (await state()).deliveries,
    duplicate: (duplicate) => post('webhooks', { duplicate }),
    dropNext: (dropNext) => post('webhooks', { dropNext }),
    reorder: (reorder) => post('webhooks', { reorder }),
    redeliver: (redeliver) => post('webhooks', { redeliver }),
    pause: () => post('webhooks', { pause: true }),
    resume: () => post('webhooks', { pause: false }),
    flush: () => post('flush'),
  };
}

function queryOf({ method, path, status }: RequestFilter): string {
  const query = new URLSearchParams();
  if (method !== undefined) query.set('method', method);
  if (path !== undefined) query.set('path', typeof path === 'string' ? path : path.source);
  if (status !== undefined) query.set('status', String(status));
  return query.toString();
}

/** Both ends are this folder, so the answer is taken at its word. */
async function call<Answer>(url: string, path: string, body?: unknown): Promise<Answer> {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`${url}/__site/${path}`, init);
  if (!response.ok) throw new Error(`the site refused ${path}: ${response.status} ${await response.text()}`);
  return z.custom<Answer>().parse(await response.json());
}
