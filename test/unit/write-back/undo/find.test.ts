import { describe, expect, test } from 'vitest';
import { findUndos } from '../../../../src/write-back/undo/find.ts';
import { undo } from '../../../../src/write-back/undo.ts';
import { decisionWith, writeWith } from '../../../support/fixtures.ts';
import { playbook, undoDesk } from './support.ts';

describe('finding what an undo is about', () => {
  test('newest first, so that each finds what the one before it left', async () => {
    const { ledger, write, issue } = undoDesk();
    const first = await write({ category: 'access' });
    const second = await write({ category: 'email' });
    const { undos, why } = await findUndos({ issueKey: issue.key }, { ledger });
    expect(undos.map(({ id, write: { decisionId } }) => [id, decisionId])).toEqual([
      [`undo-${second.decisionId}`, second.decisionId],
      [`undo-${first.decisionId}`, first.decisionId],
    ]);
    expect(why).toBeNull();
  });

  test('only of one revision, and only since a time', async () => {
    const { ledger, write } = undoDesk();
    await write({ category: 'access' }, { revision: 'good' });
    const bad = await write({ category: 'email' }, { revision: 'bad' });
    const { undos } = await findUndos({ revision: 'bad', since: '2026-05-01T00:00:00.000Z' }, { ledger });
    expect(undos.map((found) => found.write.decisionId)).toEqual([bad.decisionId]);
    expect(await findUndos({ revision: 'bad', since: '2026-05-02T00:00:00.000Z' }, { ledger })).toEqual({
      undos: [],
      why: 'no write of ours that still stands fits',
    });
  });

  test('an undo that crashed goes on under its own id, one that came to nothing gets another', async () => {
    const { ledger, write, issue } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const ofThis = { issueId: issue.id, issueKey: issue.key, undoes: decisionId };
    const idNow = async () => (await findUndos({ decisionId }, { ledger })).undos[0]?.id;
    await ledger.recordWrite(writeWith({ ...ofThis, decisionId: `undo-${decisionId}`, state: 'planned' }));
    expect(await idNow()).toBe(`undo-${decisionId}`);
    await ledger.recordWrite(writeWith({ ...ofThis, decisionId: `undo-${decisionId}`, state: 'unchanged' }));
    expect(await idNow()).toBe(`undo-2-${decisionId}`);
    await ledger.recordWrite(writeWith({ ...ofThis, decisionId: `undo-2-${decisionId}`, state: 'refused' }));
    expect(await idNow()).toBe(`undo-3-${decisionId}`);
  });
});

describe('where there is nothing to take back, it says why', () => {
  const whyOf = async (decisionId: string, { ledger }: Pick<ReturnType<typeof undoDesk>, 'ledger'>) =>
    (await findUndos({ decisionId }, { ledger })).why;

  test('an id that is not known', async () => {
    expect(await whyOf('__proto__', undoDesk())).toBe('nothing is known of a write by __proto__');
  });

  test('a decision that still waits to be written', async () => {
    const { ledger } = undoDesk();
    await ledger.recordDecision(decisionWith({ id: 'waiting-1.2' }));
    expect(await whyOf('waiting-1.2', { ledger })).toBe('waiting-1.2 has not been written yet');
  });

  test('a write that is under way, was refused, or changed nothing', async () => {
    const { ledger } = undoDesk();
    await ledger.recordWrite(writeWith({ decisionId: 'a', issueId: '1', state: 'planned' }));
    await ledger.recordWrite(writeWith({ decisionId: 'b', issueId: '2', state: 'refused', reason: 'moved' }));
    await ledger.recordWrite(writeWith({ decisionId: 'c', issueId: '3', state: 'unchanged' }));
    await ledger.recordWrite(writeWith({ decisionId: 'd', issueId: '4', state: 'applied' }));
    expect(await whyOf('a', { ledger })).toBe('a is just being written; try again in a moment');
    expect(await whyOf('b', { ledger })).toBe('b wrote nothing: moved');
    expect(await whyOf('c', { ledger })).toBe('c wrote nothing: unchanged');
    expect(await whyOf('d', { ledger })).toBe('d changed no field');
  });

  test('a write from before the time that was asked for', async () => {
    const { ledger, write } = undoDesk();
    const { decisionId } = await write({ category: 'access' });
    const since = '2026-06-01T00:00:00.000Z';
    expect((await findUndos({ decisionId, since }, { ledger })).why).toBe(`${decisionId} was written before ${since}`);
  });

  test('a write that was taken back, and how to bring it back or take it back again', async () => {
    const { ledger, write, takeBack } = undoDesk();
    const { decisionId: id } = await write({ category: 'access' });
    await takeBack(id);
    expect(await whyOf(id, { ledger })).toBe(`${id} was taken back already; undo undo-${id} to bring it back`);
    await takeBack(`undo-${id}`);
    expect(await whyOf(id, { ledger })).toBe(`${id} was taken back and brought back; undo undo-undo-${id} instead`);
  });
});

test('of two undos of one write at the same time, the later one finds it done', async () => {
  const { desk, ledger, ports, write } = undoDesk();
  const { decisionId } = await write({ category: 'access' });
  await undo({ id: `undo-${decisionId}`, writeId: decisionId }, playbook, ports());
  const late = await undo({ id: `undo-2-${decisionId}`, writeId: decisionId }, playbook, ports());
  expect(late).toMatchObject({ state: 'refused', reason: 'undone-already' });
  expect(desk.edits).toHaveLength(2);
  expect(await ledger.write(decisionId)).toMatchObject({ undoneBy: `undo-${decisionId}` });
});
