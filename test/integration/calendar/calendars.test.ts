import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spansApart } from '../../../src/adapters/calendar/apart.ts';
import { calendarFaults } from '../../../src/adapters/calendar/read.ts';
import { openCalendars } from '../../../src/compose/calendars.ts';
import { PermanentError, TransientError } from '../../../src/domain/errors.ts';
import { type Teams, TeamsSchema } from '../../../src/domain/playbook/teams.ts';
import { calendar, event, series } from '../../unit/adapters/calendar/support.ts';
import { CERTIFICATE, calendarHost, everyNameIsHere } from './support.ts';

const NOW = new Date('2026-04-01T12:00:00Z');
const AWAY_TODAY = calendar(...event('DTSTART;VALUE=DATE:20260401'));
const AWAY_TOMORROW = calendar(...event('DTSTART;VALUE=DATE:20260402'));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'triage-calendars-'));
  await writeFile(join(folder, 'today.ics'), AWAY_TODAY);
  await writeFile(join(folder, 'broken.ics'), calendar(...series('DTSTART:20260401T090000Z', 'RRULE:FREQ=SOMETIMES')));
});
afterAll(() => rm(folder, { recursive: true }));

/** One team, `Desk`, with a calendar for each member that has one. */
function teamsWith(calendars: Readonly<Record<string, string | undefined>>): Teams {
  const members = Object.entries(calendars).map(([accountId, named]) => ({
    accountId,
    name: accountId,
    calendar: named,
  }));
  return TeamsSchema.parse({ teams: { Desk: { takes: [], members } } });
}

function opened(teams: () => Teams) {
  const warnings: unknown[] = [];
  const log = { warn: (facts: unknown) => void warnings.push(facts) };
  const web = { allowedHosts: ['calendar.example'], ca: CERTIFICATE, lookup: everyNameIsHere };
  const coming = openCalendars(teams, { configFolder: folder, ...web }, { clock: { now: () => NOW }, log });
  return { coming, warnings };
}

describe('a calendar read in a process of its own', () => {
  const window = { fromMs: Date.parse('2026-03-28T00:00:00Z'), toMs: Date.parse('2026-03-31T00:00:00Z') };

  test('is read on UTC’s clock, whatever ours is', async () => {
    const text = calendar(
      ...series('DTSTART:20260328T090000', 'DURATION:PT1H', 'RRULE:FREQ=DAILY;COUNT=2'),
      ...event('DTSTART;VALUE=DATE:20260329'),
    );
    expect(await spansApart(text, window)).toEqual([
      { kind: 'local', from: '2026-03-28T09:00:00', to: '2026-03-28T10:00:00' },
      { kind: 'local', from: '2026-03-29T09:00:00', to: '2026-03-29T10:00:00' },
      { kind: 'local', from: '2026-03-29T00:00:00', to: '2026-03-30T00:00:00' },
    ]);
  });

  test('is refused in words of ours when it is none, however long it is', async () => {
    const refused = new PermanentError('it is not an iCal calendar, or holds more than can be read');
    await expect(spansApart('', window)).rejects.toEqual(refused);
    await expect(spansApart('secret '.repeat(700_000), window)).rejects.toEqual(refused);
  });

  test('can be stopped', async () => {
    const stopping = new AbortController();
    const coming = spansApart(AWAY_TODAY, window, stopping.signal);
    stopping.abort();
    await expect(coming).rejects.toThrow(TransientError);
  });
});

describe('calendars of a playbook', () => {
  test('are faulty where a file cannot be read or an address must not be tried, each named by its place', async () => {
    const teams = teamsWith({
      ann: 'today.ics',
      bob: 'nowhere.ics',
      cy: 'broken.ics',
      dee: '../teams.yaml',
      eve: 'webcal://calendar.example/a.ics',
      flo: 'https://nobody.example/a.ics',
      gus: 'broken.ics',
      hal: undefined,
    });
    const faults = await calendarFaults(teams, folder);
    expect(faults.map(({ path, why }) => `${path.join('.')}: ${why}`)).toEqual([
      'teams.Desk.members.1.calendar: cannot be read: there is no file nowhere.ics',
      'teams.Desk.members.2.calendar: cannot be read: it is not an iCal calendar, or holds more than can be read',
      'teams.Desk.members.3.calendar: cannot be read: there is no file ../teams.yaml',
      'teams.Desk.members.4.calendar: begins with webcal://; write https://',
      'teams.Desk.members.6.calendar: cannot be read: it is not an iCal calendar, or holds more than can be read',
    ]);
  });

  test('of files and hosts tell who is away', async () => {
    await using host = await calendarHost((_, response) => response.end(AWAY_TODAY));
    const address = `https://calendar.example:${host.port}/secret`;
    const { coming, warnings } = opened(() =>
      teamsWith({ ann: 'today.ics', bob: address, cy: address, dee: undefined }),
    );
    await using calendars = await coming;
    const roster = calendars.roster();
    const away = ['ann', 'bob', 'cy', 'dee'].map((person) => roster.whyAway('Desk', person, NOW));
    expect(away).toEqual(['absent', 'absent', 'absent', null]);
    expect(host.asked).toEqual(['/secret']);
    expect(warnings).toEqual([]);
  });

  test('that do not answer are a warning without their address, and keep nobody away', async () => {
    await using host = await calendarHost((_, response) => response.writeHead(500).end());
    const teams = teamsWith({ ann: `https://calendar.example:${host.port}/secret`, bob: 'today.ics' });
    const { coming, warnings } = opened(() => teams);
    await using calendars = await coming;
    expect(calendars.roster().whyAway('Desk', 'ann', NOW)).toBeNull();
    expect(calendars.roster().whyAway('Desk', 'bob', NOW)).toBe('absent');
    expect(warnings).toEqual([
      {
        places: ['teams.Desk.members.0.calendar'],
        from: `calendar.example:${host.port}`,
        why: `calendar.example:${host.port} answered 500`,
        instead: 'nobody is away because of it',
      },
    ]);
  });

  test('hold as they were read last while they cannot be read', async () => {
    let text: string | null = AWAY_TODAY;
    await using host = await calendarHost((_, response) =>
      text === null ? response.writeHead(503).end() : response.end(text),
    );
    const teams = teamsWith({ ann: `https://calendar.example:${host.port}/` });
    const { coming, warnings } = opened(() => teams);
    await using calendars = await coming;
    const isAway = () => calendars.roster().whyAway('Desk', 'ann', NOW) === 'absent';
    expect(isAway()).toBe(true);
    text = null;
    await calendars.refresh();
    expect(isAway()).toBe(true);
    expect(warnings).toEqual([expect.objectContaining({ instead: 'what was read last holds' })]);
    text = '<html>Sign in</html>';
    await calendars.refresh();
    expect(isAway()).toBe(true);
    text = AWAY_TOMORROW;
    await calendars.refresh();
    expect(isAway()).toBe(false);
  });

  test('follow the playbook: a new one’s calendars are read at once, an old one’s forgotten', async () => {
    await writeFile(join(folder, 'own.ics'), AWAY_TODAY);
    let teams = teamsWith({ ann: undefined });
    const { coming } = opened(() => teams);
    await using calendars = await coming;
    const why = () => calendars.roster().whyAway('Desk', 'ann', NOW);
    const before = calendars.roster();
    expect(calendars.roster()).toBe(before);
    expect(why()).toBeNull();
    teams = teamsWith({ ann: 'own.ics' });
    await expect.poll(why).toBe('absent');
    expect(calendars.roster()).not.toBe(before);
    await rm(join(folder, 'own.ics'));
    await calendars.refresh();
    expect(why()).toBe('absent');
    teams = teamsWith({ ann: undefined });
    await calendars.refresh();
    teams = teamsWith({ ann: 'own.ics' });
    await calendars.refresh();
    expect(why()).toBeNull();
  });

  test('are read no more once they are closed, whatever is under way', async () => {
    const asked = Promise.withResolvers<void>();
    await using host = await calendarHost(() => asked.resolve());
    const teams = teamsWith({ ann: undefined });
    let named = teams;
    const { coming, warnings } = opened(() => named);
    const calendars = await coming;
    named = teamsWith({
      ann: `https://calendar.example:${host.port}/`,
      bob: `https://calendar.example:${host.port}/b`,
    });
    calendars.roster();
    await asked.promise;
    await calendars[Symbol.asyncDispose]();
    await calendars.refresh();
    expect(host.asked.length).toBeLessThanOrEqual(2);
    expect(warnings).toEqual([]);
  });
});
