import { describe, expect, test } from 'vitest';
import type { Memory } from '../../../src/domain/ports/memory.ts';
import type { PastTicket } from '../../../src/domain/ticket/issue.ts';
import { pastTicketWith } from '../../support/fixtures.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, allOf, ask, idsFor, NO_VECTORS, type Store, stores } from '../support/memory-stores.ts';

describe.each(stores)('what memory keeps in $name', ({ open }) => {
  let store: Store;
  let memory: Memory;

  freshEachTime(open, async (opened) => {
    store = opened;
    memory = await opened.replica();
  });
  describe('what it keeps', () => {
    test('an empty memory knows nothing and says so', async () => {
      expect(await memory.nearest(ask('printer'))).toEqual([]);
      expect(await memory.size()).toBe(0);
    });

    test('a neighbour carries the whole ticket but its text and its people', async () => {
      const ticket = about('1', 'Printer jam', {
        created: '2026-01-02T03:04:05.678Z',
        securityLevel: 'Staff',
        resolution: 'Duplicate',
        context: { reporter: 'kim', hour: '3' },
        people: ['Kim Ødegård'],
        values: {
          category: { value: 'printing', by: 'human', insteadOf: 'network' },
          priority: { value: 'Low', by: 'machine' },
        },
      });
      await memory.put([ticket]);
      const { text: _, people: __, embedding: ___, ...shown } = ticket;
      const found = await memory.nearest(ask('printer'));
      expect(found).toEqual([{ ticket: shown, similarity: 1, likeness: expect.any(Number) }]);
    });

    test('putting a ticket twice keeps it once', async () => {
      await memory.put([about('1', 'Printer jam')]);
      await memory.put([about('1', 'Printer jam')]);
      expect(await memory.size()).toBe(1);
      expect(await idsFor(memory, ask('printer'))).toEqual(['1']);
    });

    test('putting a ticket again replaces its words and its values', async () => {
      await memory.put([about('1', 'Printer jam', { values: { category: { value: 'printing', by: 'machine' } } })]);
      await memory.put([about('1', 'Screen flickers', { values: { category: { value: 'hardware', by: 'human' } } })]);
      expect(await idsFor(memory, ask('printer'))).toEqual([]);
      const [found] = await memory.nearest(ask('screen'));
      expect(found?.ticket.values).toEqual({ category: { value: 'hardware', by: 'human' } });
    });

    test('tells who finished the newest tickets of a project, newest first', async () => {
      const finished = (id: string, person: string, more: Partial<PastTicket> = {}) =>
        about(id, 'Printer jam', {
          created: `2026-01-0${id}T00:00:00.000Z`,
          values: { assignee: { value: person, by: 'human' } },
          ...more,
        });
      await memory.put([
        finished('1', 'kim', { context: { reporter: 'ann', component: 'Mail|Phones' } }),
        finished('2', 'lee', { values: { assignee: { value: 'lee', by: 'machine' } } }),
        finished('3', 'kim', { project: 'OTHER' }),
        finished('4', 'kim', { values: { category: { value: 'printing', by: 'human' } } }),
        finished('5', 'jo'),
      ]);
      const query = { project: 'IT', target: 'assignee', before: '2026-01-05T00:00:00.000Z', limit: 10 };
      const work = await memory.pastWork(query);
      expect(work).toEqual([
        { value: 'lee', by: 'machine', createdMs: Date.UTC(2026, 0, 2), reporter: null, component: null },
        { value: 'kim', by: 'human', createdMs: Date.UTC(2026, 0, 1), reporter: 'ann', component: 'Mail|Phones' },
      ]);
      expect(await memory.pastWork({ ...query, limit: 1 })).toEqual(work.slice(0, 1));
      expect(await memory.pastWork({ ...query, before: '2026-01-02T00:00:00.000Z' })).toEqual(work.slice(1));
      expect(await memory.pastWork({ ...query, target: '__proto__' })).toEqual([]);
      const later = await memory.pastWork({ ...query, before: '2026-02-01T00:00:00.000Z' });
      expect(later.map(({ value }) => value)).toEqual(['jo', 'lee', 'kim']);
      await memory.forget(['5']);
      expect(await memory.pastWork({ ...query, before: '2026-02-01T00:00:00.000Z' })).toEqual(work);
    });

    test('putting nothing changes nothing', async () => {
      await memory.put([]);
      expect(await memory.size()).toBe(0);
    });

    test('forgets what it is told to, and does not mind unknown ids', async () => {
      await memory.put([about('1', 'Printer jam'), about('2', 'Printer smells')]);
      await memory.forget(['1', 'never-seen']);
      expect(await idsFor(memory, ask('printer'))).toEqual(['2']);
      expect(await memory.size()).toBe(1);
    });

    test('a forgotten ticket may come back', async () => {
      await memory.put([about('1', 'Printer jam')]);
      await memory.forget(['1']);
      await memory.put([about('1', 'Printer jam again')]);
      expect(await idsFor(memory, ask('printer'))).toEqual(['1']);
    });

    test.each([
      ['a NUL character', 'Printer \u0000 jam'],
      ['half an emoji', 'Printer \ud83d jam'],
      ['quotes, backslashes and braces', 'Printer \'; drop table "x" \\ {a,b} $1'],
      ['an emoji and a class named like a builtin', 'Printer 🖨️ __proto__'],
    ])('keeps a ticket whose text holds %s', async (_what, summary) => {
      await memory.put([
        about('1', summary, { text: summary, values: { category: { value: 'printing', by: 'human' } } }),
      ]);
      expect(await idsFor(memory, ask('printer'))).toEqual(['1']);
      expect((await allOf(memory)).map(({ id }) => id)).toEqual(['1']);
    });

    test('keeps names that every object has, in context, values and people', async () => {
      const context = { reporter: '__proto__', constructor: 'toString' };
      const values = { category: { value: '__proto__', by: 'human' as const, insteadOf: 'constructor' } };
      await memory.put([about('1', 'printer', { context, values, people: ['__proto__'] })]);
      expect(await allOf(memory)).toMatchObject([{ context, values, people: ['__proto__'] }]);
    });
  });

  describe('tickets that we decided on', () => {
    const corrected = { category: { value: 'printing', by: 'human' as const, insteadOf: 'network' } };

    test('say so wherever they are read, and others do not', async () => {
      await memory.put([
        about('1', 'Printer jam', { isTreated: true, values: corrected }),
        about('2', 'Printer smells', { values: corrected }),
      ]);
      const treated = (tickets: readonly Pick<PastTicket, 'id' | 'isTreated'>[]) =>
        tickets.map(({ id, isTreated }) => [id, isTreated] as const).sort();
      const expected = [
        ['1', true],
        ['2', undefined],
      ];
      const query = { targets: ['category'], projects: ['IT'], before: '2026-06-01T00:00:00.000Z', limit: 9 };
      expect(treated(await allOf(memory))).toEqual(expected);
      expect(treated((await memory.nearest(ask('printer'))).map(({ ticket }) => ticket))).toEqual(expected);
      expect(treated(await memory.corrections(query))).toEqual(expected);
    });

    test('may become so, and cease to be so', async () => {
      for (const isTreated of [false, true, false]) {
        await memory.put([about('1', 'printer', { isTreated })]);
        expect((await allOf(memory)).map((ticket) => ticket.isTreated ?? false)).toEqual([isTreated]);
      }
    });
  });

  describe('where tickets are', () => {
    test('is told by id, in pages, without those that were forgotten', async () => {
      const tickets = ['104', '101', '103', '102', '105'].map((id) => about(id, 'printer'));
      await memory.put([...tickets, about('106', 'secret', { project: 'HR', key: 'HR-1', securityLevel: 'Board' })]);
      await memory.forget(['103']);
      const first = await memory.ids('', 3);
      expect(first).toEqual(['101', '102', '104'].map((id) => ({ id, project: 'IT', securityLevel: null })));
      expect(await memory.ids('104', 3)).toEqual([
        { id: '105', project: 'IT', securityLevel: null },
        { id: '106', project: 'HR', securityLevel: 'Board' },
      ]);
      expect(await memory.ids('106', 3)).toEqual([]);
    });

    test('goes on after a ticket that is not remembered any more', async () => {
      await memory.put([about('101', 'printer'), about('102', 'printer'), about('103', 'printer')]);
      await memory.forget(['102']);
      expect((await memory.ids('102', 9)).map(({ id }) => id)).toEqual(['103']);
    });
  });

  describe('going through everything', () => {
    test('gives every ticket whole, with its text, people, context, values and vector', async ({ skip }) => {
      skip(!store.comparesVectors, NO_VECTORS);
      const ticket = pastTicketWith({
        summary: 'Printer jam',
        text: 'It eats paper.\nSince Monday. 🖨️',
        created: '2026-01-02T03:04:05.678Z',
        securityLevel: 'Staff',
        resolution: 'Duplicate',
        context: { reporter: 'kim', customfield_10002: 'Bäckerei & Söhne' },
        people: ['Kim Ødegård', '王小明'],
        values: { category: { value: 'printing', by: 'human' }, priority: { value: 'Low', by: 'machine' } },
        embedding: { model: 'small', vector: [0.5, -0.25] },
      });
      await memory.put([ticket]);
      expect(await allOf(memory)).toEqual([ticket]);
    });

    test('goes from the oldest to the newest, by id within a moment, over many pages', async () => {
      const day = (index: number) => new Date(Date.UTC(2026, 0, 1 + Math.floor(index / 2))).toISOString();
      const tickets = Array.from({ length: 450 }, (_, index) =>
        about(String(1000 + index), 'printer', { created: day(index) }),
      );
      await memory.put(tickets.toReversed());
      expect((await allOf(memory)).map(({ id }) => id)).toEqual(tickets.map(({ id }) => id));
    });

    test('ends after a last page that is full', async () => {
      await memory.put(Array.from({ length: 200 }, (_, index) => about(String(index), 'printer')));
      expect(await allOf(memory)).toHaveLength(200);
    });

    test('leaves out what was forgotten, and tells a replaced ticket once, as it is now', async () => {
      await memory.put([about('1', 'printer'), about('2', 'screen'), about('3', 'mouse')]);
      await memory.forget(['2']);
      await memory.put([about('1', 'toner', { context: { reporter: 'kim' } })]);
      expect((await allOf(memory)).map(({ id, summary, context }) => [id, summary, context])).toEqual([
        ['1', 'toner', { reporter: 'kim' }],
        ['3', 'mouse', {}],
      ]);
    });

    test('of an empty memory gives no ticket', async () => {
      expect(await allOf(memory)).toEqual([]);
    });
  });

  describe('beside another replica', () => {
    test('sees what the other one put, replaced and forgot', async () => {
      const other = await store.replica();
      await other.put([about('1', 'printer jam'), about('2', 'printer smells')]);
      await expect.poll(() => idsFor(memory, ask('printer')), { timeout: 3_000 }).toEqual(['1', '2']);
      await other.put([about('1', 'screen flickers')]);
      await expect.poll(() => idsFor(memory, ask('screen')), { timeout: 3_000 }).toEqual(['1']);
      await other.forget(['2']);
      await expect.poll(() => idsFor(memory, ask('printer')), { timeout: 3_000 }).toEqual([]);
    });

    test('tells its size although it only ever watches', async () => {
      const other = await store.replica();
      await other.put([about('1', 'printer jam')]);
      await expect.poll(() => memory.size(), { timeout: 3_000 }).toBe(1);
    });

    test('many puts at once are all there afterwards', async () => {
      const other = await store.replica();
      const writers = [memory, other, memory, other];
      await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          (writers[index % writers.length] ?? memory).put([about(String(index), `printer number ${index}`)]),
        ),
      );
      await expect.poll(() => memory.size(), { timeout: 3_000 }).toBe(40);
      expect((await idsFor(memory, ask('printer', { limit: 100 }))).length).toBe(40);
    });
  });
});
