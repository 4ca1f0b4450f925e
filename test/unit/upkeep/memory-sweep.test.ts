import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError } from '../../../src/domain/errors.ts';
import type { Whereat } from '../../../src/domain/ports/memory.ts';
import type { Whereabouts } from '../../../src/domain/ports/tracker.ts';
import { sweepMemory } from '../../../src/upkeep/memory-sweep.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { playbookWith } from '../../support/fixtures.ts';

const playbook = playbookWith({ projects: ['IT', 'HR'] });

const ticket = (id: string, parts: Partial<Whereat> = {}): Whereat => ({
  id,
  project: 'IT',
  securityLevel: null,
  ...parts,
});

/** Memory and site with these tickets; the site has what memory believes unless it is said to be elsewhere. */
function openSweep(
  remembered: readonly Whereat[],
  elsewhere: Readonly<Record<string, Partial<Whereabouts> | null>> = {},
) {
  const kept = new Map(remembered.toSorted((one, other) => (one.id < other.id ? -1 : 1)).map((one) => [one.id, one]));
  const site = new Map<string, Whereabouts>();
  for (const { id, ...place } of remembered) {
    const now = elsewhere[id];
    if (now !== null) site.set(id, { ...place, ...now });
  }
  const requests: number[] = [];
  const ports = {
    ledger: ledgerFake(),
    memory: {
      ids: async (after: string, limit: number) => [...kept.values()].filter(({ id }) => id > after).slice(0, limit),
      forget: async (ids: readonly string[]) => {
        for (const id of ids) kept.delete(id);
      },
    },
    tracker: {
      whereabouts: async (ids: readonly string[]) => {
        requests.push(ids.length);
        return new Map<string, Whereabouts | null>(
          ids.flatMap((id) => (site.has(id) ? [[id, site.get(id) ?? ticket(id)] as const] : [])),
        );
      },
      count: async (jql: string) => [...site.values()].filter(({ project }) => jql.includes(`"${project}"`)).length,
    },
  };
  return { ports, requests, site, left: () => [...kept.keys()] };
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => ticket(String(100_000 + index)));

describe('sweeping memory', () => {
  test.each([
    ['deleted, or out of our sight', null],
    ['moved to a project that is not triaged', { project: 'LEGAL' }],
    ['moved to another project of ours', { project: 'HR' }],
    ['restricted now', { securityLevel: 'Board' }],
  ])('forgets a ticket that was %s', async (_what, now) => {
    const { ports, left } = openSweep([ticket('1'), ticket('2')], { 1: now });
    expect(await sweepMemory(playbook, ports)).toEqual({
      looked: 2,
      forgotten: 1,
      unclear: 0,
      isRoundDone: true,
      hidden: [],
    });
    expect(left()).toEqual(['2']);
  });

  test('forgets a ticket whose security level changed, and keeps one whose level is as remembered', async () => {
    const restricted = [ticket('1', { securityLevel: 'Board' }), ticket('2', { securityLevel: 'Board' })];
    const { ports, left } = openSweep(restricted, { 1: { securityLevel: 'Staff' } });
    await sweepMemory(playbook, ports);
    expect(left()).toEqual(['2']);
  });

  test('forgets tickets of a project that the playbook no longer names', async () => {
    const { ports, left } = openSweep([ticket('1'), ticket('2', { project: 'OLD' })]);
    await sweepMemory(playbook, ports);
    expect(left()).toEqual(['1']);
  });

  test('goes on where the last run stopped, and begins anew after the last ticket', async () => {
    const { ports, requests } = openSweep(numbered(450));
    const runs = [];
    for (let run = 0; run < 4; run++) runs.push(await sweepMemory(playbook, ports, 2));
    expect(runs.map(({ looked, isRoundDone }) => [looked, isRoundDone])).toEqual([
      [200, false],
      [200, false],
      [50, true],
      [200, false],
    ]);
    expect(Math.max(...requests)).toBe(100);
  });

  test('asks Jira nothing when memory is empty', async () => {
    const { ports, requests } = openSweep([]);
    expect(await sweepMemory(playbook, ports)).toEqual({
      looked: 0,
      forgotten: 0,
      unclear: 0,
      isRoundDone: true,
      hidden: [],
    });
    expect(requests).toEqual([]);
  });

  test('looks at 5,000 tickets a run, 100 at a time, so that 100,000 have had their turn after twenty', async () => {
    const { ports, requests } = openSweep(numbered(6_000));
    const runs = [await sweepMemory(playbook, ports), await sweepMemory(playbook, ports)];
    expect(runs.map(({ looked, isRoundDone }) => [looked, isRoundDone])).toEqual([
      [5_000, false],
      [1_000, true],
    ]);
    expect(requests).toHaveLength(60);
  });

  test('lets a rate limit through, keeps what it did, and goes on there', async () => {
    const { ports, left } = openSweep(numbered(250), { 100000: null, 100249: null });
    const { whereabouts } = ports.tracker;
    let isLimited = true;
    ports.tracker.whereabouts = async (ids) => {
      if (isLimited && !ids.includes('100000')) throw new RateLimitedError('slow', { retryAfterMs: 1, scope: 'site' });
      return whereabouts(ids);
    };
    await expect(sweepMemory(playbook, ports)).rejects.toThrow(RateLimitedError);
    expect(left()).not.toContain('100000');
    isLimited = false;
    expect(await sweepMemory(playbook, ports)).toMatchObject({ looked: 150, forgotten: 1, isRoundDone: true });
  });
});

describe('tickets that Jira cannot look up just now', () => {
  test('stay, are counted, and keep nobody else from having a turn, however long that lasts', async () => {
    const { ports, left } = openSweep(numbered(250), { 100003: null, 100249: null });
    const { whereabouts } = ports.tracker;
    let isBroken = true;
    ports.tracker.whereabouts = async (ids) => {
      const places = await whereabouts(ids);
      return ids.includes('100003') && isBroken ? new Map([...places, ['100003', null], ['100004', null]]) : places;
    };
    expect(await sweepMemory(playbook, ports)).toMatchObject({ looked: 250, forgotten: 1, unclear: 2 });
    expect(left()).toEqual(expect.arrayContaining(['100003', '100004']));
    isBroken = false;
    expect(await sweepMemory(playbook, ports)).toMatchObject({ forgotten: 1, unclear: 0, isRoundDone: true });
    expect(left()).not.toContain('100003');
  });
});

describe('a project that Jira does not show us', () => {
  const all = { 1: null, 2: null, 3: null };

  test('keeps its tickets in memory, and is named', async () => {
    const { ports, left } = openSweep([ticket('1'), ticket('2'), ticket('3', { project: 'HR' })], { 1: null, 2: null });
    expect(await sweepMemory(playbook, ports)).toMatchObject({ forgotten: 0, hidden: ['IT'] });
    expect(left()).toEqual(['1', '2', '3']);
  });

  test('is told from one with deleted tickets', async () => {
    const { ports, left } = openSweep([ticket('1'), ticket('2')], { 1: null });
    expect(await sweepMemory(playbook, ports)).toMatchObject({ forgotten: 1, hidden: [] });
    expect(left()).toEqual(['2']);
  });

  test('may also be one that Jira refuses to search', async () => {
    const { ports, left } = openSweep([ticket('1'), ticket('2'), ticket('3')], all);
    ports.tracker.count = () => Promise.reject(new PermanentError('the value IT does not exist'));
    expect(await sweepMemory(playbook, ports)).toMatchObject({ forgotten: 0, hidden: ['IT'] });
    expect(left()).toHaveLength(3);
  });
});

test('after a round exactly those are left that are where they were remembered', async () => {
  const place = fc.option(
    fc.record({ project: fc.constantFrom('IT', 'HR', 'X'), securityLevel: fc.constantFrom(null, 'A') }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 30 }), fc.integer({ min: 1, max: 3 }), async (places, pages) => {
      const remembered = [...places.keys()].map((index) => ticket(String(1_000 + index)));
      const elsewhere = Object.fromEntries(remembered.map(({ id }, index) => [id, places[index] ?? null]));
      // One that is always there, so that the project is not hidden.
      const { ports, left, site } = openSweep([...remembered, ticket('9999')], elsewhere);
      for (let isDone = false; !isDone; ) isDone = (await sweepMemory(playbook, ports, pages)).isRoundDone;
      const still = [...site].filter(([, now]) => now.project === 'IT' && now.securityLevel === null);
      expect(left()).toEqual(still.map(([id]) => id).sort());
    }),
    { numRuns: 100 },
  );
});
