import { describe, expect, test, vi } from 'vitest';
import { DecisionSchema } from '../../../src/domain/decision/decision.ts';
import { noticeBurst } from '../../../src/triage/burst.ts';
import { triage } from '../../../src/triage/triage.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { deskTickets } from '../../support/desk.ts';
import { decisionWith, deliveryWith, freshId, issueWith, playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
import { freeDesk } from '../../support/routing.ts';
import { deskWith } from '../support/tracker.ts';

const NOON = Date.parse('2026-05-01T12:00:00.000Z');
const minute = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();

/** A ticket that came in so many minutes after noon. */
function ticketAt(minutes: number, [summary, text]: readonly [string, string], project = 'IT') {
  const id = freshId();
  return issueWith({ id, key: `${project}-${id}`, project, summary, text, created: minute(minutes) });
}

const PRINTER = ['Printer on floor 3 jams', 'Paper jam in the copier room.'] as const;
const FULL_DESK = deskTickets().history.map(({ summary, description }) => [summary, description] as const);

/** Different people on one fault, each in their own words. */
const REPORTS = {
  'SAP, in English': [
    ['SAP is not responding', 'SAP GUI freezes on the logon screen of P01. Three people in dispatch affected.'],
    ['Cannot log on to SAP P01', "Logon hangs, then 'partner not reached'. Deliveries can't be posted."],
    ['SAP P01 down', 'partner not reached error when I open SAP. Trucks are waiting!'],
    ['ERP not available', 'Nobody in the warehouse can get into SAP, hourglass only.'],
    ['SAP GUI error: partner not reached', 'Get this error on P01 since 10 minutes, test system works.'],
    ['SAP logon not possible', 'When opening P01 the SAP window just hangs. My colleague sees: partner not reached.'],
  ],
  'Wi-Fi, in German': [
    ['WLAN geht nicht', 'Seit heute früh keine Verbindung mit dem WLAN in Halle 2, Scanner zeigen alle offline.'],
    ['Kein WLAN in Halle 2', 'Die MDE-Geräte verbinden sich nicht mehr. Kommissionierung steht!'],
    ['WLAN-Ausfall Halle 2', 'Die Scanner und Tablets haben kein Netz, WLAN-Verbindung wird immer wieder getrennt.'],
    ['Scanner verlieren ständig Verbindung', 'Alle Scanner in der Halle 2 haben kein WLAN. Bitte dringend prüfen.'],
    ['WLAN Verbindung nicht möglich', 'Auch die Laptops im Hallenbüro kommen nicht ins WLAN, Halle 2.'],
    ['Netzwerk in der Halle weg', 'Stapler-Terminals und Scanner offline, kein WLAN-Symbol mehr.'],
  ],
  'VPN, in Chinese': [
    ['VPN连不上', '在家办公，VPN一直显示正在连接，然后提示网关无响应。'],
    ['VPN无法连接', '今天早上VPN客户端提示网关无响应，试了好几次都不行。'],
    ['远程连接不了公司网络', 'VPN连接失败，网关没有响应，家里网络正常。'],
    ['VPN断开后无法重连', 'VPN掉线之后再也连接不上了，同事说他们也一样。'],
    ['VPN网关无响应', '在酒店连VPN，一直连接不上，提示网关无响应。'],
    ['VPN登录失败', '点连接之后转圈三十秒，然后提示无法连接VPN网关。'],
  ],
} as const;

function desk(bursts: Parameters<typeof playbookWith>[0] = {}) {
  const ledger = ledgerFake();
  const playbook = playbookWith({ projects: ['IT', 'HR'], ...bursts });
  const notice = (issue: ReturnType<typeof ticketAt>) => noticeBurst(issue, playbook, { ledger });
  const noticeAll = async (issues: readonly ReturnType<typeof ticketAt>[]) => {
    const noticed = [];
    for (const issue of issues) noticed.push(await notice(issue));
    return noticed;
  };
  /** A hundred ordinary tickets, one every ten minutes until noon. */
  const withTraffic = () =>
    noticeAll(FULL_DESK.slice(0, 100).map((words, index) => ticketAt(-1000 + index * 10, words)));
  return { ledger, playbook, notice, noticeAll, withTraffic };
}

describe('noticing a burst', () => {
  test.each(Object.entries(REPORTS))('finds one fault in many words: %s', async (_fault, reports) => {
    const { ledger, noticeAll, withTraffic } = desk();
    await withTraffic();
    const between = FULL_DESK.slice(100, 106);
    const issues = reports.flatMap((words, index) => [
      ticketAt(index * 2, words),
      ticketAt(index * 2 + 1, between[index] ?? PRINTER),
    ]);
    await noticeAll(issues);
    const [burst, ...others] = await ledger.bursts(50);
    expect(others).toEqual([]);
    const reported = issues.filter((_, index) => index % 2 === 0).map(({ key }) => key);
    expect(reported).toEqual(expect.arrayContaining([...(burst?.members ?? [])]));
    expect(burst?.members.length).toBeGreaterThanOrEqual(5);
  });

  test('ordinary tickets, one a minute, are none', async () => {
    const { ledger, noticeAll } = desk();
    const noticed = await noticeAll(FULL_DESK.map((words, index) => ticketAt(index, words)));
    expect(noticed.filter((joined) => joined !== null)).toEqual([]);
    expect(await ledger.bursts(50)).toEqual([]);
  });

  test('the fifth like ticket opens it, the sixth joins', async () => {
    const { ledger, noticeAll } = desk();
    const issues = [0, 1, 2, 3, 4, 5].map((at) => ticketAt(at, PRINTER));
    const noticed = await noticeAll(issues);
    const [burst] = await ledger.bursts(50);
    expect(noticed).toEqual([
      ...[null, null, null, null],
      { id: burst?.id, members: 5, isNew: true },
      { id: burst?.id, members: 6, isNew: false },
    ]);
    expect(burst).toMatchObject({ project: 'IT', openedAt: minute(0), lastAt: minute(5) });
    expect(burst?.members).toEqual(issues.map(({ key }) => key));
  });

  test('a ticket that is triaged again, edited or not, counts once', async () => {
    const { ledger, notice, noticeAll } = desk();
    const issues = [0, 1, 2, 3].map((at) => ticketAt(at, PRINTER));
    await noticeAll([...issues, ...issues]);
    for (const issue of issues) await notice({ ...issue, text: 'Paper jam again.' });
    expect(await ledger.bursts(50)).toEqual([]);
  });

  test('a member that is triaged again days later is still in its burst, which is not opened twice', async () => {
    const { notice, noticeAll } = desk();
    const issues = [0, 1, 2, 3, 4].map((at) => ticketAt(at, PRINTER));
    const opened = (await noticeAll(issues)).at(-1);
    await noticeAll(FULL_DESK.slice(0, 50).map((words, index) => ticketAt(3000 + index, words)));
    expect(await notice(issues[0] ?? ticketAt(0, PRINTER))).toEqual({ ...opened, isNew: false });
  });

  test.each([
    ['in any order', [4, 0, 3, 1, 2]],
    ['at the edge of the time', [0, 3, 7, 11, 15]],
  ])('they make one %s', async (_what, times) => {
    const { ledger, noticeAll } = desk();
    await noticeAll(times.map((at) => ticketAt(at, PRINTER)));
    expect(await ledger.bursts(50)).toMatchObject([{ members: { length: 5 } }]);
  });

  test.each([
    ['spread over more than the time', [0, 4, 8, 12, 16]],
    ['around the third, but not together', [0, 1, 15, 29, 30]],
  ])('they make none when %s', async (_what, times) => {
    const { ledger, notice, noticeAll } = desk();
    const issues = times.map((at) => ticketAt(at, PRINTER));
    await noticeAll(issues);
    for (const issue of issues) await notice(issue);
    expect(await ledger.bursts(50)).toEqual([]);
  });

  test('tickets of one minute ask for the same ordinary traffic, so that one answer serves all', async () => {
    const { ledger, noticeAll } = desk();
    await noticeAll([0, 1, 2, 3].map((at) => ticketAt(at, PRINTER)));
    using asked = vi.spyOn(ledger, 'arrivals');
    await noticeAll([4.1, 4.5, 4.9].map((at) => ticketAt(at, PRINTER)));
    const ordinary = asked.mock.calls.filter(([{ isOrdinary }]) => isOrdinary).map(([{ until }]) => until);
    expect(ordinary).toEqual([minute(-11), minute(-11), minute(-11)]);
  });

  test('other projects do not count', async () => {
    const { ledger, noticeAll } = desk();
    await noticeAll([0, 1, 2, 3].map((at) => ticketAt(at, PRINTER)));
    await noticeAll([0, 1, 2, 3].map((at) => ticketAt(at, PRINTER, 'HR')));
    expect(await ledger.bursts(50)).toEqual([]);
  });

  test('ten at the same moment end in one', async () => {
    const { ledger, notice } = desk();
    const issues = Array.from({ length: 10 }, () => ticketAt(0, PRINTER));
    const noticed = await Promise.all(issues.map(notice));
    expect(noticed.filter((joined) => joined?.isNew)).toHaveLength(1);
    expect(await ledger.bursts(50)).toMatchObject([{ members: { length: 10 } }]);
  });

  test.each([
    ['every third ticket on a bad day', 'none', (index: number) => index % 3 === 0],
    ['almost every ticket', 'one', (index: number) => index % 7 !== 0],
  ])('of what comes in all day, %s makes %s', async (_share, bursts, isReset) => {
    const { ledger, noticeAll } = desk();
    const RESET = ['Password reset', 'Please reset my password.'] as const;
    const day = FULL_DESK.slice(0, 140).map((words, index) => ticketAt(index * 4, index % 12 === 0 ? RESET : words));
    const evening = FULL_DESK.slice(200, 214).map((words, index) =>
      ticketAt(720 + index, isReset(index) ? RESET : words),
    );
    await noticeAll([...day, ...evening]);
    expect(await ledger.bursts(50)).toHaveLength(bursts === 'one' ? 1 : 0);
  });

  test('it goes on as long as like tickets come in', async () => {
    const { ledger, noticeAll, withTraffic } = desk();
    await withTraffic();
    const jams = Array.from({ length: 200 }, (_, index) =>
      ticketAt(index / 8, ['Printer jams', ['floor', 'tray', 'user', 'page'].map((word) => word + index).join(' ')]),
    );
    await noticeAll(jams);
    expect(await ledger.bursts(50)).toMatchObject([{ openedAt: minute(0), members: { length: 200 } }]);
  });

  test('how many, how soon and how much alike is up to the playbook', async () => {
    const { ledger, noticeAll } = desk({ bursts: { tickets: 2, withinMinutes: 60, similarity: 0.99 } });
    await noticeAll([ticketAt(0, PRINTER), ticketAt(30, ['Printer on floor 4 jams', PRINTER[1]])]);
    expect(await ledger.bursts(50)).toEqual([]);
    await noticeAll([ticketAt(59, PRINTER)]);
    expect(await ledger.bursts(50)).toMatchObject([{ members: { length: 2 } }]);
  });

  test('with 0 tickets nothing is looked for nor recorded', async () => {
    const { ledger, noticeAll } = desk({ bursts: { tickets: 0 } });
    await noticeAll([0, 1, 2, 3, 4, 5].map((at) => ticketAt(at, PRINTER)));
    const all = { project: 'IT', from: minute(-99), until: minute(99), isOrdinary: false, limit: 10 };
    expect(await ledger.arrivals(all)).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['zero-width characters', '\u200b\u200d\u{e0041}'.repeat(1000)],
    ['emoji', '🔥🔥 !!!'],
  ])('tickets of %s are like nothing, not even each other', async (_what, text) => {
    const { ledger, noticeAll } = desk();
    await noticeAll([0, 1, 2, 3, 4, 5].map((at) => ticketAt(at, [text, text])));
    await noticeAll([0, 1, 2, 3].map((at) => ticketAt(at, PRINTER)));
    expect(await ledger.bursts(50)).toEqual([]);
  });
});

describe('triage', () => {
  test('says of each decision which burst the ticket came in with, and once that it was opened', async () => {
    const issues = [0, 1, 2, 3, 4, 5].map((at) => ticketAt(at, PRINTER));
    const ledger = ledgerFake();
    const ports = {
      tracker: deskWith(...issues),
      ledger,
      memory: memoryFake(),
      embedder: null,
      ...noModel,
      localModel: () => null,
      ...freeDesk,
      clock: { now: () => new Date() },
    };
    const decided = [];
    for (const { id: issueId } of issues) {
      const [receipt] = await ledger.receive([deliveryWith({ issueId })]);
      const delivery = { deliveryId: receipt?.id ?? '', attempt: 1, round: 0, overridesHumans: false };
      const request = { ...delivery, issueId, isForced: false };
      const outcome = await triage(request, playbookWith(), ports);
      decided.push(outcome.kind === 'decided' ? [outcome.decision.burst, outcome.opened] : outcome);
    }
    const [burst] = await ledger.bursts(50);
    const five = { id: burst?.id, members: 5 };
    const alone = [null, null];
    expect(decided).toEqual([alone, alone, alone, alone, [five, five], [{ ...five, members: 6 }, null]]);
  });

  test('a decision from before there were bursts reads as one that stood alone', () => {
    const { burst: _none, ...older } = decisionWith();
    expect(DecisionSchema.parse(older).burst).toBeNull();
  });
});
