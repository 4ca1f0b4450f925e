import { it } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { terminateBackends } from '../stack/postgres.ts';
import { SERVED } from '../stack/stack.ts';

const TICKETS = scaled(500);
const DOWN_MS = 10_000;
/** Longer than it is away in all. */
const BACKOFF_MS = [2_000, 4_000, 8_000, 8_000, 8_000];

it.concurrent.each(SERVED)(
  'PostgreSQL cuts every connection, restarts, and is away: nothing is lost on %s',
  async (stack) => {
    const scenario = '04 PostgreSQL restarts';
    await using desk = await openDesk({ scenario, stack, ownPostgres: true, backoffMs: BACKOFF_MS });
    const { postgres, env } = desk.stack;
    if (!postgres) throw new Error('PostgreSQL is not installed');
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    const cut = () => terminateBackends(env['DATABASE_URL'] ?? '');
    const restart = async (awayMs: number) => {
      await postgres.stopAtOnce();
      await new Promise((resume) => setTimeout(resume, awayMs));
      await postgres.start();
    };
    const faults = [cut, () => restart(0), cut, () => restart(DOWN_MS), cut, () => restart(0)];
    for (const fault of faults) {
      const happened = atARequest(desk, fault);
      await desk.send(TICKETS / faults.length);
      await happened;
    }
    await desk.settle(120_000);
    await desk.pronounce(faults.length);
  },
);

async function atARequest({ watch, dice }: FaultDesk, act: () => Promise<unknown>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    watch.at('any', dice.between(5, Math.ceil(TICKETS / 4)), () => {
      act().then(() => resolve(), reject);
      return undefined;
    });
  });
}
