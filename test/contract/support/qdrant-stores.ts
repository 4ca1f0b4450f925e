import { randomBytes } from 'node:crypto';
import { QdrantClient } from '@qdrant/js-client-rest';
import { expect } from 'vitest';
import { type QdrantMemoryOptions, qdrantMemory } from '../../../src/adapters/qdrant/memory.ts';
import { startQdrantServer } from '../../fakes/qdrant/server.ts';

export const API_KEY = 'a-key-of-the-test';

export const plainly: Omit<QdrantMemoryOptions, 'url'> = {
  apiKey: null,
  prefix: 'triage',
  shards: null,
  replicas: null,
  quantization: 'off',
  // Only tests of slowness are about time.
  timeoutMs: 20_000,
  onAdvice: (advice) => {
    throw new Error(advice);
  },
};

/** The stand-in always, and the server in TEST_QDRANT_URL (with TEST_QDRANT_API_KEY) when there is one. */
export const qdrantStores = [
  { name: 'Qdrant (stand-in)', open: standInStore },
  ...liveUrls().map((url) => ({ name: 'Qdrant', open: async () => liveStore(url) })),
];

async function standInStore() {
  const server = await startQdrantServer({ apiKey: API_KEY });
  return {
    comparesVectors: true,
    reset: async () => {
      server.desk.collections.clear();
      server.desk.aliases.clear();
    },
    replica: () => qdrantMemory({ ...plainly, url: server.url, apiKey: API_KEY }),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      expect([...new Set(server.violations)]).toEqual([]);
    },
  };
}

function liveUrls(): string[] {
  const url = process.env['TEST_QDRANT_URL'];
  return url === undefined || url === '' ? [] : [url];
}

/** A prefix of its own for each test, of which nothing stays. */
function liveStore(url: string) {
  const apiKey = process.env['TEST_QDRANT_API_KEY'] ?? null;
  const client = new QdrantClient({ url, checkCompatibility: false, ...(apiKey === null ? {} : { apiKey }) });
  const freshPrefix = () => `test-${randomBytes(6).toString('hex')}`;
  let prefix = freshPrefix();
  const clean = async () => {
    for (const { name } of (await client.getCollections()).collections) {
      if (name.startsWith(`${prefix}.`)) await client.deleteCollection(name);
    }
  };
  return {
    comparesVectors: true,
    reset: async () => {
      await clean();
      prefix = freshPrefix();
    },
    replica: () => qdrantMemory({ ...plainly, url, apiKey, prefix }),
    [Symbol.asyncDispose]: clean,
  };
}
