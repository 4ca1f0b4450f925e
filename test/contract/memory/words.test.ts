import { describe, expect, test } from 'vitest';
import type { CorrectionQuery, Memory } from '../../../src/domain/ports/memory.ts';
import type { PastTicket } from '../../../src/domain/ticket/issue.ts';
import { freshEachTime } from '../support/fresh.ts';
import { about, stores } from '../support/memory-stores.ts';

describe.each(stores)('what memory in $name quotes', ({ open }) => {
  let memory: Memory;

  freshEachTime(open, async (store) => {
    memory = await store.replica();
  });

  describe('as excerpts', () => {
    test('is what the tickets say and who is in them, in the order asked for', async () => {
      const [jam, printer] = [
        about('1', 'Printer jam', { text: 'Papierstau\nGruß, Kim', people: ['Kim Ødegård'] }),
        about('2', '打印机', { text: '无法连接打印机 🖨️', people: ['王小明', 'Ada'] }),
      ];
      await memory.put([jam, printer]);
      expect(await memory.excerpts(['2', '1'])).toEqual([
        { id: '2', text: '无法连接打印机 🖨️', people: ['王小明', 'Ada'] },
        { id: '1', text: 'Papierstau\nGruß, Kim', people: ['Kim Ødegård'] },
      ]);
    });

    test('leaves out unknown and forgotten tickets', async () => {
      await memory.put([about('1', 'printer', { people: ['Kim'] }), about('2', 'screen')]);
      await memory.forget(['1']);
      expect(await memory.excerpts(['1', 'never-seen', '2'])).toEqual([{ id: '2', text: '', people: [] }]);
      expect(await memory.excerpts([])).toEqual([]);
    });

    test('follows a ticket that is put again', async () => {
      await memory.put([about('1', 'printer', { text: 'old', people: ['Kim'] })]);
      await memory.put([about('1', 'printer', { text: 'new', people: ['Ada'] })]);
      expect(await memory.excerpts(['1'])).toEqual([{ id: '1', text: 'new', people: ['Ada'] }]);
    });

    test('knows nothing of the people of a ticket that was forgotten and came back without them', async () => {
      await memory.put([about('1', 'printer', { people: ['Kim'] })]);
      await memory.forget(['1']);
      await memory.put([about('1', 'printer')]);
      expect(await memory.excerpts(['1'])).toEqual([{ id: '1', text: '', people: [] }]);
    });
  });

  describe('as corrections', () => {
    const corrected = (id: string, parts: Partial<PastTicket> = {}) =>
      about(id, `ticket ${id}`, {
        created: `2026-01-${id.padStart(2, '0')}T00:00:00.000Z`,
        values: { category: { value: 'printing', by: 'human', insteadOf: 'network' } },
        ...parts,
      });
    const query: CorrectionQuery = {
      targets: ['category', 'team'],
      projects: ['IT'],
      before: '2026-06-01T00:00:00.000Z',
      limit: 10,
    };
    const idsOf = async (parts: Partial<CorrectionQuery> = {}) =>
      (await memory.corrections({ ...query, ...parts })).map(({ id }) => id);

    test('is whole but for its vector', async () => {
      const ticket = corrected('1', {
        text: 'The printer eats paper.',
        people: ['Kim Ødegård'],
        resolution: 'Done',
        context: { reporter: 'kim' },
      });
      await memory.put([ticket]);
      const { embedding: _, ...whole } = ticket;
      expect(await memory.corrections(query)).toEqual([whole]);
    });

    test('is the newest of those asked for, newest first', async () => {
      await memory.put(['3', '1', '9', '7'].map((id) => corrected(id)));
      expect(await idsOf({ limit: 3 })).toEqual(['9', '7', '3']);
      expect(await idsOf({ before: '2026-01-07T00:00:00.000Z' })).toEqual(['3', '1']);
      expect(await idsOf({ limit: 0 })).toEqual([]);
    });

    test('has a fixed order within a moment', async () => {
      const created = '2026-01-01T00:00:00.000Z';
      await memory.put(['3', '1', '2'].map((id) => corrected(id, { created })));
      expect(await idsOf()).toEqual(['3', '2', '1']);
    });

    test('is none that nobody corrected, or only for another target', async () => {
      await memory.put([
        corrected('1', { values: { category: { value: 'printing', by: 'human' } } }),
        corrected('2', { values: { category: { value: 'printing', by: 'machine' } } }),
        corrected('3', { values: {} }),
        corrected('4', { values: { priority: { value: 'Low', by: 'human', insteadOf: 'High' } } }),
        corrected('5', {
          values: {
            category: { value: 'printing', by: 'human' },
            team: { value: 'Office', by: 'human', insteadOf: 'Network' },
          },
        }),
        corrected('6', { values: { insteadOf: { value: 'insteadOf', by: 'human' } } }),
      ]);
      expect(await idsOf()).toEqual(['5']);
      expect(await idsOf({ targets: [] })).toEqual([]);
      expect(await idsOf({ targets: ['constructor', 'insteadOf'] })).toEqual([]);
    });

    test('is none with a security level and none of another project', async () => {
      await memory.put([
        corrected('1', { securityLevel: 'Staff' }),
        corrected('2', { project: 'HR', key: 'HR-2' }),
        corrected('3'),
      ]);
      expect(await idsOf()).toEqual(['3']);
      expect(await idsOf({ projects: ['HR', 'IT'] })).toEqual(['3', '2']);
      expect(await idsOf({ projects: [] })).toEqual([]);
    });

    test('is gone when the ticket is forgotten, or put again without it', async () => {
      await memory.put([corrected('1'), corrected('2')]);
      await memory.forget(['1']);
      await memory.put([corrected('2', { values: { category: { value: 'network', by: 'human' } } })]);
      expect(await idsOf()).toEqual([]);
    });
  });
});
