import express, { type Router } from 'express';
import { z } from 'zod';
import { Actor, actorOf, requestOf, type Steering } from '../steering.ts';

const ActRequest = z.strictObject({ actor: Actor.optional() });

/** Jobs out of attempts: what they are, and what is to become of them. */
export function deadLetterRoutes({ steering }: { readonly steering: Steering }): Router {
  const router = express.Router();

  router.get('/dead-letters', async (_request, response) => {
    response.json({ deadLetters: await steering.deadLetters() });
  });

  router.get('/dead-letters/:id', async (request, response) => {
    response.json(await steering.deadLetter(String(request.params['id'])));
  });

  router.post('/dead-letters/:id/replay', async (request, response) => {
    const actor = actorOf(requestOf(ActRequest, request.body));
    const outcome = await steering.replayDeadLetter(String(request.params['id']), actor);
    response.status(outcome === 'queued' ? 202 : 200).json({ outcome });
  });

  router.post('/dead-letters/:id/discard', async (request, response) => {
    const actor = actorOf(requestOf(ActRequest, request.body));
    await steering.discardDeadLetter(String(request.params['id']), actor);
    response.json({ outcome: 'discarded' });
  });
  return router;
}
