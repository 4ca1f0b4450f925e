import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { postgresOutcomes } from '../../../../src/adapters/postgres/ledger/outcomes.ts';
import { trim } from '../../../../src/adapters/postgres/ledger/trim.ts';
import { databases, openMigrated, type TestDatabase } from '../../support/databases.ts';
import { freshEachTime } from '../../support/fresh.ts';

/** More than one step of each walk. */
const ROWS = 1_300;

describe.each(databases)('walks through months of rows in $name', ({ open }) => {
  let database: TestDatabase;

  async function opened() {
    const fresh = await openMigrated(open);
    return {
      database: fresh,
      reset: () => fresh.sql.script('truncate triage.decisions, triage.writes, triage.outcomes, triage.deliveries'),
      [Symbol.asyncDispose]: () => fresh[Symbol.asyncDispose](),
    };
  }

  freshEachTime(opened, (store) => {
    database = store.database;
  });

  describe('that trim', () => {
    beforeEach(() =>
      database.sql.script(`
        insert into triage.decisions (id, delivery_id, issue_id, issue_key, revision, input_hash, decided_at, decision)
          select 'd' || n, '', 'i' || n, 'IT-' || n, '', '', now() - interval '9 days', '{}' from generate_series(1, ${ROWS}) n;
        insert into triage.writes (decision_id, issue_id, issue_key, state, changes, held_back, at)
          select 'd' || n, 'i' || n, 'IT-' || n, 'applied', '{}', '{}', now() - interval '9 days' * (n % 2) from generate_series(1, ${ROWS}) n;
        insert into triage.deliveries (id, site, door, event, is_forced, state, settled_at)
          select n::text, '', '', '', false, 'triaged', now() - interval '9 days' from generate_series(1, ${ROWS}) n`),
    );

    test('end when nothing old is left, and count every row', async () => {
      // Half of the writes are of today, and keep their decisions.
      expect(await trim(database.sql, 1)).toBe(ROWS / 2 + ROWS / 2 + ROWS);
      expect(await trim(database.sql, 1)).toBe(0);
      const kept = await database.sql.rows(
        z.object({ decisions: z.number(), paired: z.number() }),
        `select count(*)::int as decisions, count(w.decision_id)::int as paired
           from triage.decisions c left join triage.writes w on w.decision_id = c.id`,
      );
      expect(kept).toEqual([{ decisions: ROWS / 2, paired: ROWS / 2 }]);
    });
  });

  test('that compare groups count each ticket once, as it was judged last', async () => {
    // Three outcomes of each ticket, so that tickets lie across the ends of steps; the last one judged is the first row.
    await database.sql.script(`
      insert into triage.outcomes (decision_id, target, issue_id, issue_key, project, revision, value, confidence, how, result,
                                   is_explicit, settled_after_ms, is_finished, judged_at)
        select 'd' || n || '-' || k, 'category', (10000 + n)::text, 'IT-' || n, 'IT', '', 'v', 0.9,
               case n % 4 when 0 then 'control' else 'written' end, case k when 0 then 'confirmed' else 'overridden' end,
               true, n, true, now() - k * interval '1 hour'
          from generate_series(1, ${ROWS}) n, generate_series(0, 2) k`);
    const groups = await postgresOutcomes(database.sql).groupQuality('2020-01-01T00:00:00.000Z');
    const [control, treated] = [ROWS / 4, (ROWS * 3) / 4];
    expect(groups).toEqual([
      { target: 'category', group: 'control', tickets: control, judged: control, right: control, medianSettledMs: 652 },
      { target: 'category', group: 'treated', tickets: treated, judged: treated, right: treated, medianSettledMs: 650 },
    ]);
  });
});
