import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { postgresBursts } from '../../../src/adapters/postgres/ledger/bursts.ts';
import type { BurstLedger } from '../../../src/domain/ports/ledger.ts';
import type { ArrivalQuery } from '../../../src/domain/ticket/burst.ts';
import { arrivalWith } from '../../support/arrivals.ts';
import { databases, openMigrated, type TestDatabase } from '../support/databases.ts';

/** More than are kept at hand. */
const MANY = 2_100;
const BEFORE: ArrivalQuery = {
  project: 'IT',
  from: '1970-01-01T00:00:00.000Z',
  until: '2026-05-01T11:00:00.000Z',
  isOrdinary: true,
  limit: 3,
};

describe.each(databases)('what came in before a flood, on $name', ({ open }) => {
  let database: TestDatabase;
  let bursts: BurstLedger;

  beforeEach(async () => {
    database = await openMigrated(open);
    bursts = postgresBursts(database.sql);
    const first = arrivalWith({ issueId: 'first', at: '2026-05-01T10:00:00.000Z' });
    await bursts.recordArrival(first);
    await database.sql.execute(
      `insert into triage.arrivals (issue_id, issue_key, project, at, sketch)
       select 'flood-' || n, issue_key, project, at + interval '3 hours', sketch from triage.arrivals, generate_series(1, ${MANY}) n`,
    );
  });
  afterEach(async () => {
    vi.useRealTimers();
    await database[Symbol.asyncDispose]();
  });

  const asked = (query = BEFORE) => bursts.arrivals(query).then((found) => found.map(({ issueId }) => issueId));

  test('is read once for all its tickets, and again after a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const reads = vi.spyOn(database.sql, 'rows');
    expect(await asked()).toEqual(['first']);
    expect(await Promise.all([asked(), asked()])).toEqual([['first'], ['first']]);
    expect(reads).toHaveBeenCalledTimes(1);
    expect(await asked({ ...BEFORE, project: 'HR' })).toEqual([]);
    expect(reads).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(61_000);
    expect(await asked()).toEqual(['first']);
    expect(reads).toHaveBeenCalledTimes(3);
  });

  test('is read again when the first try failed', async () => {
    vi.spyOn(database.sql, 'rows').mockRejectedValueOnce(new Error('away'));
    await expect(asked()).rejects.toThrow('away');
    expect(await asked()).toEqual(['first']);
  });
});
