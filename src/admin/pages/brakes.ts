import express, { type Router } from 'express';
import { z } from 'zod';
import { Actor, actorOf, requestOf, type Steering } from '../steering.ts';

const ReleaseRequest = z.strictObject({ actor: Actor.optional() });
const QualityQuery = z.object({ days: z.coerce.number().int().min(1).max(3_650).nullable().default(null) });

/** What made itself more careful, how well what is written fares, and what people made the service do. */
export function brakeRoutes({ steering }: { readonly steering: Steering }): Router {
  const router = express.Router();

  router.get('/brakes', async (_request, response) => {
    response.json({ brakes: await steering.brakes() });
  });

  router.post('/brakes/:id/release', async (request, response) => {
    const actor = actorOf(requestOf(ReleaseRequest, request.body));
    response.json({ released: await steering.releaseBrake(String(request.params['id']), actor) });
  });

  router.get('/audit', async (_request, response) => {
    response.json({ audit: await steering.audits() });
  });

  router.get('/quality', async (request, response) => {
    const { days } = requestOf(QualityQuery, request.query);
    response.json(await steering.quality(days));
  });
  return router;
}
