import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rosterOf } from '../../../src/roster/roster.ts';
import { type TeamDraft, teamsWith } from './support.ts';

type OnCallDraft = NonNullable<TeamDraft['onCall']>;

function called(onCall: Partial<OnCallDraft>, timeZone = 'Europe/Berlin') {
  const drafted: OnCallDraft = { order: ['ann', 'bob', 'cy'], since: '2026-03-02', ...onCall };
  const roster = rosterOf(teamsWith({ onCall: drafted, timeZone }), new Map());
  return (at: string) => roster.onCall('Desk', new Date(at)).join(' ');
}

describe('on call', () => {
  test('one hands over to the next every week, at nine on the team’s clocks', () => {
    const at = called({});
    expect(at('2026-03-02T08:00:00Z')).toBe('ann bob cy');
    expect(at('2026-03-09T07:59:59Z')).toBe('ann bob cy');
    expect(at('2026-03-09T08:00:00Z')).toBe('bob cy ann');
    expect(at('2026-03-16T08:00:00Z')).toBe('cy ann bob');
    expect(at('2026-03-23T08:00:00Z')).toBe('ann bob cy');
  });

  test('is handed over at the same time of day after the clocks changed', () => {
    const at = called({});
    expect(at('2026-03-30T06:59:59Z')).toBe('ann bob cy');
    expect(at('2026-03-30T07:00:00Z')).toBe('bob cy ann');
    expect(at('2026-10-26T07:59:59Z')).toBe('ann bob cy');
    expect(at('2026-10-26T08:00:00Z')).toBe('bob cy ann');
  });

  test.each([
    ['Asia/Kolkata', '2026-03-03T03:30:00Z'],
    ['America/New_York', '2026-03-03T14:00:00Z'],
    ['Pacific/Apia', '2026-03-02T20:00:00Z'],
  ])('can be handed over every day in %s', (timeZone, second) => {
    const at = called({ rotate: 'daily' }, timeZone);
    expect(at(new Date(Date.parse(second) - 1).toISOString())).toBe('ann bob cy');
    expect(at(second)).toBe('bob cy ann');
    expect(at(new Date(Date.parse(second) + 86_400_000).toISOString())).toBe('cy ann bob');
  });

  test('is handed over once where the clocks skip the time or show it twice', () => {
    const skipped = called({ rotate: 'daily', since: '2026-03-28', at: '02:30' });
    expect(skipped('2026-03-29T01:29:59Z')).toBe('ann bob cy');
    expect(skipped('2026-03-29T01:30:00Z')).toBe('bob cy ann');
    const twice = called({ rotate: 'daily', since: '2026-10-24', at: '02:30' });
    expect(twice('2026-10-25T00:29:59Z')).toBe('ann bob cy');
    expect(twice('2026-10-25T00:30:00Z')).toBe('bob cy ann');
    expect(twice('2026-10-25T01:15:00Z')).toBe('bob cy ann');
  });

  test('is nobody before the first day begins', () => {
    expect(called({})('2026-03-02T07:59:59Z')).toBe('');
    expect(called({ at: '24:00' })('2026-03-02T22:59:59Z')).toBe('');
    expect(called({ at: '24:00' })('2026-03-02T23:00:00Z')).toBe('ann bob cy');
  });

  test('goes by a swapped shift instead of the turn, and goes on after its holder', () => {
    const at = called({ shifts: [{ accountId: 'cy', from: '2026-03-03T00:00', to: '2026-03-04T08:00' }] });
    expect(at('2026-03-02T22:59:59Z')).toBe('ann bob cy');
    expect(at('2026-03-02T23:00:00Z')).toBe('cy ann bob');
    expect(at('2026-03-04T07:00:00Z')).toBe('ann bob cy');
  });

  test('may be taken by somebody outside of the order; then come those after whose turn it is', () => {
    const at = called({ shifts: [{ accountId: 'dee', from: '2026-02-01T00:00', to: '2026-03-10T00:00' }] });
    expect(at('2026-02-15T12:00:00Z')).toBe('dee ann bob cy');
    expect(at('2026-03-03T12:00:00Z')).toBe('dee bob cy ann');
  });

  test('may come round more often for one than for others; each is called once', () => {
    const at = called({ order: ['ann', 'bob', 'ann', 'cy'] });
    expect(at('2026-03-03T12:00:00Z')).toBe('ann bob cy');
    expect(at('2026-03-17T12:00:00Z')).toBe('ann cy bob');
  });

  test('is nobody in a team without it', () => {
    expect(rosterOf(teamsWith(), new Map()).onCall('Desk', new Date('2026-05-04T10:00:00Z'))).toEqual([]);
  });

  test('always calls everybody once, the holder first, and everybody as often as the others', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Apia', 'UTC'),
        fc.constantFrom('00:00', '02:30', '09:00', '24:00'),
        (order, timeZone, at) => {
          const teams = teamsWith({ onCall: { order, since: '2026-01-01', at, rotate: 'daily' }, timeZone });
          const roster = rosterOf(teams, new Map());
          const turns = new Map(order.map((accountId) => [accountId, 0]));
          for (let day = 2; day < 2 + order.length * 60; day++) {
            const list = roster.onCall('Desk', new Date(Date.UTC(2026, 0, day, 23, 30)));
            expect([...list].sort()).toEqual([...order].sort());
            const [holder = ''] = list;
            turns.set(holder, (turns.get(holder) ?? 0) + 1);
          }
          expect(Math.max(...turns.values()) - Math.min(...turns.values())).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 20 },
    );
  });
});
