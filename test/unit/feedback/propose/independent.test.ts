import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Burst } from '../../../../src/domain/ticket/burst.ts';
import type { PastTicket } from '../../../../src/domain/ticket/issue.ts';
import { independent } from '../../../../src/feedback/propose/independent.ts';
import { DOCKING } from '../../../support/corrections.ts';
import { pastTicketWith } from '../../../support/fixtures.ts';

const ticket = (summary: string, text = '') => pastTicketWith({ summary, text });
const sizes = (tickets: readonly PastTicket[], bursts: readonly Burst[] = []) =>
  independent(tickets, bursts).map((group) => group.length);

describe('tickets that count as one', () => {
  test('copies, whatever their case, spaces and punctuation', () => {
    expect(sizes([ticket('Printer jams', 'On floor 2!'), ticket('PRINTER  jams:', 'on floor 2')])).toEqual([2]);
  });

  test('one template filled in with other numbers', () => {
    const alert = (host: number) =>
      ticket(
        'Disk almost full',
        `The volume /var on the database host ${host} has passed the limit that was set for it`,
      );
    expect(sizes([alert(1), alert(2), alert(3)])).toEqual([3]);
    const 提醒 = (门: number) => ticket('打印机无法连接到办公室网络，请尽快安排同事处理', `房间 ${门}`);
    expect(sizes([提醒(101), 提醒(102)])).toEqual([2]);
  });

  test('a chain of near copies, though its ends differ', () => {
    const words = Array.from({ length: 24 }, (_, index) => `word${index}`);
    const window = (start: number) => ticket(words.slice(start, start + 20).join(' '));
    expect(sizes([window(0), window(4), window(2)])).toEqual([3]);
    expect(sizes([window(0), window(4)])).toEqual([1, 1]);
  });

  test('members of one burst, in whatever words', () => {
    const [one, other, third] = [ticket('mail is down'), ticket('outlook hangs'), ticket('new mouse')];
    const burst = { id: 'b', project: 'IT', openedAt: '', lastAt: '', members: [one.key, 'IT-0', other.key] };
    expect(sizes([one, third, other], [burst])).toEqual([2, 1]);
  });

  test('tickets without a word', () => {
    expect(sizes([ticket('…'), ticket('!!'), ticket('')])).toEqual([3]);
  });

  test('but not different words for one thing', () => {
    expect(sizes(DOCKING.map(([summary, text]) => ticket(summary, text)))).toEqual(DOCKING.map(() => 1));
  });

  test('ten thousand near copies within the time of a test', () => {
    const alert = 'Nightly job failed on the database host, the log says that a table could not be read; run';
    const copies = Array.from({ length: 10_000 }, (_, index) => ticket(alert, String(index % 5_000)));
    expect(sizes(copies)).toEqual([10_000]);
  });

  test('groups hold every ticket once, and are those of comparing all pairs', () => {
    const word = fc.constantFrom('mail', 'vpn', 'dock', 'slow', '打印', 'große', 'error', 'desk');
    const drafts = fc.array(fc.array(word, { maxLength: 9 }), { maxLength: 12 });
    fc.assert(
      fc.property(drafts, (texts) => {
        const tickets = texts.map((words) => ticket(words.join(' ')));
        const groups = independent(tickets, []);
        expect(
          groups
            .flat()
            .map(({ id }) => id)
            .sort(),
        ).toEqual(tickets.map(({ id }) => id).sort());
        for (const [at, group] of groups.entries())
          for (const one of group)
            for (const other of groups.slice(at + 1).flat()) expect(likeness(one, other)).toBeLessThan(0.8);
      }),
    );
  });
});

function likeness(one: PastTicket, other: PastTicket): number {
  const [a, b] = [one, other].map(({ summary }) => new Set(summary.replace(/打印/g, '打 印 打印').split(/\s+/)));
  if (!a || !b) return 0;
  return a.intersection(b).size / a.union(b).size;
}
