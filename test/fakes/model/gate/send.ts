import type { ServerResponse } from 'node:http';
import type { Reply } from './fault.ts';
import type { PlainTrouble } from './troubles/troubles.ts';

const DRIP_MS = 1_000;

/** A reply ready to go: everything that costs time was done before. */
export interface Parcel {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export function packed(
  { status, headers, body, text, contentType }: Reply,
  more: Readonly<Record<string, string>>,
): Parcel {
  const content = text ?? JSON.stringify(body) ?? '';
  return {
    status,
    headers: {
      'content-type': contentType ?? 'application/json',
      'content-length': String(Buffer.byteLength(content)),
      ...more,
      ...headers,
    },
    text: content,
  };
}

/** Puts a reply on the wire, as whole as the trouble lets it. */
export function send(
  response: ServerResponse,
  { status, headers, text }: Parcel,
  trouble: PlainTrouble | undefined,
): void {
  if (response.destroyed) return;
  if (trouble === 'hang') return;
  if (trouble === 'reset') return void response.socket?.resetAndDestroy();
  if (trouble === 'drip') return void drip(response, headers);
  response.writeHead(status, headers);
  if (trouble !== 'cut-body') return void response.end(text);
  const bytes = Buffer.from(text);
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.socket?.destroy());
}

/** A space a second, which JSON allows, as a proxy may send to keep a connection: a body that never ends. */
function drip(response: ServerResponse, { 'content-length': _, ...headers }: Readonly<Record<string, string>>): void {
  response.writeHead(200, headers);
  response.write(' ');
  const timer = setInterval(() => response.write(' '), DRIP_MS);
  response.once('close', () => clearInterval(timer));
}
