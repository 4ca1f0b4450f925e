import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { letPeopleEdit } from '../desk/people.ts';
import { replaceWhole, writePlaybook } from '../desk/playbook.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { STACKS } from '../stack/stack.ts';
import { decisionsOn } from './decisions.ts';

const TICKETS = scaled(500);
const ROUNDS = 3;
const STOP_MS = 25_000;

it.concurrent.each(STACKS)(
  'config/ is broken and mended, swapped, and processes restart in turn: one revision and one edit each on %s',
  async (stack) => {
    await using desk = await openDesk({ scenario: '11 config and restarts', stack });
    letPeopleEdit(desk, desk.dice);
    await desk.startAll();
    const revisions = new Set<string>();
    let slowestMs = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await desk.flow(TICKETS / ROUNDS);
      const good = await desk.admin().status();
      revisions.add(good.revision);
      await replaceWhole(join(desk.folder, 'config', 'playbook.yaml'), 'projects: [it\n');
      hangUp(desk);
      const broken = { revision: good.revision, playbookTrouble: [expect.stringContaining('playbook.yaml')] };
      await vi.waitFor(async () => expect(await desk.admin().status()).toMatchObject(broken), PATIENCE);
      await desk.flow(10);
      await writePlaybook(desk.folder, { retrieval: { topK: 20 + round } });
      hangUp(desk);
      await vi.waitFor(async () => expect((await desk.admin().status()).playbookTrouble).toEqual([]), PATIENCE);
      for (const process of [...desk.running]) slowestMs = Math.max(slowestMs, await desk.restart(process));
    }
    revisions.add((await desk.admin().status()).revision);
    await desk.settle(90_000);
    expect(slowestMs).toBeLessThan(STOP_MS);
    expect(revisions.size).toBe(ROUNDS + 1);
    const decided = new Set((await decisionsOn(desk, desk.sent)).map(({ revision }) => revision));
    expect([...decided].filter((revision) => !revisions.has(revision))).toEqual([]);
    expect(decided.size).toBeGreaterThanOrEqual(ROUNDS);
    await desk.pronounce(3 * ROUNDS, `stopped within ${Math.round(slowestMs)} ms`);
  },
);

const PATIENCE = { timeout: 30_000, interval: 100 };

/** SIGHUP has them look at `config/` now. */
function hangUp({ running }: FaultDesk): void {
  for (const { pid } of running) process.kill(pid, 'SIGHUP');
}
