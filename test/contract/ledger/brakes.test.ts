import { describe, expect, test } from 'vitest';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { brakeWith } from '../../support/outcomes.ts';
import { type Book, books } from '../support/books.ts';
import { freshEachTime } from '../support/fresh.ts';

describe.each(books)('brakes in $name', ({ open }) => {
  let book: Book;
  let ledger: Ledger;

  freshEachTime(open, (opened) => {
    book = opened;
    ledger = opened.replica();
  });

  test('that are on are told whole, oldest first', async () => {
    const newer = brakeWith({ value: '__proto__', why: 'Größe 打印机', pulledAt: '2026-05-02T00:00:00.000Z' });
    const older = brakeWith({ value: null, kind: 'field-gone', pulledAt: '2026-05-01T00:00:00.000Z' });
    expect([await ledger.pullBrake(newer), await ledger.pullBrake(older)]).toEqual([true, true]);
    expect(await ledger.brakes()).toEqual([older, newer]);
  });

  test('are on once per class, and once per target', async () => {
    for (const value of ['access', 'email', '', null]) {
      expect(await ledger.pullBrake(brakeWith({ value }))).toBe(true);
      expect(await ledger.pullBrake(brakeWith({ value, why: 'again' }))).toBe(false);
    }
    expect(await ledger.pullBrake(brakeWith({ target: 'priority' }))).toBe(true);
    expect(await ledger.brakes()).toHaveLength(5);
  });

  test('of ten who pull the same one at once, one does', async () => {
    const pulls = Array.from({ length: 10 }, () => book.replica().pullBrake(brakeWith()));
    expect((await Promise.all(pulls)).filter(Boolean)).toHaveLength(1);
    expect(await ledger.brakes()).toHaveLength(1);
  });

  test('are released once, by their id', async () => {
    const [brake, other] = [brakeWith(), brakeWith({ value: 'email' })];
    await ledger.pullBrake(brake);
    await ledger.pullBrake(other);
    expect(await ledger.releaseBrake('never-pulled', 'ada')).toBeNull();
    const releases = await Promise.all([ledger.releaseBrake(brake.id, 'ada'), ledger.releaseBrake(brake.id, 'bo')]);
    expect(releases.filter((released) => released !== null)).toEqual([brake]);
    expect(await ledger.brakes()).toEqual([other]);
  });

  test('may be pulled again once released, even under the same id', async () => {
    const brake = brakeWith();
    for (let round = 0; round < 3; round += 1) {
      expect(await ledger.pullBrake(brake)).toBe(true);
      expect(await ledger.releaseBrake(brake.id, 'ada')).toEqual(brake);
    }
    expect(await ledger.brakes()).toEqual([]);
  });
});
