import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError } from '../../../../src/domain/errors.ts';
import { sweepSince } from '../../../../src/upkeep/sweep/sweep.ts';
import { DAY, HOUR, MINUTE, type SweepWorld, sweepWorld } from './support.ts';

async function begun(options?: Parameters<typeof sweepWorld>[0]): Promise<SweepWorld> {
  const world = sweepWorld(options);
  await world.sweep();
  world.pass(5 * MINUTE);
  return world;
}

/** So many tickets, evenly over a time that passes meanwhile. */
function report({ create, pass }: SweepWorld, count: number, inMs: number): string[] {
  return Array.from({ length: count }, () => {
    const id = create();
    pass(inMs / count);
    return id;
  });
}

/** Sweeps as the schedule does, until a run comes to the end; how many it took. */
async function untilComplete({ sweep, pass }: SweepWorld, options: Parameters<SweepWorld['sweep']>[0]) {
  for (let runs = 1; runs <= 200; runs++) {
    const report = await sweep(options);
    if (report.isComplete) return { runs, report };
    expect(report.remaining).toBeGreaterThan(0);
    pass(5 * MINUTE);
  }
  throw new Error('the sweep did not come to its end');
}

describe('after a week of downtime', () => {
  test('every ticket is handed over, oldest first, a part by each run', async () => {
    const world = await begun({ pageSize: 25 });
    const ids = report(world, 300, 7 * DAY);
    world.pass(5 * MINUTE);
    const first = await world.sweep({ pages: 4 });
    expect(first).toMatchObject({ isComplete: false });
    expect(first.remaining).toBeGreaterThan(200);
    const { runs } = await untilComplete(world, { pages: 4 });
    expect(runs).toBeGreaterThan(4);
    expect(world.triaged()).toEqual(ids);
    expect(world.jobs.every(({ urgency, issueId }) => urgency === 'behind' || ids.indexOf(issueId) > 290)).toBe(true);
  });

  test('a crash in the middle repeats a page and skips none', async () => {
    const world = await begun({ pageSize: 25 });
    const ids = report(world, 300, 7 * DAY);
    world.pass(5 * MINUTE);
    const { setCursor } = world.ports.ledger;
    let left = 5;
    world.ports.ledger.setCursor = async (name, value) => {
      if (left-- === 0) throw new Error('killed');
      return setCursor(name, value);
    };
    await expect(world.sweep()).rejects.toThrow('killed');
    world.ports.ledger.setCursor = setCursor;
    await untilComplete(world, {});
    expect(world.triaged().toSorted()).toEqual(ids.toSorted());
    expect(await world.ledger.deliveryCounts()).toEqual({ accepted: 300 });
  });

  test('Jira that asks to slow down stops a run, and the next one goes on there', async () => {
    const world = await begun({ pageSize: 25 });
    const ids = report(world, 300, 7 * DAY);
    world.pass(5 * MINUTE);
    const { glimpse } = world.ports.tracker;
    let calls = 0;
    world.ports.tracker.glimpse = async (query, page) => {
      calls += 1;
      if (calls % 6 === 0) throw new RateLimitedError('slow', { retryAfterMs: 1, scope: 'site' });
      return glimpse(query, page);
    };
    for (let runs = 0; runs < 30; runs++) {
      await world.sweep().catch((error: unknown) => expect(error).toBeInstanceOf(RateLimitedError));
      world.pass(MINUTE);
    }
    expect(world.triaged()).toEqual(ids);
  });

  test('page tokens that Jira no longer knows cost a page', async () => {
    const world = await begun({ pageSize: 25 });
    const ids = report(world, 300, 7 * DAY);
    world.pass(5 * MINUTE);
    const { glimpse } = world.ports.tracker;
    let refused = 0;
    world.ports.tracker.glimpse = async (query, page) => {
      if (page === '50' && refused++ < 3)
        throw new PermanentError('The provided next page token is invalid or expired.');
      return glimpse(query, page);
    };
    await untilComplete(world, {});
    expect(refused).toBeGreaterThan(0);
    expect(world.triaged()).toEqual(ids);
  });
});

test('thousands of tickets in one minute, as an import makes them, do not stop it', async () => {
  const world = await begun({ pageSize: 100 });
  const ids = report(world, 3_000, MINUTE);
  const last = report(world, 50, 2 * HOUR);
  world.pass(5 * MINUTE);
  await untilComplete(world, { pages: 4 });
  expect(world.triaged().toSorted()).toEqual([...ids, ...last].toSorted());
});

test('what moves while it is paged through is found by another look, whatever page tokens mean', async () => {
  const step = fc.record({ what: fc.constantFrom('remove', 'change', 'create'), which: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 7 }), async (steps, pageSize) => {
      const world = await begun({ pageSize });
      report(world, 20, DAY);
      world.pass(5 * MINUTE);
      for (const { what, which } of steps) {
        world.interventions.push(() => {
          const ids = [...world.issues.keys()];
          const id = ids[which % ids.length];
          if (what === 'create') world.create();
          else if (id !== undefined && what === 'remove') world.issues.delete(id);
          else if (id !== undefined) world.change(id);
          world.pass(20_000);
        });
      }
      for (let runs = 0; runs < 6; runs++) {
        await untilComplete(world, { pages: 4 });
        world.pass(5 * MINUTE);
      }
      const triaged = world.triaged();
      expect(new Set(triaged).size).toBe(triaged.length);
      expect([...world.issues.keys()].filter((id) => !triaged.includes(id))).toEqual([]);
    }),
    { numRuns: 80 },
  );
});

describe('what the ledger has trimmed', () => {
  test('is never swept: an old ticket that changes is not triaged again', async () => {
    const world = await begun();
    const id = world.create();
    await world.ledger.settle(await world.webhook(id), 1, { state: 'triaged' });
    for (let day = 0; day < 40; day++) {
      world.pass(DAY);
      await world.ledger.trim(30);
      world.change(id);
      await world.sweep({ retentionDays: 30 });
    }
    expect((await world.ledger.knownIssues([id])).get(id)).toMatchObject({ isTold: false });
    expect(world.triaged()).toEqual([]);
  });

  test.each([0.5, 7, 90])('nor after an absence longer than %s days of retention', async (retentionDays) => {
    const world = await begun();
    const told = report(world, 40, 2 * retentionDays * DAY);
    for (const id of told) await world.ledger.settle(await world.webhook(id), 1, { state: 'triaged' });
    // All of it came when it was created; as if time had passed since.
    await world.ledger.trim(0);
    world.pass(5 * MINUTE);
    await untilComplete(world, { retentionDays });
    const ages = world.triaged().map((id) => world.jira.now - Date.parse(world.issues.get(id)?.created ?? ''));
    expect(Math.max(...ages)).toBeLessThan(retentionDays * DAY);
  });

  test('bounds what somebody wants swept', async () => {
    const world = await begun();
    const [old, young] = [world.create({ ageMs: 40 * DAY }), world.create({ ageMs: 10 * DAY })];
    world.pass(5 * MINUTE);
    await sweepSince(new Date(world.jira.now - 60 * DAY).toISOString(), { projects: ['IT'] }, world.ledger);
    await untilComplete(world, { retentionDays: 30 });
    expect(world.triaged()).toEqual([young]);
    expect(world.triaged()).not.toContain(old);
  });
});

describe('looking back', () => {
  const since = ({ jira }: SweepWorld, ageMs: number) => new Date(jira.now - ageMs).toISOString();

  test('finds what was there before the first sweep, once', async () => {
    const world = sweepWorld();
    const old = world.create({ ageMs: 3 * DAY });
    world.create({ ageMs: 8 * DAY });
    await sweepSince(since(world, 7 * DAY), { projects: ['IT'] }, world.ledger);
    await world.sweep();
    world.pass(HOUR);
    await world.sweep();
    expect(world.triaged()).toEqual([old]);
  });

  test('is not undone by a run that was under way', async () => {
    const world = await begun();
    const old = world.create({ ageMs: 3 * DAY });
    world.create();
    world.pass(5 * MINUTE);
    const { glimpse } = world.ports.tracker;
    let isAsked = false;
    world.ports.tracker.glimpse = async (query, page) => {
      if (!isAsked) await sweepSince(since(world, 7 * DAY), { projects: ['IT'] }, world.ledger);
      isAsked = true;
      return glimpse(query, page);
    };
    await world.sweep();
    expect(world.triaged()).not.toContain(old);
    await world.sweep();
    expect(world.triaged()).toContain(old);
  });

  test('begins anew where what is kept cannot be read, which an ordinary run says', async () => {
    const world = await begun();
    await world.ledger.setCursor('sweep-tickets', '{"of":"another version"}');
    await expect(world.sweep()).rejects.toThrow('triage sweep --since');
    const id = world.create({ ageMs: HOUR });
    await sweepSince(since(world, DAY), { projects: ['IT'] }, world.ledger);
    await world.sweep();
    expect(world.triaged()).toEqual([id]);
  });
});
