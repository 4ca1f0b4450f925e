import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresLedger } from '../../src/adapters/postgres/ledger.ts';
import { outcomes } from '../../src/adapters/postgres/migrations/outcomes.ts';
import type { Ledger } from '../../src/domain/ports/ledger.ts';
import { writeWith } from '../support/fixtures.ts';
import { databases, type TestDatabase } from './support/databases.ts';

/** A decision as it was stored before decisions had rounds, alternates and a control group. */
const OLD_DECISION = JSON.stringify({
  id: 'old-1',
  deliveryId: 'old',
  issueId: '10001',
  issueKey: 'IT-10001',
  revision: 'old-revision',
  inputHash: 'input',
  decidedAt: '2026-05-01T08:00:01.000Z',
  verdicts: { category: { kind: 'value', value: 'access', confidence: 0.9, cutOff: 0.5, rung: 'rule', runnersUp: [] } },
  evidence: [],
  routing: { team: null, assignee: null, policy: null, passedOver: [] },
  retrieval: 'sparse',
  timingsMs: {},
});

/** What the migration finds. */
const BEFORE = `
  create schema triage;
  create table triage.memory (id text primary key);
  insert into triage.memory values ('1');
  create table triage.deliveries (
    id text primary key, issue_id text, issue_key text, intent text, is_forced boolean not null, state text not null,
    attempt integer not null default 1, received_at timestamptz not null default now());
  insert into triage.deliveries (id, issue_id, issue_key, intent, is_forced, state)
    values ('old', '10001', 'IT-10001', 'triage', true, 'accepted');
  create table triage.decisions (
    id text primary key, delivery_id text not null, issue_id text not null, issue_key text not null,
    revision text not null, input_hash text not null, decided_at timestamptz not null, decision jsonb not null);
  insert into triage.decisions values
    ('old-1', 'old', '10001', 'IT-10001', 'old-revision', 'input', '2026-05-01T08:00:01Z', '${OLD_DECISION}');
  create table triage.writes (
    decision_id text primary key, issue_id text not null, issue_key text not null,
    state text not null check (state in ('planned', 'applied', 'unchanged', 'dry-run', 'refused')),
    reason text, changes jsonb not null, held_back jsonb not null, at timestamptz not null default now());
  insert into triage.writes (decision_id, issue_id, issue_key, state, changes, held_back)
    values ('old-1', '10001', 'IT-10001', 'applied', '{"category":{"before":null,"after":"access"}}', '{}')`;

describe.each(databases)('what was stored before outcomes were, in $name', ({ open }) => {
  let database: TestDatabase;
  let ledger: Ledger;
  beforeAll(async () => {
    database = await open();
    await database.sql.script(`${BEFORE}; ${outcomes.sql}`);
    ledger = postgresLedger(database.sql);
  });
  afterAll(() => database[Symbol.asyncDispose]());

  test('is read with what was not known then left empty', async () => {
    const write = { suggestions: {}, passedOver: [], undoes: null, undoneBy: null };
    const decision = { id: 'old-1', round: 0, isControl: false, overridesHumans: false, unknownWords: null };
    expect(await ledger.lastWord('10001')).toMatchObject({ decision, write });
    expect(await ledger.openDeliveries(0, 10)).toMatchObject([{ overridesHumans: false, decisionId: 'old-1' }]);
    expect(await ledger.decided('2026-05-01T00:00:00Z', '2026-05-02T00:00:00Z')).toEqual({
      decisions: 1,
      unknownWords: null,
      targets: { category: { decisions: 1, abstained: 0, values: { access: 1 } } },
    });
  });

  test('can be taken back, and new writes may be superseded', async () => {
    expect(await ledger.undoable({ revision: 'old-revision' })).toMatchObject([{ decisionId: 'old-1' }]);
    await ledger.recordWrite(writeWith({ decisionId: 'undo-old-1', undoes: 'old-1' }));
    expect(await ledger.write('old-1')).toMatchObject({ undoneBy: 'undo-old-1' });
    const superseded = writeWith({ state: 'superseded' });
    expect(await ledger.recordWrite(superseded)).toEqual(superseded);
  });
});
