import { postgresLedger } from '../../../src/adapters/postgres/ledger.ts';
import type { Delivery, DeliveryEnd, Receipt } from '../../../src/domain/decision/delivery.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { databases, openMigrated, type TestDatabase } from './databases.ts';

/** One ledger, looked at by as many replicas as one likes. */
export interface Book extends AsyncDisposable {
  /** Empties it. */
  reset(): Promise<void>;
  replica(): Ledger;
}

export const books: readonly { readonly name: string; readonly open: () => Promise<Book> }[] = [
  { name: 'the fake', open: async () => bookInProcess() },
  ...databases.map(({ name, open }) => ({ name, open: async () => databaseBook(await openMigrated(open)) })),
];

function bookInProcess(): Book {
  let ledger = ledgerFake();
  return {
    reset: async () => {
      ledger = ledgerFake();
    },
    replica: () => ledger,
    [Symbol.asyncDispose]: async () => {},
  };
}

const TABLES = [
  'dead_letters',
  'deliveries',
  'decisions',
  'writes',
  'cursors',
  'arrivals',
  'bursts',
  'outcomes',
  'brakes',
  'turns',
  'turn_keys',
  'audits',
];

function databaseBook(database: TestDatabase): Book {
  return {
    reset: () => database.sql.script(`truncate ${TABLES.map((table) => `triage.${table}`).join(', ')}`),
    replica: () => postgresLedger(database.sql),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export const TRIAGED: DeliveryEnd = { state: 'triaged' };
export const FAILED: DeliveryEnd = { state: 'failed', reason: 'Jira was away' };
export const IGNORED = { kind: 'ignore', reason: 'project HR is not in the playbook' } as const;

export async function receiveOne(ledger: Ledger, delivery: Delivery): Promise<Receipt> {
  const [receipt] = await ledger.receive([delivery]);
  if (!receipt) throw new Error('no receipt');
  return receipt;
}

/** A delivery that ended, and its receipt. */
export async function ended(ledger: Ledger, delivery: Delivery, end: DeliveryEnd): Promise<Receipt> {
  const receipt = await receiveOne(ledger, delivery);
  await ledger.settle(receipt.id, receipt.attempt, end);
  return receipt;
}
