import express, { type Router } from 'express';
import { bearer } from './auth.ts';
import { brakeRoutes } from './pages/brakes.ts';
import { deadLetterRoutes } from './pages/dead-letters.ts';
import { type IssueParts, issueRoutes } from './pages/issues.ts';
import { type StatusParts, statusRoutes } from './pages/status.ts';
import { undoRoutes } from './pages/undo.ts';
import type { Steering } from './steering.ts';

export interface AdminParts extends IssueParts, StatusParts {
  readonly token: string | null;
  readonly steering: Steering;
}

/** Longest list of issues that one request may name, with room to spare. */
const BODY_LIMIT = '256kb';

/** What people steer and see: where everything stands, one issue's story, reclassify, undo, brakes, quality, audit. */
export function adminRoutes(parts: AdminParts): Router {
  const router = express.Router();
  router.use(bearer(parts.token));
  // Whatever its type is called: `curl -d` calls it a form.
  router.use(express.json({ type: () => true, limit: BODY_LIMIT }));
  router.use(statusRoutes(parts), issueRoutes(parts), undoRoutes(parts), brakeRoutes(parts), deadLetterRoutes(parts));
  return router;
}
