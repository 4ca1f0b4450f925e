import { randomUUID } from 'node:crypto';
import express, { type Request, type Router } from 'express';
import type { Delivery } from '../domain/delivery.ts';
import { RejectedError } from '../domain/errors.ts';
import type { AnswerBook, Clock, Ledger, Memory } from '../domain/ports.ts';
import type { EndpointName, Question } from '../domain/question.ts';
import { visible } from '../domain/text.ts';
import { redactor } from '../privacy/redact.ts';
import { bearer } from './auth.ts';

export interface AdminParts {
  readonly token: string | null;
  readonly site: string;
  readonly ledger: Ledger;
  readonly memory: Memory;
  readonly answers: AnswerBook;
  /** Language models in the order they are asked, with what was spent today. */
  readonly models: () => readonly { readonly endpoint: EndpointName; readonly model: string }[];
  readonly clock: Clock;
  readonly revision: () => string;
  /** The local classifier in use, null before the first training. */
  readonly classifier: () => ClassifierStatus | null;
  readonly receive: (delivery: Delivery) => Promise<{ readonly id: string }>;
}

export interface ClassifierStatus {
  readonly version: string;
  readonly tickets: number;
  readonly storedAt: string | null;
  /** Targets that it can tell the values of. */
  readonly targets: readonly string[];
}

const LISTED_BURSTS = 50;

/** What people steer and see: one issue's story, a reclassify, bursts, and where everything stands. */
export function adminRoutes(parts: AdminParts): Router {
  const router = express.Router();
  router.use(bearer(parts.token));

  router.get('/status', async (_request, response) => {
    const today = parts.clock.now().toISOString().slice(0, 10);
    const [deliveries, pastTickets, spentToday] = await Promise.all([
      parts.ledger.deliveryCounts(),
      parts.memory.size(),
      parts.answers.spent(today),
    ]);
    const classifier = parts.classifier();
    response.json({
      revision: parts.revision(),
      classifier,
      deliveries,
      pastTickets,
      models: parts.models(),
      spentToday,
    });
  });

  router.get('/decisions/:id/sent', async (request, response) => {
    response.json(await sentFor(String(request.params['id']), parts));
  });

  router.get('/issues/:key', async (request, response) => {
    const key = keyOf(request);
    const story = await parts.ledger.story(key);
    if (story.deliveries.length === 0)
      throw new RejectedError(404, `nothing is known of ${key}; did its webhook arrive?`);
    response.json(story);
  });

  router.get('/bursts', async (_request, response) => {
    response.json({ bursts: await parts.ledger.bursts(LISTED_BURSTS) });
  });

  router.post('/issues/:key/reclassify', async (request, response) => {
    const key = keyOf(request);
    const delivery = await parts.receive({
      site: parts.site,
      door: 'admin',
      identifier: null,
      contentHash: `reclassify-${randomUUID()}`,
      event: 'reclassify',
      issueId: key,
      issueKey: key,
      plan: { kind: 'do', intent: 'triage', isForced: true },
    });
    response.status(202).json({ delivery: delivery.id, see: `/admin/issues/${key}` });
  });
  return router;
}

/** What a model was told for a decision, and what it said. */
async function sentFor(id: string, { ledger, answers }: AdminParts) {
  const decision = await ledger.decision(id);
  if (!decision) throw new RejectedError(404, `nothing is known of decision ${id}`);
  const entry = decision.asked?.key ? await answers.entry(decision.asked.key) : null;
  if (!entry) throw new RejectedError(404, `nothing was sent for decision ${id}, or it is no longer kept`);
  const { reply, at } = entry;
  const veil = redactor({ level: 'standard', people: [], patterns: [] });
  return { sent: shown(entry.question), answered: { ...reply, text: visible(veil.redact(reply.text)) }, at };
}

/** As it was sent; what the playbook does not redact is redacted here all the same. */
function shown({ system, user, answer, generation }: Question) {
  const { redact } = redactor({ level: 'standard', people: [], patterns: [] });
  return { system, user: visible(redact(user)), answer, generation };
}

function keyOf(request: Request): string {
  const key = String(request.params['key']);
  if (!/^[A-Z][A-Z0-9_]+-\d+$/.test(key)) throw new RejectedError(400, 'not an issue key; it looks like IT-123');
  return key;
}
