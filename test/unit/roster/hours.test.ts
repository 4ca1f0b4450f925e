import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ann } from './support.ts';

const OFFICE = [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'] as ('mon' | 'tue')[], from: '09:00', to: '17:00' }];

describe('working hours', () => {
  test('are around the clock where neither team nor member says any', () => {
    expect(ann({}).away('2026-03-29T01:30:00Z')).toBeNull();
  });

  test('are the member’s own before the team’s', () => {
    const late = ann({ hours: [{ from: '17:00', to: '20:00' }] }, { hours: [{ from: '09:00', to: '17:00' }] });
    expect(late.away('2026-05-04T10:00:00Z')).toBe('off shift');
    expect(late.away('2026-05-04T18:00:00Z')).toBeNull();
    expect(ann({}, { hours: [{ from: '09:00', to: '17:00' }] }).away('2026-05-04T10:00:00Z')).toBeNull();
  });

  test('begin with their first minute and end before their last', () => {
    const office = ann({ hours: OFFICE, timeZone: 'UTC' });
    expect(office.away('2026-05-04T08:59:59.999Z')).toBe('off shift');
    expect(office.away('2026-05-04T09:00:00Z')).toBeNull();
    expect(office.away('2026-05-04T16:59:59.999Z')).toBeNull();
    expect(office.away('2026-05-04T17:00:00Z')).toBe('off shift');
  });

  test('are on weekdays where nothing else is said', () => {
    const office = ann({ hours: [{ from: '00:00', to: '24:00' }] });
    expect(office.away('2026-05-01T23:59:59Z')).toBeNull();
    expect(office.away('2026-05-02T00:00:00Z')).toBe('off shift');
    expect(office.away('2026-05-03T23:59:59Z')).toBe('off shift');
    expect(office.away('2026-05-04T00:00:00Z')).toBeNull();
  });

  test('past midnight belong to the day they begin on', () => {
    const night = ann({ hours: [{ days: ['fri'], from: '22:00', to: '06:00' }] });
    expect(night.away('2026-05-01T05:00:00Z')).toBe('off shift');
    expect(night.away('2026-05-01T22:00:00Z')).toBeNull();
    expect(night.away('2026-05-02T05:59:59Z')).toBeNull();
    expect(night.away('2026-05-02T06:00:00Z')).toBe('off shift');
    expect(night.away('2026-05-02T22:00:00Z')).toBe('off shift');
  });

  test('until 00:00 are until the end of the day', () => {
    const late = ann({ hours: [{ days: ['sun'], from: '20:00', to: '00:00' }] });
    expect(late.away('2026-05-03T23:59:00Z')).toBeNull();
    expect(late.away('2026-05-04T00:00:00Z')).toBe('off shift');
  });
});

describe('time zones', () => {
  test.each([
    ['Europe/Berlin', '2026-03-27T08:00:00Z', '2026-03-30T07:00:00Z'],
    ['America/New_York', '2026-03-06T14:00:00Z', '2026-03-09T13:00:00Z'],
    ['Asia/Kolkata', '2026-03-27T03:30:00Z', '2026-03-30T03:30:00Z'],
    ['Pacific/Apia', '2026-03-26T20:00:00Z', '2026-03-29T20:00:00Z'],
    ['Australia/Lord_Howe', '2026-04-02T22:00:00Z', '2026-04-05T22:30:00Z'],
    ['+05:45', '2026-03-27T03:15:00Z', '2026-03-30T03:15:00Z'],
  ])('nine o’clock in %s is nine o’clock before and after the clocks change', (timeZone, before, after) => {
    const office = ann({ hours: OFFICE, timeZone });
    for (const start of [before, after].map(Date.parse)) {
      expect(office.away(new Date(start - 1).toISOString())).toBe('off shift');
      expect(office.away(new Date(start).toISOString())).toBeNull();
      expect(office.away(new Date(start + 8 * 3_600_000).toISOString())).toBe('off shift');
    }
  });

  test('of the member go before the team’s', () => {
    const away = ann({ hours: OFFICE, timeZone: 'Asia/Kolkata' }, { timeZone: 'America/New_York' });
    expect(away.away('2026-05-04T04:00:00Z')).toBeNull();
    expect(ann({ hours: OFFICE }, { timeZone: 'America/New_York' }).away('2026-05-04T04:00:00Z')).toBe('off shift');
  });

  test('a night on which clocks go forward is an hour shorter', () => {
    const night = ann({ hours: [{ days: ['sat'], from: '22:00', to: '06:00' }], timeZone: 'Europe/Berlin' });
    expect(night.away('2026-03-28T21:00:00Z')).toBeNull();
    expect(night.away('2026-03-29T03:59:59Z')).toBeNull();
    expect(night.away('2026-03-29T04:00:00Z')).toBe('off shift');
  });

  test('a night on which clocks go back is an hour longer', () => {
    const night = ann({ hours: [{ days: ['sat'], from: '22:00', to: '06:00' }], timeZone: 'Europe/Berlin' });
    expect(night.away('2026-10-24T20:00:00Z')).toBeNull();
    expect(night.away('2026-10-25T04:59:59Z')).toBeNull();
    expect(night.away('2026-10-25T05:00:00Z')).toBe('off shift');
  });

  test('a start that the clocks skip counts by the offset before, and hours within the skipped time do not exist', () => {
    const sunday = (from: string, to: string) =>
      ann({ hours: [{ days: ['sun'], from, to }], timeZone: 'Europe/Berlin' });
    const early = sunday('02:30', '08:00');
    expect(early.away('2026-03-29T01:29:59Z')).toBe('off shift');
    expect(early.away('2026-03-29T01:30:00Z')).toBeNull();
    const skipped = sunday('02:00', '03:00');
    for (let ms = Date.parse('2026-03-28T23:00:00Z'); ms < Date.parse('2026-03-29T22:00:00Z'); ms += 600_000)
      expect(skipped.away(new Date(ms).toISOString())).toBe('off shift');
  });

  test('a time that comes twice is the first of the two, so that hours stay in one piece', () => {
    const sunday = ann({ hours: [{ days: ['sun'], from: '01:00', to: '02:30' }], timeZone: 'Europe/Berlin' });
    expect(sunday.away('2026-10-25T00:29:59Z')).toBeNull();
    expect(sunday.away('2026-10-25T00:30:00Z')).toBe('off shift');
    expect(sunday.away('2026-10-25T01:15:00Z')).toBe('off shift');
  });

  test('a day that never was has no hours', () => {
    const apia = ann({ hours: [{ days: ['fri'], from: '09:00', to: '17:00' }], timeZone: 'Pacific/Apia' });
    for (let ms = Date.parse('2011-12-29T10:00:00Z'); ms < Date.parse('2011-12-31T10:00:00Z'); ms += 1_800_000)
      expect(apia.away(new Date(ms).toISOString())).toBe('off shift');
  });

  test('somebody who works from 00:00 to 24:00 every day is never off, wherever and whenever', () => {
    const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
    const zones = ['Europe/Berlin', 'America/Santiago', 'Asia/Beirut', 'Pacific/Apia', 'Africa/Casablanca'];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.date({ min: new Date('2010-01-01'), max: new Date('2038-01-01'), noInvalidDate: true }),
        (timeZone, at) => {
          const always = ann({ hours: [{ days: [...days], from: '00:00', to: '24:00' }], timeZone });
          expect(always.away(at.toISOString())).toBeNull();
        },
      ),
    );
  });
});
