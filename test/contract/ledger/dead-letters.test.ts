import { describe, expect, test } from 'vitest';
import type { DeadLetter } from '../../../src/domain/decision/dead-letter.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { deliveryWith, freshId } from '../../support/fixtures.ts';
import { books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

function letterWith(parts: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: `triage-${freshId()}-1`,
    queue: 'triage',
    payload: { issueId: '7', deliveryId: 'x', nested: { deep: ['ä', '单'] } },
    error: 'Jira answered 400',
    history: ['TransientError: Jira answered 503', 'PermanentError: Jira answered 400'],
    attempts: 2,
    buriedAt: '2026-05-01T08:00:00.000Z',
    ...parts,
  };
}

describe.each(books)('dead letters in $name', ({ open }) => {
  let ledger: Ledger;

  freshEachTime(open, (book) => {
    ledger = book.replica();
  });

  test('rest whole, the newest first, until they are taken away', async () => {
    const [old, young] = [letterWith(), letterWith({ queue: 'undo', buriedAt: '2026-05-02T08:00:00.000Z' })];
    await ledger.bury(old);
    await ledger.bury(young);
    expect(await ledger.deadLetters(10)).toEqual([young, old]);
    expect(await ledger.deadLetters(1)).toEqual([young]);
    expect(await ledger.deadLetter(old.id)).toEqual(old);
    expect(await ledger.deadLetterCounts()).toEqual({ triage: 1, undo: 1 });
    expect(await ledger.unbury(old.id)).toBe(true);
    expect(await ledger.unbury(old.id)).toBe(false);
    expect(await ledger.deadLetter(old.id)).toBeNull();
    expect(await ledger.deadLetterCounts()).toEqual({ undo: 1 });
  });

  test('one that failed again says what it failed of now', async () => {
    const letter = letterWith();
    await ledger.bury(letter);
    await ledger.bury({ ...letter, error: 'another reason', attempts: 3 });
    expect(await ledger.deadLetters(10)).toEqual([{ ...letter, error: 'another reason', attempts: 3 }]);
  });

  test('what no text column takes does not keep a job from resting', async () => {
    const letter = letterWith({ payload: { id: 'a\0b' }, error: 'half a pair: \ud800', history: ['\0'] });
    await ledger.bury(letter);
    expect(await ledger.deadLetter(letter.id)).toMatchObject({ id: letter.id, attempts: 2 });
  });

  test('go with everything else that is old', async () => {
    await ledger.bury(letterWith({ buriedAt: new Date(Date.now() - 100 * 86_400_000).toISOString() }));
    const young = letterWith({ buriedAt: new Date().toISOString() });
    await ledger.bury(young);
    expect(await ledger.trim(90)).toBe(1);
    expect(await ledger.deadLetters(10)).toEqual([young]);
  });

  test('a failed delivery opens for another attempt, once', async () => {
    const [receipt] = await ledger.receive([deliveryWith({ issueId: '77' })]);
    const id = receipt?.id ?? '';
    expect(await ledger.reopen(id)).toBeNull();
    await ledger.settle(id, 1, { state: 'failed', reason: 'Jira answered 400' });
    expect(await ledger.reopen(id)).toEqual({
      id,
      attempt: 2,
      issueId: '77',
      intent: 'triage',
      isForced: false,
      overridesHumans: false,
      decisionId: null,
    });
    expect(await ledger.reopen(id)).toBeNull();
    expect(await ledger.reopen('never-came')).toBeNull();
    await ledger.settle(id, 1, { state: 'triaged' });
    expect(await ledger.deliveryCounts()).toEqual({ accepted: 1 });
    await ledger.settle(id, 2, { state: 'triaged' });
    expect(await ledger.deliveryCounts()).toEqual({ triaged: 1 });
  });
});
