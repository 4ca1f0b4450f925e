import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type FaultDesk, openDesk } from '../desk.ts';
import { scaled } from '../seed.ts';

const TICKETS = scaled(501);
const MB = 1024 * 1024;
const mount = await smallDisk();

/** As a supervisor would: who ended is started again. */
it.runIf(mount)(
  'the disk is full: no webhook is acknowledged that is not kept, and on it goes when there is room',
  async () => {
    if (!mount) return;
    using disk = mount;
    const env = { DATA_DIR: join(disk.path, 'data') };
    await using desk = await openDesk({ scenario: '06 full disk', stack: 'embedded', env, backoffMs: BACKOFF_MS });
    await desk.start('all-in-one');
    await desk.flow(TICKETS / 3);
    await desk.settle(60_000);

    const ballast = join(disk.path, 'ballast');
    writeFileSync(ballast, Buffer.alloc(Math.max(0, freeOn(disk.path) - 64 * 1024)));
    await desk.send((TICKETS * 2) / 3);
    await expect.poll(() => notTaken(desk), { timeout: 60_000, interval: 50 }).toBeGreaterThan(0);
    rmSync(ballast);
    for (const process of [...desk.running]) if (!isAlive(process.pid)) await desk.replace(process);
    await desk.settle(120_000);
    await desk.pronounce(1, `${notTaken(desk)} answers were no 2xx`);
  },
);

const BACKOFF_MS = [2_000, 4_000, 8_000, 16_000, 16_000];

function notTaken({ site }: FaultDesk): number {
  const attempts = site.webhooks.deliveries().flatMap((delivery) => delivery.attempts);
  return attempts.filter(({ status }) => status !== 202).length;
}

function freeOn(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** Null, and a line that says so, where nothing may be mounted. */
async function smallDisk(): Promise<({ readonly path: string } & Disposable) | null> {
  const path = await mkdtemp(join(tmpdir(), 'jira-triage-disk-'));
  mkdirSync(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${128 * MB}`, 'tmpfs', path], { stdio: 'pipe' });
  } catch (error) {
    process.stdout.write(`skipped where nothing may be mounted: a full disk (${String(error).split('\n')[0]})\n`);
    return null;
  }
  return { path, [Symbol.dispose]: () => void execFileSync('umount', [path]) };
}
