import { expect, test } from 'vitest';
import { catalogue } from '../../../src/queue/catalogue.ts';

test('undos of the same list are one job, and of a longer list another', () => {
  const one = { id: 'undo-a', writeId: 'a' };
  const other = { id: 'undo-b', writeId: 'b' };
  const idOf = (...undos: { id: string; writeId: string }[]) => catalogue.undo.idOf({ undos });
  expect(idOf(one, other)).toBe(idOf(one, other));
  expect(new Set([idOf(one), idOf(one, other), idOf(other, one)]).size).toBe(3);
  expect(idOf(...Array.from({ length: 1_000 }, () => one))).toMatch(/^undo-[0-9a-f]{32}$/);
});
