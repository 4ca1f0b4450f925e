import type { Express, NextFunction, Request, Response } from 'express';
import express from 'express';
import { z } from 'zod';
import type { JiraSite } from './door.ts';
import { changeSchema, draftSchema, eventOptionsSchema } from './model.ts';
import { userSchema, webhookTargetSchema } from './options.ts';
import { adminSchema } from './state/admin.ts';

const text = z.string().optional();
const matchSchema = z.object({ method: text, path: text }).optional();

/** One call of the fault box by name, so that every fault can also be had over HTTP. */
export const faultSchema = z.object({
  kind: z.enum([
    'next',
    'burst',
    'perIssue',
    'quota',
    'gateway',
    'unavailable',
    'conflict',
    'hang',
    'loginPage',
    'truncated',
    'reset',
    'random',
    'clear',
  ]),
  match: matchSchema,
  times: z.number().optional(),
  applied: z.boolean().optional(),
  status: z.number().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  html: text,
  hangMs: z.number().optional(),
  retryAfterSeconds: z.number().optional(),
  share: z.number().optional(),
  seed: z.number().optional(),
  statuses: z.array(z.number()).optional(),
});

export type FaultOrder = z.input<typeof faultSchema>;

const editSchema = z.object({
  accountId: z.string(),
  idOrKey: z.string(),
  change: changeSchema.extend(eventOptionsSchema.shape),
});
const commentSchema = z.object({
  accountId: z.string(),
  idOrKey: z.string(),
  comment: z.object({ body: z.string(), internal: z.boolean().optional(), ...eventOptionsSchema.shape }),
});
const webhookOrder = z.object({
  duplicate: z.number().optional(),
  dropNext: z.number().optional(),
  reorder: z.number().optional(),
  redeliver: text,
  pause: z.boolean().optional(),
  disconnect: z.boolean().optional(),
});

/** The site's own buttons over HTTP, below `/__site/`, for a site that runs in another process. */
export function controlRouter(site: JiraSite): Express {
  const app = express().disable('x-powered-by').disable('etag');
  app.use(express.json({ limit: '200mb' }));
  issueControls(app, site);
  webhookControls(app, site);
  app.post('/__site/faults', (req, res) => {
    inject(site, faultSchema.parse(req.body));
    res.json({});
  });
  app.get('/__site/requests', (req, res) => {
    const { method, path, status } = z
      .object({ method: text, path: text, status: z.coerce.number().optional() })
      .parse(req.query);
    res.json(site.requests.list({ method, status, path: path === undefined ? undefined : new RegExp(path) }));
  });
  app.get('/__site/stats', (_req, res) => {
    const issues = site.issues().length;
    res.json({
      issues,
      botId: site.botId,
      requests: site.requests.totals(),
      statuses: site.requests.statuses(),
      violations: site.violations,
    });
  });
  app.use((error: unknown, _req: Request, res: Response, _next: NextFunction) => {
    res.status(400).json({ error: error instanceof Error ? error.message : String(error) });
  });
  return app;
}

function issueControls(app: Express, site: JiraSite): void {
  app.post('/__site/seed', (req, res) => {
    const keys = z
      .array(draftSchema)
      .parse(req.body)
      .map((draft) => site.addIssue(draft).key);
    res.json({ keys });
  });
  app.post('/__site/users', (req, res) => {
    for (const user of z.array(userSchema).parse(req.body)) site.addUser(user);
    res.json({});
  });
  app.post('/__site/create', async (req, res) => {
    res.json(await site.createIssue(draftSchema.parse(req.body)));
  });
  app.post('/__site/edit-as', (req, res) => {
    const { accountId, idOrKey, change } = editSchema.parse(req.body);
    res.json(site.editAs(accountId, idOrKey, change));
  });
  app.post('/__site/comment-as', (req, res) => {
    const { accountId, idOrKey, comment } = commentSchema.parse(req.body);
    res.json(site.commentAs(accountId, idOrKey, comment));
  });
  app.post('/__site/administer', (req, res) => {
    site.administer(adminSchema.parse(req.body));
    res.json({});
  });
  app.post('/__site/delete/:key', (req, res) => {
    site.deleteIssue(req.params.key);
    res.json({});
  });
  app.post('/__site/move/:key/:newKey', (req, res) => void res.json(site.moveIssue(req.params.key, req.params.newKey)));
  app.get('/__site/issue/:key', (req, res) => void res.json(site.issue(req.params.key) ?? null));
  app.get('/__site/issues', (_req, res) => void res.json(site.issues()));
  app.get('/__site/edits/:key', (req, res) => void res.json(site.edits(req.params.key)));
}

function webhookControls(app: Express, site: JiraSite): void {
  app.post('/__site/webhooks/connect', (req, res) => {
    site.webhooks.connect(webhookTargetSchema.parse(req.body));
    res.json({});
  });
  app.post('/__site/webhooks', (req, res) => {
    steer(site, webhookOrder.parse(req.body));
    res.json({});
  });
  app.get('/__site/webhooks', (_req, res) => {
    const deliveries = site.webhooks.deliveries();
    const counts: Record<string, number> = {};
    for (const { state } of deliveries) counts[state] = (counts[state] ?? 0) + 1;
    res.json({ counts, deliveries });
  });
  app.post('/__site/flush', async (_req, res) => {
    await site.webhooks.flush();
    res.json({});
  });
}

function steer({ webhooks }: JiraSite, order: z.output<typeof webhookOrder>): void {
  if (order.duplicate !== undefined) webhooks.duplicate(order.duplicate);
  if (order.dropNext !== undefined) webhooks.dropNext(order.dropNext);
  if (order.reorder !== undefined) webhooks.reorder(order.reorder);
  if (order.redeliver !== undefined) webhooks.redeliver(order.redeliver);
  if (order.pause === true) webhooks.pause();
  if (order.pause === false) webhooks.resume();
  if (order.disconnect === true) webhooks.disconnect();
}

function inject(
  { faults }: JiraSite,
  { kind, match, hangMs = 0, share = 0, seed = 1, statuses, ...rest }: z.output<typeof faultSchema>,
): void {
  const { retryAfterSeconds, ...draft } = rest;
  const path = match?.path === undefined ? undefined : new RegExp(match.path);
  const scope = {
    ...draft,
    match: { method: match?.method, path },
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  };
  if (kind === 'clear') faults.clear();
  else if (kind === 'next') faults.next({ ...scope, hangMs });
  else if (kind === 'hang') faults.hang(hangMs, scope);
  else if (kind === 'random')
    faults.randomErrors({
      share,
      seed,
      match: scope.match,
      applied: draft.applied ?? false,
      ...(statuses && { statuses }),
    });
  else faults[kind](scope);
}
