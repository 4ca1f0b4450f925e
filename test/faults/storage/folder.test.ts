import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { childEnv } from '../../support/child-env.ts';
import { startService } from '../../support/service.ts';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';
import { DAMAGES, type Damage, inventory } from './damage.ts';
import { sweep } from './sweep.ts';

const TICKETS = scaled(504);
/** A delivery may be on the disk without its job: the sweep leaves it to requeue, which comes by once a minute. */
const REQUEUED_MS = 150_000;
const ALL_IN_ONE = fileURLToPath(new URL('../../../workers/all-in-one.ts', import.meta.url));
const dataIn = (desk: FaultDesk) => join(desk.folder, 'data');

describe('the folder of the embedded database', () => {
  it.concurrent('is whole after kill -9 at any moment of its creation', async () => {
    await using desk = await openDesk({ scenario: '05a killed while created', stack: 'embedded', isUncreated: true });
    const moments = [0, 0, 1, ...desk.dice.points(4, { from: 2, to: 1_000 })];
    for (const files of moments) await killWhileCreating(desk, files);
    await desk.start('all-in-one');
    expect(readdirSync(dataIn(desk)).toSorted()).toEqual(['lock.sqlite', 'pg']);
    await desk.flow(scaled(30));
    await desk.settle(60_000);
    await desk.pronounce(moments.length);
  });

  it.concurrent('opens after a torn end of its log, and the sweep finds what went with it', async () => {
    await using desk = await openDesk({ scenario: '05b torn log', stack: 'embedded' });
    const damages: readonly Damage[] = ['log cut', 'log torn', 'log garbled'];
    await desk.start('all-in-one');
    for (const damage of damages) {
      await desk.flow(TICKETS / damages.length);
      const [process] = desk.running;
      if (process) await desk.kill(process);
      await DAMAGES[damage](join(dataIn(desk), 'pg'), desk.dice);
      await desk.start('all-in-one');
      await sweep(desk);
      await desk.settle(REQUEUED_MS);
    }
    await desk.pronounce(2 * damages.length);
  });

  it.concurrent('is left alone when it cannot be opened, and the message says how to go on', async () => {
    await using desk = await openDesk({ scenario: '05c damaged folder', stack: 'embedded' });
    const damages: readonly Damage[] = ['PG_VERSION gone', 'control file garbled', 'log gone'];
    await desk.start('all-in-one');
    await desk.flow(scaled(30));
    await desk.settle(60_000);
    await desk.pronounce(damages.length);
    const [process] = desk.running;
    if (process) await desk.kill(process);
    for (const damage of damages) {
      await DAMAGES[damage](join(dataIn(desk), 'pg'), desk.dice);
      const before = Object.keys(await inventory(join(dataIn(desk), 'pg')));
      await expect(startService(desk.env)).rejects.toThrow(
        /ended with code 1: .*cannot be opened and was left as it is.*backup.*triage sweep/s,
      );
      expect(Object.keys(await inventory(join(dataIn(desk), 'pg'))), damage).toEqual(before);
    }
  });

  it.concurrent('belongs to one process: a second one is refused at once, also right after kill -9 of the first', async () => {
    await using desk = await openDesk({ scenario: '05d two processes', stack: 'embedded' });
    const first = await desk.start('all-in-one');
    const startedAt = performance.now();
    await expect(startService(desk.env)).rejects.toThrow(new RegExp(`in use by process ${first.pid} `));
    const refusedMs = performance.now() - startedAt;
    await desk.flow(scaled(30));
    const second = await desk.replace(first);
    await expect(startService(desk.env)).rejects.toThrow(new RegExp(`in use by process ${second.pid} `));
    await desk.settle(60_000);
    await desk.pronounce(3, `refused in ${Math.round(refusedMs)} ms`);
  });
});

/** Starts the service on an empty folder and kills it as soon as so many files are there. */
async function killWhileCreating(desk: FaultDesk, files: number): Promise<void> {
  const child = spawn(process.execPath, [ALL_IN_ONE], {
    env: { ...childEnv(), PORT: '0', OPS_PORT: '0', ...desk.env },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const deadline = Date.now() + 15_000;
  while (filesIn(dataIn(desk)) < files && Date.now() < deadline && child.exitCode === null)
    await new Promise((resume) => setImmediate(resume));
  child.kill('SIGKILL');
  await ended;
}

function filesIn(folder: string): number {
  if (!existsSync(folder)) return 0;
  try {
    return readdirSync(folder, { recursive: true }).length;
  } catch {
    // A folder went away while it was listed.
    return 0;
  }
}
