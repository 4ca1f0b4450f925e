import express, { type Router } from 'express';
import { RejectedError } from '../../domain/errors.ts';
import { requestOf, type Steering, UndoRequest } from '../steering.ts';

/** Taking back what was written. */
export function undoRoutes({ steering }: { readonly steering: Steering }): Router {
  const router = express.Router();

  router.post('/undo', async (request, response) => {
    const asked = requestOf(UndoRequest, request.body);
    if (asked.dryRun) return void response.json(await steering.rehearseUndo(asked));
    const order = await steering.undo(asked);
    response.status(order.undos.length > 0 ? 202 : 200).json(order);
  });

  router.get('/writes/:id', async (request, response) => {
    const id = String(request.params['id']);
    const write = await steering.write(id);
    if (!write) throw new RejectedError(404, `nothing is known of a write by ${id}`);
    response.json(write);
  });
  return router;
}
