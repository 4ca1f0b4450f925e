import express, { type Request, type Router } from 'express';
import type { Question } from '../../domain/decision/question.ts';
import { RejectedError } from '../../domain/errors.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { AnswerBook } from '../../domain/ports/model.ts';
import { visible } from '../../domain/ticket/text.ts';
import { redactor } from '../../privacy/redact.ts';
import { IssueKey, ReclassifyRequest, requestOf, type Steering, SweepRequest } from '../steering.ts';

export interface IssueParts {
  readonly ledger: Ledger;
  readonly answers: AnswerBook;
  readonly steering: Steering;
}

/** One issue's story, what a model was told about it, deciding again, and looking for what nobody told us of. */
export function issueRoutes(parts: IssueParts): Router {
  const router = express.Router();

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

  router.post('/issues/:key/reclassify', async (request, response) => {
    const key = keyOf(request);
    const asked = requestOf(ReclassifyRequest, { ...Object(request.body), issues: [key] });
    const answer = await parts.steering.reclassify(asked);
    response.status(asked.dryRun ? 200 : 202).json({ ...answer, see: `/admin/issues/${key}` });
  });

  router.post('/reclassify', async (request, response) => {
    const asked = requestOf(ReclassifyRequest, request.body);
    response.status(asked.dryRun ? 200 : 202).json(await parts.steering.reclassify(asked));
  });

  router.post('/sweep', async (request, response) => {
    const asked = requestOf(SweepRequest, request.body);
    response.status(asked.dryRun ? 200 : 202).json(await parts.steering.sweep(asked));
  });
  return router;
}

/** What a model was told for a decision, and what it said. */
async function sentFor(id: string, { ledger, answers }: IssueParts) {
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
  const parsed = IssueKey.safeParse(request.params['key']);
  if (!parsed.success) throw new RejectedError(400, 'not an issue key; it looks like IT-123');
  return parsed.data;
}
