import { once } from 'node:events';
import { createServer } from 'node:http';
import type { SiteContext } from './context.ts';
import { controlRouter } from './control.ts';
import type { JiraSite } from './door.ts';
import { openFaults } from './gate/faults.ts';
import { openLimiter } from './gate/limits.ts';
import { openRequestLog } from './gate/requests.ts';
import type { SiteOptionsDraft } from './options.ts';
import { optionsSchema } from './options.ts';
import { restApp } from './server.ts';
import {
  addComment,
  applyChange,
  createIssue,
  deleteComment,
  deleteIssue,
  existing,
  moveIssue,
  seedIssue,
} from './state/acts.ts';
import { administer } from './state/admin.ts';
import { openDirectory, putUser } from './state/directory.ts';
import { findRecord, openStore, snapshot } from './state/store.ts';
import { openWebhooks } from './webhooks/webhooks.ts';

export type { JiraSite } from './door.ts';

/** Starts a site on this machine; without a port it takes a free one. */
export async function startJiraSite(draft: SiteOptionsDraft = {}): Promise<JiraSite> {
  const context = openContext(draft);
  const closing = new AbortController();
  const app = restApp(context, closing.signal);
  const site = siteOf(context, () => stop());
  const control = controlRouter(site);
  const server = createServer((req, res) => (req.url?.startsWith('/__site/') ? control(req, res) : app(req, res)));
  const stop = async () => {
    closing.abort();
    context.webhooks.close();
    server.close();
    server.closeAllConnections();
    if (server.listening) await once(server, 'close');
  };
  server.listen(context.options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the site has no port');
  context.url = `http://127.0.0.1:${address.port}`;
  return site;
}

function openContext(draft: SiteOptionsDraft): SiteContext {
  const options = optionsSchema.parse(draft);
  const now = options.now ?? Date.now;
  const webhooks = openWebhooks();
  if (options.webhook) webhooks.connect(options.webhook);
  return {
    options,
    directory: openDirectory(options),
    store: openStore(),
    webhooks,
    faults: openFaults(now),
    limits: openLimiter(options.perIssueWrites, options.burstPerSecond),
    requests: openRequestLog(options.requestLogSize),
    violations: [],
    edits: new Map(),
    permissions: new Map(Object.entries(options.bot.permissions)),
    now,
    url: '',
  };
}

function siteOf(context: SiteContext, close: () => Promise<void>): JiraSite {
  const { directory, webhooks, faults, requests, violations } = context;
  return {
    get url() {
      return context.url;
    },
    get gatewayUrl() {
      return `${context.url}/ex/jira/${context.options.cloudId}`;
    },
    botId: directory.botId,
    ...acts(context),
    addUser: (user) => void putUser(directory, user),
    setOptions: (fieldId, names) => administer(context, { kind: 'options', fieldId, names: [...names] }),
    setComponents: (projectKey, names) => administer(context, { kind: 'components', projectKey, names: [...names] }),
    setPermission: (permission, granted) => administer(context, { kind: 'permission', permission, granted }),
    administer: (order) => administer(context, order),
    requests,
    webhooks,
    faults,
    violations,
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Acts =
  | 'addIssue'
  | 'createIssue'
  | 'editAs'
  | 'commentAs'
  | 'deleteComment'
  | 'deleteIssue'
  | 'moveIssue'
  | 'issue'
  | 'issues'
  | 'edits';

function acts(context: SiteContext): Pick<JiraSite, Acts> {
  const { store } = context;
  return {
    addIssue: (draft) => snapshot(seedIssue(context, draft)),
    createIssue: async (draft, options) => snapshot(createIssue(context, draft, options)),
    editAs: (author, idOrKey, { at, silent, bulk, ...change }) => {
      const record = existing(context, idOrKey);
      applyChange(context, record, { author, change, options: { at, silent, bulk } });
      return snapshot(record);
    },
    commentAs: (author, idOrKey, { body, internal = false, ...options }) =>
      addComment(context, existing(context, idOrKey), { author, body, internal, options }),
    deleteComment: (idOrKey, commentId) => deleteComment(existing(context, idOrKey), commentId),
    deleteIssue: (idOrKey, options = {}) => {
      const author = options.accountId ?? existing(context, idOrKey).fields.reporter;
      deleteIssue(context, idOrKey, { author, options });
    },
    moveIssue: (idOrKey, newKey, options = {}) => {
      const record = existing(context, idOrKey);
      moveIssue(context, idOrKey, { newKey, author: options.accountId ?? record.fields.reporter, options });
      return snapshot(record);
    },
    issue: (idOrKey) => {
      const record = findRecord(store, idOrKey);
      return record && snapshot(record);
    },
    issues: () => [...store.records.values()].map(snapshot),
    edits: (idOrKey) => context.edits.get(store.keys.get(idOrKey) ?? idOrKey) ?? [],
  };
}
