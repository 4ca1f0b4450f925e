import { expect, it } from 'vitest';
import { startQdrantServer, type Trouble } from '../../fakes/qdrant/server.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { decisionsOn } from './decisions.ts';

const TICKETS = scaled(500);
const TROUBLES: readonly (Trouble | null)[] = [
  null,
  { kind: 'cut' },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'reply', text: '{"result": [' },
  null,
];

it.concurrent.each(['embedded', 'redis'] as const)(
  'memory is down: rules and what was learnt decide, stamped degraded, until it is back on %s',
  async (stack) => {
    await using qdrant = await startQdrantServer();
    let trouble: Trouble | null = null;
    qdrant.meet(() => trouble);
    const env = { QDRANT_URL: qdrant.url };
    await using desk = await openDesk({ scenario: '09 memory', stack, env });
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    for (const next of TROUBLES) {
      trouble = next;
      const tickets = await desk.send(TICKETS / TROUBLES.length);
      await desk.settle(90_000);
      const degraded = (await decisionsOn(desk, tickets)).map((decision) => decision.degraded);
      expect(new Set(degraded), JSON.stringify(next)).toEqual(new Set([next !== null]));
    }
    await desk.pronounce(TROUBLES.length - 2);
  },
);
