import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JiraSite } from '../../fakes/jira/door.ts';
import { type Colleague, openColleague, people, type TeamsInput } from '../../support/colleague.ts';
import { TEAM_FIELD } from '../../support/desk.ts';
import { calendar, event } from '../../unit/adapters/calendar/support.ts';

const DAY_MS = 24 * 3_600_000;
/** Days are counted in UTC; far enough from today that midnight may pass meanwhile. */
const day = (from: number) => new Date(Date.now() + from * DAY_MS).toISOString().slice(0, 10);
const AWAY = [{ from: day(-2), to: day(2) }];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const notNow = WEEKDAYS[(new Date().getUTCDay() + 3) % 7] ?? 'sun';
const absent = (accountId: string) => ({ accountId, name: accountId, absences: AWAY });

const teams: TeamsInput = {
  Turns: { takes: ['turns'], policy: 'round-robin', members: people('turn-1', 'turn-2', 'turn-3') },
  Loads: { takes: ['loads'], policy: 'least-loaded', capacity: 3, members: people('load-1', 'load-2', 'load-3') },
  Past: { takes: ['past'], policy: 'past-resolver', members: people('past-1', 'past-2', 'past-3') },
  Lead: { takes: ['lead'], policy: 'component-lead', members: people('lead-1', 'lead-2') },
  Early: {
    takes: ['early'],
    policy: 'on-call',
    hours: [{ days: [notNow], from: '00:00', to: '24:00' }],
    onCall: { order: ['call-1', 'call-2'], rotate: 'weekly', since: day(-3), at: '00:00' },
    members: people('call-1', 'call-2'),
  },
  Late: {
    takes: ['late'],
    policy: 'on-call',
    onCall: { order: ['call-1', 'call-2'], rotate: 'weekly', since: day(-10), at: '00:00' },
    members: people('call-1', 'call-2'),
  },
  Few: {
    takes: ['few', 'many'],
    policy: 'round-robin',
    members: [
      { accountId: 'few-ical', name: 'few-ical', calendar: 'leave.ics' },
      absent('few-leave'),
      {
        accountId: 'few-shift',
        name: 'few-shift',
        hours: [{ days: [notNow], from: '00:00', to: '24:00' }],
      },
      { accountId: 'few-skill', name: 'few-skill', skills: ['many'] },
      ...people('few-free'),
    ],
  },
  Gone: { takes: ['gone'], policy: 'round-robin', members: [absent('gone-1')], escalation: 'Backup' },
  Backup: { takes: [], policy: 'round-robin', members: people('backup-1') },
  Void: { takes: ['void'], policy: 'round-robin', members: [absent('void-1')], escalation: 'Abyss' },
  Abyss: { takes: [], policy: 'round-robin', members: [absent('void-2')] },
};

describe('a ticket is routed', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague({
      teams,
      targets: { component: { kind: 'component', mode: 'auto' } },
      alongside: { lead: { component: 'Print' } },
      files: {
        'leave.ics': calendar(
          ...event(
            `DTSTART;VALUE=DATE:${day(-2).replaceAll('-', '')}`,
            `DTEND;VALUE=DATE:${day(3).replaceAll('-', '')}`,
          ),
        ),
      },
    });
    desk.site.addUser({ accountId: 'past-gone' });
    desk.site.administer({ kind: 'component-lead', projectKey: 'IT', component: 'Print', accountId: 'lead-2' });
    seedLoads(desk.site);
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  /** Team and person on the site, and who was passed over with the reason. */
  const routed = async (summary: string) => {
    const key = await desk.report(summary);
    const { assignee, custom } = desk.now(key);
    const { decisions, deliveries } = await desk.admin.story(key);
    const { passedOver = [], escalatedFrom } = decisions[0]?.routing ?? {};
    return {
      key,
      team: custom[TEAM_FIELD],
      assignee,
      escalatedFrom,
      passedOver: Object.fromEntries(passedOver.map(({ accountId, why }) => [accountId, why])),
      verdicts: decisions[0]?.verdicts ?? {},
      ends: deliveries.map(({ state }) => state),
    };
  };

  test('by turns, which are fair over a restart', async () => {
    const given: (string | null)[] = [];
    for (let ticket = 0; ticket < 4; ticket++) given.push((await routed('turns please')).assignee);
    expect(new Set(given.slice(0, 3)).size).toBe(3);
    await desk.start();
    for (let ticket = 4; ticket < 9; ticket++) given.push((await routed('turns please')).assignee);
    const counts = Map.groupBy(given, (person) => person);
    expect([...counts.values()].map(({ length }) => length)).toEqual([3, 3, 3]);
    const { assignee, passedOver } = await routed('turns please');
    const others = ['turn-1', 'turn-2', 'turn-3'].filter((person) => person !== assignee);
    expect(passedOver).toEqual(Object.fromEntries(others.map((person) => [person, 'had a turn more recently'])));
  });

  test('to whoever has fewest open tickets, and to nobody beyond their capacity', async () => {
    const first = await routed('loads of work');
    expect(first).toMatchObject({
      assignee: 'load-2',
      passedOver: { 'load-1': 'has 2 open issues, others fewer', 'load-3': 'has 3 open issues, 3 are allowed' },
    });
    const next = [await routed('loads of work'), await routed('loads of work')];
    expect(next.map(({ assignee }) => assignee).toSorted()).toEqual(['load-1', 'load-2']);
    const last = await routed('loads of work');
    const full = 'has 3 open issues, 3 are allowed';
    expect(last).toMatchObject({
      team: 'Loads',
      assignee: null,
      ends: ['triaged', 'ignored'],
      passedOver: { 'load-1': full, 'load-2': full, 'load-3': full },
    });
    const open = desk.site.issues().map(({ assignee }) => assignee);
    for (const person of ['load-1', 'load-2', 'load-3'])
      expect(open.filter((assignee) => assignee === person)).toHaveLength(3);
  });

  test('to who finished most such tickets and is still in the team', async () => {
    for (const assignee of ['past-gone', 'past-gone', 'past-gone', 'past-2', 'past-2', 'past-1'])
      await desk.finish({ summary: 'Label printer jams in the past week', assignee, labels: ['cat-past'] });
    expect(await routed('Label printer jams as in the past')).toMatchObject({
      assignee: 'past-2',
      passedOver: {
        'past-gone': 'not in team Past',
        'past-1': 'solved fewer such tickets',
        'past-3': 'solved no such ticket',
      },
    });
  });

  test('to who leads its component', async () => {
    const { key, assignee, passedOver } = await routed('lead me');
    expect(desk.now(key).components).toEqual(['Print']);
    expect(assignee).toBe('lead-2');
    expect(passedOver).toEqual({ 'lead-1': 'does not lead Print' });
  });

  test('to whoever is on call in this week of the calendar, also off shift', async () => {
    expect(await routed('early bird')).toMatchObject({
      assignee: 'call-1',
      passedOver: { 'call-2': 'only stands in' },
    });
    expect(await routed('late bird')).toMatchObject({ assignee: 'call-2', passedOver: { 'call-1': 'only stands in' } });
  });

  test('past those who are away by calendar or leave, off shift, or without the skill', async () => {
    expect(await routed('few are here')).toMatchObject({
      assignee: 'few-free',
      passedOver: {
        'few-ical': 'absent',
        'few-leave': 'absent',
        'few-shift': 'off shift',
        'few-skill': 'does not take few',
      },
    });
    const again = [await routed('many are here'), await routed('many are here')];
    expect(again.map(({ assignee }) => assignee).toSorted()).toEqual(['few-free', 'few-skill']);
  });

  test('to the next team where nobody can take it, and to its own queue where nobody can there either', async () => {
    expect(await routed('gone fishing')).toMatchObject({
      team: 'Backup',
      assignee: 'backup-1',
      escalatedFrom: 'Gone',
      passedOver: { 'gone-1': 'absent' },
    });
    expect(await routed('void of people')).toMatchObject({
      team: 'Void',
      assignee: null,
      escalatedFrom: null,
      passedOver: { 'void-1': 'absent', 'void-2': 'absent' },
      verdicts: { assignee: { kind: 'abstain', reason: 'nobody-eligible' } },
      ends: ['triaged', 'ignored'],
    });
    expect(desk.site.violations).toEqual([]);
  });
});

/** Open tickets that people have already. */
function seedLoads(site: JiraSite): void {
  const open = { 'load-1': 2, 'load-2': 1, 'load-3': 3 };
  for (const [assignee, count] of Object.entries(open))
    for (let index = 0; index < count; index++) site.addIssue({ projectKey: 'IT', summary: 'Earlier work', assignee });
}
