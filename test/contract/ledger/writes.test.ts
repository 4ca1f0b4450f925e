import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { WriteRecord } from '../../../src/domain/decision/delivery.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import type { Ledger, UndoFilter } from '../../../src/domain/ports/ledger.ts';
import { decisionWith, writeWith } from '../../support/fixtures.ts';
import { books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

describe.each(books)('writes in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  describe('writes', () => {
    test('come back whole and are replaced by their next state', async () => {
      const planned = writeWith({
        state: 'planned',
        changes: { category: { before: null, after: 'access' } },
        heldBack: { priority: 'human-set' },
      });
      await ledger.recordWrite(planned);
      expect(await ledger.write(planned.decisionId)).toMatchObject(planned);
      await ledger.recordWrite({ ...planned, state: 'refused', reason: '400: labels' });
      expect(await ledger.write(planned.decisionId)).toMatchObject({ state: 'refused', reason: '400: labels' });
      expect(await ledger.write('never-written')).toBeNull();
    });

    test('a finished write is never overwritten, and is told to whoever tries', async () => {
      const applied = writeWith({ state: 'applied' });
      await ledger.recordWrite({ ...applied, state: 'planned' });
      await ledger.recordWrite(applied);
      expect(await ledger.recordWrite({ ...applied, state: 'planned' })).toMatchObject({ state: 'applied' });
      expect(await ledger.write(applied.decisionId)).toMatchObject({ state: 'applied' });
    });

    test('only one decision at a time may be writing to an issue', async () => {
      const first = writeWith({ state: 'planned' });
      const second = writeWith({ state: 'planned' });
      await ledger.recordWrite(first);
      await expect(ledger.recordWrite(second)).rejects.toThrow(TransientError);
      expect(await ledger.write(second.decisionId)).toBeNull();
      await ledger.recordWrite({ ...first, state: 'applied' });
      await ledger.recordWrite(second);
      expect(await ledger.write(second.decisionId)).toMatchObject({ state: 'planned' });
    });

    test('a decision claims its issue once, and finds its write whenever it comes back', async () => {
      const decision = await ledger.recordDecision(decisionWith());
      const claims = await Promise.all([ledger.claimWrite(decision.id), ledger.claimWrite(decision.id)].map(settled));
      expect(claims.filter((claim) => claim !== 'later').length).toBeGreaterThan(0);
      const empty = { decisionId: decision.id, issueId: decision.issueId, state: 'planned', changes: {}, undoes: null };
      expect(await ledger.claimWrite(decision.id)).toMatchObject({ decision, write: empty });
      await ledger.recordWrite(writeWith({ decisionId: decision.id, issueId: decision.issueId, state: 'applied' }));
      expect(await ledger.claimWrite(decision.id)).toMatchObject({ write: { state: 'applied' } });
      expect(await ledger.claimWrite('never-decided')).toBeNull();
    });

    test('an issue that another decision is writing to is not claimed', async () => {
      const decision = await ledger.recordDecision(decisionWith());
      const other = writeWith({ issueId: decision.issueId, state: 'planned' });
      await ledger.recordWrite(other);
      await expect(ledger.claimWrite(decision.id)).rejects.toThrow(TransientError);
      await ledger.recordWrite({ ...other, state: 'unchanged' });
      expect(await ledger.claimWrite(decision.id)).toMatchObject({ write: { state: 'planned' } });
    });

    test('the same decision may plan again', async () => {
      const planned = writeWith({ state: 'planned' });
      await ledger.recordWrite(planned);
      await ledger.recordWrite({ ...planned, heldBack: { priority: 'same' } });
      expect(await ledger.write(planned.decisionId)).toMatchObject({ heldBack: { priority: 'same' } });
    });

    test('finished writes and writes to other issues do not wait', async () => {
      await ledger.recordWrite(writeWith({ state: 'planned' }));
      await ledger.recordWrite(writeWith({ state: 'unchanged' }));
      await ledger.recordWrite(writeWith({ state: 'planned', issueId: '10002', issueKey: 'IT-10002' }));
      expect((await ledger.story('IT-10001')).writes.map(({ state }) => state).toSorted()).toEqual([
        'planned',
        'unchanged',
      ]);
      expect((await ledger.story('IT-10002')).writes.map(({ state }) => state)).toEqual(['planned']);
    });

    test('of ten decisions that plan at the same moment, one goes on', async () => {
      const plans = Array.from({ length: 10 }, () => writeWith({ state: 'planned' }));
      const results = await Promise.allSettled(plans.map((plan) => ledger.recordWrite(plan)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(TransientError);
    });
  });

  describe('a write', () => {
    test('comes back with what was suggested, who was passed over, and that it stands', async () => {
      const write = writeWith({
        suggestions: { priority: 'Hoch', constructor: '高' },
        passedOver: [{ accountId: 'bo', why: 'inactive' }],
        heldBack: { category: 'human-set' },
      });
      await ledger.recordWrite({ ...write, state: 'planned', suggestions: {}, passedOver: [] });
      await ledger.recordWrite(write);
      expect(await ledger.write(write.decisionId)).toEqual({ ...write, undoneBy: null, at: expect.any(String) });
      expect((await ledger.story('IT-10001')).writes).toMatchObject([{ ...write, undoneBy: null }]);
    });

    test('that was superseded lets the next decision write', async () => {
      const first = writeWith({ state: 'planned' });
      await ledger.recordWrite(first);
      await ledger.recordWrite({ ...first, state: 'superseded' });
      await ledger.recordWrite(writeWith({ state: 'planned' }));
      expect(await ledger.write(first.decisionId)).toMatchObject({ state: 'superseded' });
    });

    test.each([
      ['a NUL character', 'no \u0000 value', 'no  value'],
      ['half an emoji', 'no \ud83d value', 'no \ufffd value'],
    ])('is stored although a value holds %s', async (_what, value, kept) => {
      const write = writeWith({ suggestions: { category: value } });
      await ledger.recordWrite(write);
      expect([value, kept]).toContain((await ledger.write(write.decisionId))?.suggestions['category']);
    });
  });

  describe('taking back', () => {
    const changes = { category: { before: null, after: 'access' } };
    const back = { category: { before: 'access', after: null } };
    const idsOf = async (filter: UndoFilter) => (await ledger.undoable(filter)).map(({ decisionId }) => decisionId);

    /** A decision and what it wrote, marked as a moment of its own. */
    async function written(id: string, parts: Partial<Decision & WriteRecord> = {}): Promise<string> {
      await ledger.recordDecision(decisionWith({ ...parts, id }));
      await ledger.recordWrite(writeWith({ changes, ...parts, decisionId: id }));
      return id;
    }

    async function undone(id: string, parts: Partial<WriteRecord> = {}): Promise<string> {
      await ledger.recordWrite(writeWith({ decisionId: `undo-${id}`, undoes: id, changes: back, ...parts }));
      return `undo-${id}`;
    }

    test('is possible for what was applied, changed something and still stands', async () => {
      await written('a');
      await written('empty', { changes: {} });
      await written('planned', { state: 'planned' });
      await written('dry', { state: 'dry-run' });
      await written('superseded', { state: 'superseded' });
      expect(await ledger.undoable({})).toMatchObject([{ decisionId: 'a', changes, undoneBy: null }]);
    });

    test('an applied undo marks what it takes back', async () => {
      await written('a');
      const undo = await undone('a');
      expect(await ledger.write('a')).toMatchObject({ undoneBy: undo, undoes: null });
      expect(await ledger.write(undo)).toMatchObject({ undoneBy: null, undoes: 'a' });
      expect(await idsOf({})).toEqual([]);
    });

    test('an undo that is only planned, changed nothing or was refused marks nothing', async () => {
      await written('a');
      for (const state of ['planned', 'unchanged'] as const) await undone('a', { state });
      expect(await idsOf({})).toEqual(['a']);
      await written('b', { issueId: '2' });
      await undone('b', { issueId: '2', state: 'refused', reason: '403' });
      expect(await idsOf({ decisionId: 'b' })).toEqual(['b']);
    });

    test('an undo that left something for later marks nothing, so that it can be taken back then', async () => {
      await written('a');
      await undone('a', { heldBack: { category: 'human-set', priority: 'changed-since' } });
      expect(await idsOf({})).toEqual(['a']);
      await undone('a', { decisionId: 'undo-2-a', heldBack: { category: 'human-set', priority: 'same' } });
      expect(await idsOf({})).toEqual([]);
      expect(await ledger.write('a')).toMatchObject({ undoneBy: 'undo-2-a' });
    });

    test('an undo that was begun and has not ended is told after a while, oldest first', async () => {
      for (const id of ['b', 'a']) await undone(id, { issueId: id, state: 'planned' });
      await ledger.recordWrite(writeWith({ state: 'planned' }));
      await undone('c', { issueId: '3' });
      expect(await ledger.openUndos(60_000, 10)).toEqual([]);
      const open = ['b', 'a'].map((writeId) => ({ id: `undo-${writeId}`, writeId }));
      expect(await ledger.openUndos(0, 10)).toEqual(open);
      expect(await ledger.openUndos(0, 1)).toEqual(open.slice(0, 1));
    });

    test('an undo is taken back by its own id only, and then marked itself', async () => {
      await written('a');
      const undo = await undone('a');
      expect(await idsOf({ decisionId: 'a' })).toEqual([]);
      expect(await idsOf({ decisionId: undo })).toEqual([undo]);
      expect(await idsOf({ issueKey: 'IT-10001' })).toEqual([]);
      const redo = await undone(undo, { changes });
      expect(await ledger.write(undo)).toMatchObject({ undoneBy: redo });
      expect(await ledger.write('a')).toMatchObject({ undoneBy: undo });
      expect(await idsOf({ decisionId: undo })).toEqual([]);
      expect(await idsOf({ decisionId: redo })).toEqual([redo]);
    });

    test('a finished undo that is recorded again changes nothing', async () => {
      await written('a');
      await undone('a');
      expect(
        await ledger.recordWrite(writeWith({ decisionId: 'undo-a', undoes: 'a', state: 'planned' })),
      ).toMatchObject({ state: 'applied', undoes: 'a' });
      expect(await ledger.write('a')).toMatchObject({ undoneBy: 'undo-a' });
    });

    test('finds the writes of a revision, of an id, and of an issue', async () => {
      await written('a', { revision: 'one' });
      await written('b', { revision: 'two', issueId: '2', issueKey: 'IT-2' });
      expect(await idsOf({ revision: 'one' })).toEqual(['a']);
      expect(await idsOf({ decisionId: 'b' })).toEqual(['b']);
      expect(await idsOf({ issueKey: 'IT-2' })).toEqual(['b']);
      expect(await idsOf({ issueKey: 'IT-2', revision: 'one' })).toEqual([]);
      expect(await idsOf({ issueKey: 'IT-404' })).toEqual([]);
    });

    test('finds the writes of an issue under every key it had', async () => {
      await written('a', { issueKey: 'IT-10001' });
      await written('b', { issueKey: 'OPS-3' });
      await written('c', { issueId: '2', issueKey: 'IT-2' });
      for (const issueKey of ['IT-10001', 'OPS-3']) expect((await idsOf({ issueKey })).toSorted()).toEqual(['a', 'b']);
      expect((await ledger.story('IT-10001')).writes.map(({ decisionId }) => decisionId).toSorted()).toEqual([
        'a',
        'b',
      ]);
    });

    test('tells the newest first', async () => {
      for (const id of ['b', 'a', 'c']) await written(id, { issueId: id });
      expect(await idsOf({})).toEqual(['c', 'a', 'b']);
    });

    test('finds what was written since a time', async () => {
      await written('a');
      const { at } = (await ledger.write('a')) ?? { at: '' };
      expect(await idsOf({ since: at })).toEqual(['a']);
      expect(await idsOf({ since: new Date(Date.parse(at) + 60_000).toISOString() })).toEqual([]);
    });
  });
});

/** `later`: somebody else was quicker. */
async function settled<T>(claim: Promise<T>): Promise<T | 'later'> {
  try {
    return await claim;
  } catch (error) {
    if (error instanceof TransientError) return 'later';
    throw error;
  }
}
