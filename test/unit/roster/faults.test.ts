import { describe, expect, test } from 'vitest';
import { scheduleFaults } from '../../../src/roster/faults.ts';
import { ANN, type TeamDraft, teamsWith } from './support.ts';

function faultsOf(team: Partial<TeamDraft>): string[] {
  return scheduleFaults(teamsWith(team)).map(({ path, why }) => `${path.join('.')}: ${why}`);
}

describe('hours', () => {
  test('that follow each other are fine, also over midnight and at the turn of the week', () => {
    const hours: TeamDraft['hours'] = [
      { from: '06:00', to: '14:00' },
      { from: '14:00', to: '22:00' },
      { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], from: '22:00', to: '06:00' },
      { days: ['sat', 'sun'], from: '06:00', to: '22:00' },
    ];
    expect(faultsOf({ hours, members: [{ ...ANN, hours }] })).toEqual([]);
    expect(faultsOf({ hours: [{ from: '00:00', to: '24:00' }] })).toEqual([]);
  });

  test('that overlap on a day are named with both entries', () => {
    const hours: TeamDraft['hours'] = [
      { days: ['mon', 'tue'], from: '08:00', to: '12:00' },
      { days: ['tue', 'wed'], from: '11:59', to: '16:00' },
    ];
    expect(faultsOf({ hours })).toEqual(['teams.Desk.hours.1: tue overlaps entry 1 (tue)']);
    expect(faultsOf({ members: [{ ...ANN, hours }] })).toEqual([
      'teams.Desk.members.0.hours.1: tue overlaps entry 1 (tue)',
    ]);
  });

  test('of a night overlap the next morning, from Sunday into Monday too', () => {
    expect(
      faultsOf({
        hours: [
          { days: ['mon'], from: '05:00', to: '09:00' },
          { days: ['sun'], from: '22:00', to: '06:00' },
        ],
      }),
    ).toEqual(['teams.Desk.hours.1: sun overlaps entry 1 (mon)']);
  });

  test('of a day named twice overlap themselves', () => {
    expect(faultsOf({ hours: [{ days: ['mon', 'mon'], from: '09:00', to: '17:00' }] })).toEqual([
      'teams.Desk.hours.0: mon overlaps entry 1 (mon)',
    ]);
  });

  test('must not end when they begin, nor begin at the end of a day', () => {
    expect(faultsOf({ hours: [{ from: '09:00', to: '09:00' }] })).toEqual([
      'teams.Desk.hours.0: ends when it begins; a whole day is from "00:00" to "24:00"',
    ]);
    expect(faultsOf({ hours: [{ from: '24:00', to: '06:00' }] })).toEqual([
      'teams.Desk.hours.0: begins at "24:00"; write "00:00" and the next day',
    ]);
  });
});

describe('absences', () => {
  test('must not end before they begin; one day is fine', () => {
    const absences = [
      { from: '2026-12-24', to: '2026-12-24' },
      { from: '2026-12-31', to: '2026-01-02' },
    ];
    expect(faultsOf({ members: [{ ...ANN, absences }] })).toEqual([
      'teams.Desk.members.0.absences.1: ends on 2026-01-02, before it begins on 2026-12-31',
    ]);
  });
});

describe('on call', () => {
  const members = [ANN, { accountId: 'bob', name: 'Bob' }];
  const onCall = (parts: Partial<NonNullable<TeamDraft['onCall']>>) =>
    faultsOf({ members, onCall: { order: ['ann', 'bob'], since: '2026-01-05', ...parts } });

  test('is for members of the team', () => {
    expect(onCall({})).toEqual([]);
    expect(onCall({ order: ['ann', 'cy', '__proto__'] })).toEqual([
      'teams.Desk.onCall.order.1: "cy" is not a member of this team',
      'teams.Desk.onCall.order.2: "__proto__" is not a member of this team',
    ]);
    expect(onCall({ shifts: [{ accountId: 'cy', from: '2026-01-05T08:00', to: '2026-01-06T08:00' }] })).toEqual([
      'teams.Desk.onCall.shifts.0: "cy" is not a member of this team',
    ]);
  });

  test('shifts must not overlap, end before they begin, or lie on days that do not exist', () => {
    const shift = (from: string, to: string) => ({ accountId: 'ann', from, to });
    expect(
      onCall({
        shifts: [
          shift('2026-01-05T08:00', '2026-01-06T08:00'),
          shift('2026-01-06T08:00', '2026-01-07T08:00'),
          shift('2026-01-05T20:00', '2026-01-05T21:00'),
        ],
      }),
    ).toEqual(['teams.Desk.onCall.shifts.2: overlaps entry 1']);
    expect(onCall({ shifts: [shift('2026-01-05T08:00', '2026-01-05T08:00')] })).toEqual([
      'teams.Desk.onCall.shifts.0: ends at 2026-01-05T08:00, not after it begins at 2026-01-05T08:00',
    ]);
    expect(onCall({ shifts: [shift('2026-02-30T08:00', '2026-03-01T08:00')] })).toEqual([
      'teams.Desk.onCall.shifts.0: 2026-02-30T08:00 is not in the calendar',
    ]);
  });
});

test('a path leads through team names as they are written', () => {
  const teams = {
    ...teamsWith(),
    teams: { 'R&D, 研发.部': teamsWith({ hours: [{ from: '09:00', to: '09:00' }] }).teams['Desk'] },
  };
  expect(scheduleFaults(JSON.parse(JSON.stringify(teams)))[0]?.path).toEqual(['teams', 'R&D, 研发.部', 'hours', 0]);
});
