import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/domain/decision/outcome.ts';
import type { Playbook } from '../../../src/domain/playbook/playbook.ts';
import { guard } from '../../../src/feedback/guard-rails.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { ALL_TARGETS, playbookWith } from '../../support/fixtures.ts';

const DAY_MS = 24 * 3600 * 1000;
const start = Date.UTC(2026, 4, 1);
const isoAt = (day: number) => new Date(start + day * DAY_MS).toISOString();

let last = 0;

function outcomeWith(parts: Partial<Outcome> = {}): Outcome {
  last += 1;
  return {
    decisionId: `d-${last}`,
    issueId: `${last}`,
    issueKey: `IT-${last}`,
    project: 'IT',
    revision: 'r-1',
    target: 'category',
    value: 'network',
    confidence: 0.9,
    how: 'written',
    result: 'confirmed',
    isExplicit: true,
    to: null,
    by: 'ada',
    afterMs: 1,
    settledAfterMs: null,
    isFinished: true,
    judgedAt: isoAt(20),
    ...parts,
  };
}

const times = (count: number, parts: Partial<Outcome>) => Array.from({ length: count }, () => outcomeWith(parts));
const overridden: Partial<Outcome> = { result: 'overridden', to: 'mail' };

/** Two weeks, at least ten outcomes, no more than a quarter, a doubt of 5 %. */
const usual = playbookWith();

async function deskWith(...outcomes: readonly Outcome[]) {
  let today = 21;
  const clock = { now: () => new Date(start + today * DAY_MS) };
  const ledger = ledgerFake(clock);
  await ledger.recordOutcomes(outcomes);
  return {
    ledger,
    onDay: (day: number) => {
      today = day;
    },
    guarded: async (playbook: Playbook = usual) =>
      (await guard(playbook, { ledger, clock })).map(({ target, value }) => [target, value]),
  };
}

describe('a class that people override', () => {
  test.each([
    ['too often for chance', 7, 3, true],
    ['often, but that may be chance', 4, 6, false],
    ['as often as the playbook allows, seen often', 100, 300, false],
    ['a little more than allowed, seen often', 130, 270, true],
    ['always, but seen too seldom', 9, 0, false],
    ['always', 10, 0, true],
    ['never', 0, 50, false],
  ])('%s: %i of %i', async (_how, replaced, kept, isBraked) => {
    const { guarded, ledger } = await deskWith(...times(replaced, overridden), ...times(kept, {}));
    expect(await guarded()).toEqual(isBraked ? [['category', 'network']] : []);
    expect(await ledger.brakes()).toHaveLength(isBraked ? 1 : 0);
  });

  test('is braked once, in words that say why', async () => {
    const { guarded, ledger } = await deskWith(...times(12, overridden), ...times(3, {}));
    await guarded();
    expect(await guarded()).toEqual([]);
    expect(await ledger.brakes()).toMatchObject([
      {
        kind: 'override-rate',
        target: 'category',
        value: 'network',
        why: 'people replaced 12 of 15 judged within 14 days (revision r-1); the playbook allows 25 %',
        pulledAt: isoAt(21),
      },
    ]);
  });

  test.each<[what: string, parts: Partial<Outcome>]>([
    ['are too old', { judgedAt: isoAt(6) }],
    ['were never written', { how: 'suggested' }],
    ['were left alone to measure', { how: 'control' }],
    ['are unjudged', { result: 'unjudged', to: null }],
    ['are of a target that is gone', { target: '__proto__' }],
  ])('is not judged by outcomes that %s', async (_what, parts) => {
    const { guarded } = await deskWith(...times(20, { ...overridden, ...parts }));
    expect(await guarded()).toEqual([]);
  });

  test('is told apart from other classes, targets and revisions', async () => {
    const { guarded } = await deskWith(
      ...times(6, overridden),
      ...times(6, { ...overridden, revision: 'r-2' }),
      ...times(6, { ...overridden, target: 'priority' }),
      ...times(12, { ...overridden, value: 'mail' }),
    );
    expect(await guarded()).toEqual([['category', 'mail']]);
  });

  test('under two revisions is braked once', async () => {
    const { guarded } = await deskWith(...times(12, overridden), ...times(12, { ...overridden, revision: 'r-2' }));
    expect(await guarded()).toEqual([['category', 'network']]);
  });

  test('of several that stand side by side is judged in every set it was in', async () => {
    const family = playbookWith({ targets: { category: { ...ALL_TARGETS.category, multiple: true } } });
    const { guarded } = await deskWith(
      ...times(6, { ...overridden, value: 'access vpn' }),
      ...times(6, { ...overridden, value: 'mail vpn' }),
      ...times(20, { value: 'access' }),
      ...times(20, { value: 'mail' }),
    );
    expect(await guarded(family)).toEqual([['category', 'vpn']]);
  });

  test('is let through where the playbook switches the guard rails off', async () => {
    const { guarded } = await deskWith(...times(50, overridden));
    expect(await guarded(playbookWith({ guardRails: { maxOverrideRate: 1 } }))).toEqual([]);
    expect(await guarded(playbookWith({ guardRails: { maxOverrideRate: 0.99 } }))).toEqual([]);
    expect(await guarded(playbookWith({ guardRails: { maxOverrideRate: 0.9 } }))).toEqual([['category', 'network']]);
  });
});

describe('a class that a person released', () => {
  test('is braked again only by what is judged from then on', async () => {
    const { guarded, ledger, onDay } = await deskWith(...times(12, overridden));
    await guarded();
    const [brake] = await ledger.brakes();
    onDay(22);
    await ledger.releaseBrake(brake?.id ?? '', 'ada');
    expect(await guarded()).toEqual([]);
    await ledger.recordOutcomes(times(9, { ...overridden, judgedAt: isoAt(22.5) }));
    onDay(23);
    expect(await guarded()).toEqual([]);
    await ledger.recordOutcomes(times(1, { ...overridden, judgedAt: isoAt(22.5) }));
    expect(await guarded()).toEqual([['category', 'network']]);
  });
});

describe('the bound behind the brake', () => {
  /** The chance that so many of them or more are overridden when each one is with the allowed probability. */
  function chance(replaced: number, of: number, share: number): number {
    let sum = 0;
    let term = (1 - share) ** of;
    for (let hits = 0; hits <= of; hits++) {
      if (hits >= replaced) sum += term;
      term *= ((of - hits) / (hits + 1)) * (share / (1 - share));
    }
    return sum;
  }

  test('is passed exactly when chance alone would rarely bring about as many', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 60 }), fc.nat(), async (of, some) => {
        const replaced = some % (of + 1);
        const { guarded } = await deskWith(...times(replaced, overridden), ...times(of - replaced, {}));
        expect((await guarded()).length === 1).toBe(chance(replaced, of, 0.25) < 0.05);
      }),
      { numRuns: 60 },
    );
  });
});
