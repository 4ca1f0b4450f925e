import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { TransientError } from '../../../../src/domain/errors.ts';
import { freePort } from '../../../support/port.ts';
import { areInstalled, type RedisServer, startRedis } from '../../../support/redis-server.ts';
import { type Triage, triageJob } from '../yards.ts';
import { openDesk } from './support.ts';

const isPossible = areInstalled(['redis-server', 'redis-cli'], 'a cluster of Redis');

describe.skipIf(!isPossible)('queues in a cluster', () => {
  let masters: readonly RedisServer[];
  let url: string;

  beforeAll(async () => {
    masters = await Promise.all(Array.from({ length: 3 }, startNode));
    const addresses = masters.map(({ port }) => `127.0.0.1:${port}`);
    await masters[0]?.cli('--cluster', 'create', ...addresses, '--cluster-yes');
    await vi.waitFor(() => Promise.all(masters.map(assertWhole)), { timeout: 20_000 });
    url = `redis+cluster://${addresses.slice(0, 2).join(',')}`;
  });
  afterAll(async () => {
    await Promise.all(masters.map((master) => master[Symbol.asyncDispose]()));
  });

  test('flow like in one server', async () => {
    await using desk = openDesk(url);
    await desk.backend.prepare();
    expect(desk.reports).toEqual([]);
    const jobs = Array.from({ length: 60 }, () => triageJob());
    await using worker = desk.startWorker(async () => {}, 4);
    await desk.publish(...jobs.slice(0, 50));
    for (const job of jobs.slice(50)) await desk.publish(job);
    await expect.poll(() => worker.runs.length, { timeout: 10_000 }).toBe(60);
    expect(missing(jobs, worker.runs)).toEqual([]);
  });

  test('follow their keys to another server while they move', async () => {
    await using desk = openDesk(url);
    await desk.backend.prepare();
    await using worker = desk.startWorker(async () => {}, 4);
    const jobs: Triage[] = [];
    let isMoving = true;
    const publishing = (async () => {
      while (isMoving) {
        const job = triageJob();
        // What is refused in between is sent again, as Jira does.
        await desk.publish(job).then(
          () => jobs.push(job),
          () => {},
        );
      }
    })();
    await move(masters, '{triage}');
    isMoving = false;
    await publishing;
    const last = triageJob();
    await desk.publish(last);
    await expect.poll(() => missing([...jobs, last], worker.runs), { timeout: 20_000 }).toEqual([]);
  });

  test('refuse at once while the server of their keys is down, and go on when it is back', async () => {
    await using desk = openDesk(url);
    await desk.backend.prepare();
    const { owner } = await ownerOf(masters, '{triage}');
    const kept = triageJob();
    await desk.publish(kept);
    await owner.kill();
    const startedAt = performance.now();
    await expect(desk.publish(triageJob())).rejects.toThrow(TransientError);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
    await using worker = desk.startWorker();
    await owner.restart();
    const after = triageJob();
    await expect.poll(() => desk.publish(after).then(() => 'taken', String), { timeout: 20_000 }).toBe('taken');
    await expect.poll(() => missing([kept, after], worker.runs), { timeout: 20_000 }).toEqual([]);
  });

  test('are refused when one of the servers would forget', async () => {
    const [, second] = masters;
    await second?.cli('config', 'set', 'appendonly', 'no');
    await using desk = openDesk(url);
    await expect(desk.backend.prepare()).rejects.toThrow(`-p ${second?.port} CONFIG SET appendonly yes`);
    await second?.cli('config', 'set', 'appendonly', 'yes');
  });

  test('close in seconds when the cluster is away', async () => {
    await using desk = openDesk('redis+cluster://127.0.0.1:1');
    const worker = desk.startWorker();
    const startedAt = performance.now();
    await worker[Symbol.asyncDispose]();
    await desk[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(8_000);
  });
});

async function assertWhole({ cli }: RedisServer): Promise<void> {
  expect(await cli('cluster', 'info')).toContain('cluster_state:ok');
}

async function startNode(): Promise<RedisServer> {
  const files = ['cluster-config-file nodes.conf', 'cluster-node-timeout 2000'];
  return await startRedis({ config: ['cluster-enabled yes', `cluster-port ${await freePort()}`, ...files] });
}

function missing(wanted: readonly Triage[], runs: readonly Triage[]): string[] {
  const ran = new Set(runs.map(({ deliveryId }) => deliveryId));
  return wanted.map(({ deliveryId }) => deliveryId).filter((id) => !ran.has(id));
}

/** Which server keeps the keys of a tag, and another one. */
async function ownerOf(masters: readonly RedisServer[], tag: string) {
  const slot = (await masters[0]?.cli('cluster', 'keyslot', tag)) ?? '';
  const each = await Promise.all(
    masters.map(async (master) => {
      const words = (await master.cli('cluster', 'nodes'))
        .split('\n')
        .find((line) => line.includes('myself'))
        ?.split(' ');
      const [id = '', , , , , , , , ...ranges] = words ?? [];
      const isOwner = ranges.some((range) => {
        const [from, to = from] = range.split('-').map(Number);
        return from !== undefined && to !== undefined && from <= Number(slot) && Number(slot) <= to;
      });
      return { master, id, isOwner };
    }),
  );
  const owner = each.find(({ isOwner }) => isOwner);
  const other = each.find(({ isOwner }) => !isOwner);
  if (!owner || !other) throw new Error('nobody keeps these keys');
  return { slot, owner: owner.master, ownerId: owner.id, other: other.master, otherId: other.id };
}

/** Moves the keys of a tag to another server as redis-cli does when it reshards: key by key, under use. */
async function move(masters: readonly RedisServer[], tag: string): Promise<void> {
  const { slot, owner, ownerId, other, otherId } = await ownerOf(masters, tag);
  await other.cli('cluster', 'setslot', slot, 'importing', ownerId);
  await owner.cli('cluster', 'setslot', slot, 'migrating', otherId);
  for (;;) {
    const keys = (await owner.cli('cluster', 'getkeysinslot', slot, '20')).split('\n').filter((key) => key !== '');
    if (keys.length === 0) break;
    await owner.cli('migrate', '127.0.0.1', String(other.port), '', '0', '5000', 'keys', ...keys);
  }
  for (const { cli } of [other, owner, ...masters]) await cli('cluster', 'setslot', slot, 'node', otherId);
}
