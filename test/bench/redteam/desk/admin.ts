import { once } from 'node:events';
import express from 'express';
import { type AdminParts, adminRoutes } from '../../../../src/admin/routes.ts';
import { noSteering } from '../../../support/steering.ts';

export interface AdminPages extends AsyncDisposable {
  readonly get: (path: string) => Promise<unknown>;
}

/** The admin pages on a port of their own. */
export async function openAdmin(parts: Pick<AdminParts, 'ledger' | 'answers' | 'memory'>): Promise<AdminPages> {
  const token = 'an-admin-token';
  const routes = adminRoutes({
    ...parts,
    token,
    models: () => [],
    clock: { now: () => new Date(0) },
    playbookTrouble: () => [],
    revision: () => 'revision',
    classifier: () => null,
    unrecorded: async () => 0,
    steering: noSteering,
  });
  const server = express().use('/admin', routes).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the admin pages have no port');
  return {
    get: async (path) => {
      const url = `http://127.0.0.1:${address.port}/admin${path}`;
      return (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json();
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
