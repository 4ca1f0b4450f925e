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

test('what is heard in company is another job than each of it alone', () => {
  const heard = { deliveryId: 'd', attempt: 1, issueId: '1', intent: 'learn' } as const;
  const ids = [heard, { ...heard, others: [heard] }, { ...heard, others: [heard, heard] }].map(catalogue.feedback.idOf);
  expect(ids).toEqual(['feedback-d-1', 'feedback-d-1-and-1', 'feedback-d-1-and-2']);
  expect(catalogue.feedback.idOf({ ...heard, others: [] })).toBe('feedback-d-1');
});
