import { beforeEach, describe, expect, test } from 'vitest';
import type { Memory, MemoryQuery } from '../../../src/domain/ports/memory.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { deskTickets } from '../../support/desk.ts';
import { pastTicketWith } from '../../support/fixtures.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, ask, idsFor, NO_VECTORS, type Store, stores } from '../support/memory-stores.ts';

describe.each(stores)('what memory finds in $name', ({ open }) => {
  let store: Store;
  let memory: Memory;

  freshEachTime(open, async (opened) => {
    store = opened;
    memory = await opened.replica();
  });
  describe('what may be seen', () => {
    beforeEach(() =>
      memory.put([
        about('10', 'printer', { created: '2026-01-01T00:00:00.000Z' }),
        about('11', 'printer', { created: '2026-02-01T00:00:00.000Z' }),
        about('20', 'printer', { project: 'HR', key: 'HR-20' }),
        about('30', 'printer', { project: 'HR', key: 'HR-30', securityLevel: 'Board' }),
        about('31', 'printer', { securityLevel: 'Staff' }),
      ]),
    );

    test('only tickets of the projects asked for', async () => {
      expect(
        await idsFor(memory, ask('printer', { readerProject: 'HR', readerLevel: 'Board', projects: ['HR'] })),
      ).toEqual(['20', '30']);
      expect(await idsFor(memory, ask('printer', { projects: [] }))).toEqual([]);
    });

    test('a ticket with a security level only for its own project and level', async () => {
      const projects = ['IT', 'HR'];
      expect(await idsFor(memory, ask('printer', { projects }))).toEqual(['10', '11', '20', '31']);
      const board = ask('printer', { projects, readerProject: 'HR', readerLevel: 'Board' });
      expect(await idsFor(memory, board)).toEqual(['10', '11', '20', '30']);
      expect(await idsFor(memory, ask('printer', { projects, readerLevel: null }))).toEqual(['10', '11', '20']);
      expect(await idsFor(memory, ask('printer', { projects, readerLevel: 'Board' }))).toEqual(['10', '11', '20']);
      expect(await idsFor(memory, ask('printer', { projects, readerProject: 'OPS' }))).toEqual(['10', '11', '20']);
    });

    test('never the issue itself', async () => {
      expect(await idsFor(memory, ask('printer', { excludeId: '10' }))).toEqual(['11', '31']);
    });

    test('nothing created at or after the moment asked about', async () => {
      expect(await idsFor(memory, ask('printer', { before: '2026-02-01T00:00:00.000Z' }))).toEqual(['10', '31']);
      expect(await idsFor(memory, ask('printer', { before: '2026-01-01T00:00:00.000Z' }))).toEqual([]);
    });

    test('the dense half obeys the same rules', async ({ skip }) => {
      skip(!store.comparesVectors, NO_VECTORS);
      const embedding = { model: 'm', vector: [1, 0] };
      await memory.forget(['10', '11', '20', '30', '31']);
      await memory.put([
        about('40', 'toner', { embedding }),
        about('41', 'toner', { embedding, project: 'HR', securityLevel: 'Board' }),
        about('42', 'toner', { embedding, created: '2026-05-30T00:00:00.000Z' }),
        about('43', 'toner', { embedding }),
      ]);
      const query = ask('unrelated', {
        embedding,
        projects: ['IT', 'HR'],
        excludeId: '43',
        before: '2026-05-01T00:00:00Z',
      });
      expect(await idsFor(memory, query)).toEqual(['40']);
    });
  });

  describe('how it ranks', () => {
    test('rare common words count more than frequent ones', async () => {
      await memory.put([
        about('1', 'password password reset'),
        about('2', 'password portal'),
        about('3', 'password forgotten'),
        about('4', 'kerberos ticket'),
      ]);
      expect((await idsFor(memory, ask('password kerberos')))[0]).toBe('4');
    });

    test('gives at most the number asked for, best first', async () => {
      await memory.put(
        Array.from({ length: 9 }, (_, index) => about(String(index), `printer ${'filler '.repeat(index)}`)),
      );
      expect(await idsFor(memory, ask('printer', { limit: 3 }))).toEqual(['0', '1', '2']);
    });

    test('German words are found whatever their case', async () => {
      await memory.put([about('1', 'Passwortänderung für Größe schlägt fehl'), about('2', 'Drucker druckt nicht')]);
      expect(await idsFor(memory, ask('PASSWORTÄNDERUNG'))).toEqual(['1']);
      expect(await idsFor(memory, ask('drucker'))).toEqual(['2']);
    });

    test('words inside Chinese, Japanese and Korean sentences are found', async () => {
      await memory.put([
        about('1', '无法连接打印机'),
        about('2', '会議室のプリンターが壊れた'),
        about('3', '비밀번호를 잊어버렸습니다'),
        about('4', 'Printer is broken'),
      ]);
      expect(await idsFor(memory, ask('打印机卡纸'))).toEqual(['1']);
      expect((await idsFor(memory, ask('プリンター')))[0]).toBe('2');
      expect(await idsFor(memory, ask('비밀번호'))).toEqual(['3']);
    });

    test('a text without a word finds nothing', async () => {
      await memory.put([about('1', 'printer')]);
      expect(await memory.nearest(ask('?!'))).toEqual([]);
    });

    test('equal tickets are ranked the same however they came in', async () => {
      for (const id of ['5', '3', '9', '1', '7']) await memory.put([about(id, 'printer jam')]);
      const replica = await store.replica();
      expect(await idsFor(memory, ask('printer', { limit: 1 }))).toEqual(['1']);
      expect(await idsFor(replica, ask('printer', { limit: 1 }))).toEqual(['1']);
    });

    test('real tickets are ranked as going through all of them would rank them', async () => {
      const { history, fresh } = deskTickets();
      const tickets = history.map(({ summary, description }, index) =>
        pastTicketWith({ id: String(index), summary, text: description }),
      );
      const reference = memoryFake();
      await reference.put(tickets);
      await memory.put(tickets);
      for (const { summary, description } of fresh) {
        const query = ask(`${summary}\n${description}`, { limit: 20 });
        const expected = await reference.nearest(query);
        const found = await memory.nearest(query);
        expect(found.map(({ ticket }) => ticket.id)).toEqual(expected.map(({ ticket }) => ticket.id));
        for (const [rank, { similarity, likeness }] of found.entries()) {
          expect(similarity).toBeCloseTo(expected[rank]?.similarity ?? -1, 5);
          expect(likeness).toBeCloseTo(expected[rank]?.likeness ?? -1, 5);
          expect(likeness).toBeGreaterThanOrEqual(0);
          expect(likeness).toBeLessThanOrEqual(1);
        }
      }
    });
  });

  describe('how alike two tickets are', () => {
    const likenessesFor = async (query: MemoryQuery) =>
      (await memory.nearest(query)).map(({ ticket, likeness }) => [ticket.id, likeness] as const);

    test('a copy is as alike as can be, whatever else is remembered', async () => {
      const copied = { summary: 'Printer jam', text: 'The printer on floor 3 eats paper. Papierstau! 卡纸' };
      const query = ask(`${copied.summary}\n${copied.text}`);
      await memory.put([pastTicketWith({ id: '1', ...copied })]);
      expect((await memory.nearest(query))[0]?.likeness).toBeCloseTo(1, 5);
      await memory.put(Array.from({ length: 20 }, (_, index) => about(`${index + 2}`, `printer number ${index}`)));
      expect((await memory.nearest(query))[0]).toMatchObject({ ticket: { id: '1' }, likeness: expect.closeTo(1, 5) });
    });

    test('the fewer words they share, the less alike they are', async () => {
      await memory.put([
        about('1', 'printer jam on floor three'),
        about('2', 'printer jam'),
        about('3', 'printer'),
        about('4', 'screen flickers'),
      ]);
      const likenesses = await likenessesFor(ask('printer jam on floor three'));
      expect(likenesses.map(([id]) => id)).toEqual(['1', '2', '3']);
      const [copy, close, far] = likenesses.map(([, likeness]) => likeness);
      expect(copy).toBeCloseTo(1, 5);
      expect(close).toBeLessThan(0.9);
      expect(far).toBeLessThan(close ?? 0);
      expect(far).toBeGreaterThan(0);
    });

    test('the best match of an unusual ticket is not alike for being the best', async () => {
      await memory.put([about('1', 'printer jam'), about('2', 'screen flickers')]);
      const [[, likeness] = ['', 1]] = await likenessesFor(ask('the printer sings old songs about ships every night'));
      expect(likeness).toBeLessThan(0.5);
    });

    test('words and meaning count by their weight, and a meaning turned around counts nothing', async ({ skip }) => {
      skip(!store.comparesVectors, NO_VECTORS);
      const vectorOf = (...vector: readonly number[]) => ({ embedding: { model: 'small', vector } });
      await memory.put([
        about('1', 'printer', { text: '', ...vectorOf(3, 4) }),
        about('2', 'toner', vectorOf(1, 0)),
        about('3', 'monitor', vectorOf(-1, 0)),
      ]);
      const likenesses = new Map(await likenessesFor(ask('printer', { ...vectorOf(1, 0), keywordWeight: 0.25 })));
      expect(likenesses.get('1')).toBeCloseTo(0.25 + 0.75 * 0.6, 5);
      expect(likenesses.get('2')).toBeCloseTo(0.75, 5);
      expect(likenesses.get('3')).toBe(0);
    });
  });
});
