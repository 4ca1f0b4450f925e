import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { Reply } from './reply.ts';

/** Writes an answer with the headers every answer of the edge carries; `cut` spoils it on the way. */
export function writeReply(res: Response, reply: Reply, cut?: 'reset' | 'truncate'): void {
  if (cut === 'reset') {
    res.socket?.destroy();
    return;
  }
  const bytes = Buffer.from(reply.text ?? (reply.body === undefined ? '' : JSON.stringify(reply.body)));
  const id = randomUUID();
  res.statusCode = reply.status;
  res.setHeader('Server', 'AtlassianEdge');
  res.setHeader('Cache-Control', 'no-cache, no-store, no-transform');
  res.setHeader('X-Arequestid', id.replaceAll('-', ''));
  res.setHeader('Atl-Traceid', id.replaceAll('-', ''));
  res.setHeader('Atl-Request-Id', id);
  res.setHeader('Server-Timing', 'atl-edge;dur=1');
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value);
  if (bytes.length > 0) res.setHeader('Content-Type', reply.contentType ?? 'application/json;charset=UTF-8');
  if (reply.status !== 204) res.setHeader('Content-Length', bytes.length);
  if (cut === 'truncate') truncated(res, bytes);
  else res.end(bytes);
}

function truncated(res: Response, bytes: Buffer): void {
  res.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => res.socket?.destroy());
}
