import { expect, it, vi } from 'vitest';
import { startQdrantServer, type Trouble } from '../../fakes/qdrant/server.ts';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { decisionsOn } from './decisions.ts';

const TICKETS = scaled(500);
const TROUBLES: readonly Trouble[] = [
  { kind: 'cut' },
  { kind: 'status', status: 503 },
  { kind: 'hang' },
  { kind: 'reply', text: '{"result": [' },
];
const BATCH = Math.floor(TICKETS / (TROUBLES.length + 2));

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
    expect(await stamps(desk, BATCH)).toEqual([false]);
    for (const next of TROUBLES) {
      trouble = next;
      expect(await stamps(desk, BATCH), JSON.stringify(next)).toEqual([true]);
    }
    trouble = null;
    await vi.waitFor(async () => expect(await stamps(desk, 5)).toEqual([false]), { timeout: 30_000, interval: 500 });
    expect(await stamps(desk, BATCH)).toEqual([false]);
    await desk.pronounce(TROUBLES.length);
  },
);

/** Sends so many tickets; whether the decisions on them are stamped degraded. */
async function stamps(desk: FaultDesk, count: number): Promise<readonly boolean[]> {
  const tickets = await desk.send(count);
  await desk.settle(90_000);
  return [...new Set((await decisionsOn(desk, tickets)).map(({ degraded }) => degraded))];
}
