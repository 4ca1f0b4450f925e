import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../../src/domain/errors.ts';
import { accounts } from '../../../../src/upkeep/sweep/accounting.ts';
import { DAY, HOUR, MINUTE, type SweepWorld, sweepWorld } from './support.ts';

/** A world where sweeping has begun, and some time has passed since. */
async function begun(options?: Parameters<typeof sweepWorld>[0]): Promise<SweepWorld> {
  const world = sweepWorld(options);
  await world.sweep();
  world.pass(5 * MINUTE);
  return world;
}

describe('a ticket that no webhook told us of', () => {
  test('is handed over by the next sweep, once', async () => {
    const { create, pass, sweep, triaged } = await begun();
    const id = create();
    pass(5 * MINUTE);
    expect(await sweep()).toMatchObject({ triage: 1, learn: 0, missing: 0, isComplete: true });
    pass(5 * MINUTE);
    expect(await sweep()).toMatchObject({ triage: 0 });
    expect(triaged()).toEqual([id]);
  });

  test('is handed over once by replicas that sweep at the same time', async () => {
    const { create, pass, sweep, ledger } = await begun();
    for (let count = 0; count < 50; count++) create();
    pass(5 * MINUTE);
    await Promise.all([sweep(), sweep(), sweep()]);
    expect(await ledger.deliveryCounts()).toEqual({ accepted: 50 });
  });

  test('is left to its webhook for the first two minutes', async () => {
    const { create, pass, sweep, triaged } = await begun();
    const id = create();
    pass(MINUTE);
    await sweep();
    expect(triaged()).toEqual([]);
    pass(2 * MINUTE);
    await sweep();
    expect(triaged()).toEqual([id]);
  });

  test('waits in turn when it is minutes old, and behind everything else when we were away for longer', async () => {
    const { create, pass, sweep, jobs } = await begun();
    const [old, young] = [create(), create({ ageMs: -20 * MINUTE })];
    pass(25 * MINUTE);
    await sweep();
    expect(jobs).toEqual([
      { queue: 'triage', issueId: young, urgency: undefined },
      { queue: 'triage', issueId: old, urgency: 'behind' },
    ]);
  });

  test('is not looked for twice where it is told of: by a webhook in whatever state, or by our own mark', async () => {
    const { create, pass, sweep, webhook, ledger, jira } = await begun();
    const failed = await webhook(create());
    await ledger.settle(failed, 1, { state: 'failed', reason: 'gave up' });
    await webhook(create());
    const mark = { decisionId: 'd', revision: 'r', at: new Date(jira.now + MINUTE).toISOString(), values: {} };
    create({ mark });
    pass(5 * MINUTE);
    expect(await sweep()).toMatchObject({ triage: 0, missing: 0 });
  });

  test('is found where the mark it bears came with the ticket it was copied from', async () => {
    const { create, pass, sweep, triaged, jira } = await begun();
    const mark = { decisionId: 'd', revision: 'r', at: new Date(jira.now - DAY).toISOString(), values: {} };
    const id = create({ mark });
    pass(5 * MINUTE);
    await sweep();
    expect(triaged()).toEqual([id]);
  });

  test('is found however late Jira’s search index shows it: within the hour, or within days', async () => {
    const { create, pass, sweep, triaged } = await begun();
    const [soon, late] = [create({ lagMs: 50 * MINUTE }), create({ lagMs: 30 * HOUR })];
    for (let minutes = 0; minutes < 70; minutes += 5) {
      await sweep();
      pass(5 * MINUTE);
    }
    expect(triaged()).toEqual([soon]);
    for (let hours = 0; hours < 60; hours++) {
      await sweep();
      pass(HOUR);
    }
    expect(triaged()).toEqual([soon, late]);
  });
});

describe('the first sweep', () => {
  test('begins now: what was there before is none of ours, then or later', async () => {
    const { create, pass, change, sweep, triaged, learnt } = sweepWorld();
    const old = create({ ageMs: 3 * HOUR });
    create({ ageMs: MINUTE });
    pass(5 * MINUTE);
    await sweep();
    pass(2 * DAY);
    change(old);
    await sweep();
    expect([triaged(), learnt()]).toEqual([[], []]);
  });

  test('of a project that joins later begins then', async () => {
    const { create, pass, ports, triaged } = await begun();
    const { sweepTickets } = await import('../../../../src/upkeep/sweep/sweep.ts');
    create({ project: 'HR' });
    pass(HOUR);
    await sweepTickets({ projects: ['IT', 'HR'] }, ports, { retentionDays: 90 });
    pass(HOUR);
    const later = create({ project: 'HR' });
    pass(HOUR);
    await sweepTickets({ projects: ['IT', 'HR'] }, ports, { retentionDays: 90 });
    expect(triaged()).toEqual([later]);
  });
});

describe('clocks', () => {
  test.each([
    ['a day behind Jira’s', -DAY],
    ['a day ahead of Jira’s', DAY],
  ])('of ours that is %s opens no gap', async (_what, offMs) => {
    const { create, pass, sweep, triaged, ours } = sweepWorld();
    ours.now += offMs;
    await sweep();
    pass(5 * MINUTE);
    const id = create();
    pass(5 * MINUTE);
    await sweep();
    expect(triaged()).toEqual([id]);
  });

  test('that jump while we run change nothing', async () => {
    const jumps = fc.array(fc.integer({ min: -3 * DAY, max: 3 * DAY }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(jumps, async (jumpsMs) => {
        const { create, pass, sweep, triaged, ours } = await begun();
        const ids = [];
        for (const jumpMs of jumpsMs) {
          ours.now += jumpMs;
          ids.push(create());
          pass(7 * MINUTE);
          await sweep();
        }
        expect(triaged()).toEqual(ids);
      }),
      { numRuns: 60 },
    );
  });

  test('of Jira that tell the wrong time once make no gap, only another look', async () => {
    for (const wrongMs of [-400 * DAY, 400 * DAY]) {
      const { create, pass, sweep, triaged, ports, jira } = await begun();
      const id = create();
      pass(5 * HOUR);
      const { serverTime } = ports.tracker;
      ports.tracker.serverTime = async () => new Date(jira.now + wrongMs).toISOString();
      await sweep();
      ports.tracker.serverTime = serverTime;
      pass(5 * MINUTE);
      await sweep();
      expect(triaged()).toEqual([id]);
    }
  });
});

describe('what it comes to', () => {
  test('is accounted for by every process: nothing missing, and when it was complete', async () => {
    const { create, pass, sweep, ledger, ours } = await begun();
    create();
    pass(5 * MINUTE);
    await sweep();
    expect(await accounts(ledger, { graceMs: 0 })).toEqual({
      unaccounted: 0,
      sweptAt: new Date(ours.now).toISOString(),
    });
  });

  test('is a missing ticket where the ledger did not take it, until a later run hands it over', async () => {
    const { create, pass, sweep, ports, ledger, triaged } = await begun();
    const [first, second] = [create(), create()];
    pass(5 * MINUTE);
    const { receive } = ports;
    ports.receive = async (delivery) => {
      if (delivery.issueId === second) throw new TransientError('database: away');
      return receive(delivery);
    };
    await expect(sweep()).rejects.toThrow('away');
    expect((await accounts(ledger, { graceMs: 0 })).unaccounted).toBe(1);
    ports.receive = receive;
    expect(await sweep()).toMatchObject({ triage: 1, missing: 0 });
    expect((await accounts(ledger, { graceMs: 0 })).unaccounted).toBe(0);
    expect(triaged()).toEqual([first, second]);
  });

  test('are tickets that were accepted and got stuck; what was caught up by the thousand has a day', async () => {
    const { create, pass, sweep, webhook, ledger } = await begun();
    create();
    pass(5 * MINUTE);
    await sweep();
    await webhook('1');
    await webhook('2', 'learn');
    pass(15 * MINUTE);
    expect((await accounts(ledger, { graceMs: 0 })).unaccounted).toBe(2);
    pass(DAY);
    expect((await accounts(ledger, { graceMs: 0 })).unaccounted).toBe(3);
  });

  test('is not complete while Jira hides a project, and the others are swept all the same', async () => {
    const { create, pass, sweep, hidden, triaged, ledger } = await begun({ projects: ['HR', 'IT'] });
    const before = await accounts(ledger, { graceMs: 0 });
    hidden.add('HR');
    const [ticket, secret] = [create(), create({ project: 'HR' })];
    pass(2 * HOUR);
    expect(await sweep()).toMatchObject({ isComplete: false, hidden: { HR: expect.stringContaining('HR') } });
    expect(triaged()).toEqual([ticket]);
    expect(await accounts(ledger, { graceMs: 0 })).toMatchObject({ sweptAt: before.sweptAt });
    hidden.clear();
    expect(await sweep()).toMatchObject({ isComplete: true });
    expect(triaged()).toEqual([ticket, secret]);
  });
});
