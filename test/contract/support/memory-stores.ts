import { postgresMemory } from '../../../src/adapters/postgres/memory.ts';
import { processMemory } from '../../../src/adapters/sparse/memory.ts';
import type { Memory, MemoryQuery } from '../../../src/domain/ports/memory.ts';
import type { PastTicket } from '../../../src/domain/ticket/issue.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { pastTicketWith } from '../../support/fixtures.ts';
import { databases, openMigrated, type TestDatabase } from './databases.ts';
import { qdrantStores } from './qdrant-stores.ts';

/** One store of past tickets, looked at by as many replicas as one likes. */
export interface Store extends AsyncDisposable {
  /** Empties the store. */
  reset(): Promise<void>;
  replica(): Promise<Memory>;
  readonly comparesVectors: boolean;
}

export const stores = [
  { name: 'the fake', open: async () => storeInProcess(memoryFake) },
  { name: 'this process', open: async () => storeInProcess(processMemory) },
  ...databases.map(({ name, open }) => ({ name, open: async () => databaseStore(await openMigrated(open)) })),
  ...qdrantStores,
];

function storeInProcess(open: () => Memory): Store {
  let memory = open();
  return {
    reset: async () => {
      memory = open();
    },
    replica: async () => memory,
    comparesVectors: true,
    [Symbol.asyncDispose]: async () => {},
  };
}

async function databaseStore(database: TestDatabase): Promise<Store> {
  return {
    comparesVectors: true,
    reset: () => database.sql.script('truncate triage.memory, triage.spaces, triage.vectors'),
    replica: () => postgresMemory(database.sql),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export const NO_VECTORS = 'this server has no pgvector';

export const ask = (text: string, parts: Partial<MemoryQuery> = {}): MemoryQuery => ({
  text,
  embedding: null,
  keywordWeight: 0.5,
  limit: 10,
  projects: ['IT'],
  readerProject: 'IT',
  readerLevel: 'Staff',
  excludeId: 'none',
  before: '2026-06-01T00:00:00.000Z',
  ...parts,
});

export const about = (id: string, summary: string, parts: Partial<PastTicket> = {}) =>
  pastTicketWith({ id, summary, text: '', ...parts });

export async function allOf(memory: Memory): Promise<PastTicket[]> {
  return (await Array.fromAsync(memory.tickets())).flat();
}

export async function idsFor(memory: Memory, query: MemoryQuery): Promise<string[]> {
  return (await memory.nearest(query)).map(({ ticket }) => ticket.id);
}
