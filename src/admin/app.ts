import express, { type Express, type NextFunction, type Request, type Response, type Router } from 'express';
import helmet from 'helmet';
import { answer, answerError } from '../http/answer.ts';
import { alivePage, type Readiness, readyPage } from '../http/health.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface OpsParts {
  readonly readiness: Readiness;
  /** Brings gauges up to date before they are read. */
  readonly observe: () => Promise<void>;
  /** Null where only health and metrics are served. */
  readonly admin: Router | null;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** What one's own network may see: health, metrics and the admin routes. */
export function createOpsApp(parts: OpsParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(helmet());
  app.get('/healthz', alivePage);
  app.get('/readyz', readyPage(parts));
  app.get('/metrics', async (_request, response) => {
    await parts.observe().catch((error: unknown) => parts.log.warn({ err: error }, 'gauges are not up to date'));
    response.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics());
  });
  if (parts.admin) app.use('/admin', parts.admin);
  app.use((_request, response) => answer(response, 404, { error: 'no such page' }));
  // biome-ignore lint/complexity/useMaxParams: express tells error handlers by their four parameters
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) return next(error);
    const why = answerError(error, { response, path: request.path, log: parts.log });
    parts.metrics.rejected.inc({ door: 'admin', why });
  });
  return app;
}
