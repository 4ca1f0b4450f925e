import { describe, expect, test } from 'vitest';
import { rosterOf } from '../../../src/roster/roster.ts';
import { ann, teamsWith } from './support.ts';

describe('absences', () => {
  test('are whole days on the member’s clocks, both included', () => {
    const away = ann({ absences: [{ from: '2026-12-24', to: '2026-12-26' }], timeZone: 'Asia/Kolkata' });
    expect(away.away('2026-12-23T18:29:59Z')).toBeNull();
    expect(away.away('2026-12-23T18:30:00Z')).toBe('absent');
    expect(away.away('2026-12-26T18:29:59Z')).toBe('absent');
    expect(away.away('2026-12-26T18:30:00Z')).toBeNull();
  });

  test('may be the day on which the clocks change', () => {
    const away = ann({ absences: [{ from: '2026-10-25', to: '2026-10-25' }], timeZone: 'Europe/Berlin' });
    expect(away.away('2026-10-24T21:59:59Z')).toBeNull();
    expect(away.away('2026-10-24T22:00:00Z')).toBe('absent');
    expect(away.away('2026-10-25T22:59:59Z')).toBe('absent');
    expect(away.away('2026-10-25T23:00:00Z')).toBeNull();
  });

  test('say more than being off shift', () => {
    const away = ann({ absences: [{ from: '2026-05-02', to: '2026-05-03' }], hours: [{ from: '09:00', to: '17:00' }] });
    expect(away.away('2026-05-02T10:00:00Z')).toBe('absent');
  });
});

describe('calendars', () => {
  const exact = {
    kind: 'exact',
    fromMs: Date.parse('2026-05-04T10:00:00Z'),
    toMs: Date.parse('2026-05-04T11:00:00Z'),
  } as const;
  const day = { kind: 'local', from: '2026-05-05T00:00:00', to: '2026-05-06T00:00:00' } as const;

  test('make a member absent, exactly or on the member’s clocks', () => {
    const away = ann({ calendar: 'ann.ics', timeZone: 'America/New_York' }, {}, { 'ann.ics': [exact, day] });
    expect(away.away('2026-05-04T09:59:59Z')).toBeNull();
    expect(away.away('2026-05-04T10:00:00Z')).toBe('absent');
    expect(away.away('2026-05-04T11:00:00Z')).toBeNull();
    expect(away.away('2026-05-05T03:59:59Z')).toBeNull();
    expect(away.away('2026-05-05T04:00:00Z')).toBe('absent');
    expect(away.away('2026-05-06T04:00:00Z')).toBeNull();
  });

  test('of a team are days off, on which who is on call can still be called', () => {
    const away = ann({}, { calendar: 'holidays.ics' }, { 'holidays.ics': [day] });
    expect(away.away('2026-05-05T12:00:00Z')).toBe('off shift');
    expect(away.away('2026-05-06T12:00:00Z')).toBeNull();
  });

  test('that were never read keep nobody away', () => {
    expect(ann({ calendar: 'ann.ics' }, { calendar: 'team.ics' }).away('2026-05-05T12:00:00Z')).toBeNull();
  });
});

describe('whoever nobody knows', () => {
  test('does not work', () => {
    const roster = rosterOf(teamsWith(), new Map());
    const now = new Date('2026-05-04T10:00:00Z');
    for (const team of ['Other', '', '__proto__', 'constructor', '服务台', 'x'.repeat(100_000)]) {
      expect(roster.whyAway(team, 'ann', now)).toBe('absent');
      expect(roster.onCall(team, now)).toEqual([]);
    }
    for (const accountId of ['bob', '', '__proto__', 'ANN'])
      expect(roster.whyAway('Desk', accountId, now)).toBe('absent');
  });
});
