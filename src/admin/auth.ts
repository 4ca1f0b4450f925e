import { createHash, timingSafeEqual } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

/** Lets through who presents `Authorization: Bearer <token>`; without a configured token nobody gets in. */
export function bearer(token: string | null) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const given = /^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1];
    if (token !== null && given !== undefined && timingSafeEqual(sha256(given), sha256(token))) {
      next();
      return;
    }
    response
      .status(401)
      .json({ error: token === null ? 'set ADMIN_TOKEN to use the admin routes' : 'missing or wrong bearer token' });
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
