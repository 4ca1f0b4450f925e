import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Lookup } from '../../../src/adapters/calendar/addresses.ts';

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

/** Signed by itself, for calendar.example, other.example and 127.0.0.1. */
export const CERTIFICATE = pem('certificate');

/** Every name is this machine, as in a private network. */
export const everyNameIsHere: Lookup = (_host, _options, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]);

export interface CalendarHost extends AsyncDisposable {
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/** A host of calendars on this machine. */
export async function calendarHost(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<CalendarHost> {
  const asked: string[] = [];
  const server = createServer({ key: pem('key'), cert: CERTIFICATE }, (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
