import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { postgresMemory } from '../../../src/adapters/postgres/memory.ts';
import type { Memory, MemoryQuery, Neighbour } from '../../../src/domain/ports/memory.ts';
import type { PastTicket } from '../../../src/domain/ticket/issue.ts';
import { vectorFor } from '../../fakes/model/server.ts';
import { deskTickets } from '../../support/desk.ts';
import { pastTicketWith } from '../../support/fixtures.ts';
import { sharedFile } from '../../support/shared.ts';
import { databases, openMigrated } from '../support/databases.ts';
import { ask } from '../support/memory-stores.ts';
import { qdrantStores } from '../support/qdrant-stores.ts';

/** So many questions per history. */
const QUESTIONS = 200;

/**
 * Qdrant reckons in single precision, whose sums of a hundred products are off by some millionths; we reckon in double
 * precision over the same single-precision weights. Where two tickets differ by less than this, either may come first.
 */
const TOLERANCE = 1e-5;

const embeddingOf = (text: string) => ({ model: 'm', vector: vectorFor(text) });

interface History {
  readonly name: string;
  readonly tickets: readonly PastTicket[];
}

/** Three projects, some restricted tickets, some without a vector, some of one moment, some twice the same. */
function asPast(texts: readonly { readonly summary: string; readonly text: string }[]): PastTicket[] {
  return texts.map(({ summary, text }, index) =>
    pastTicketWith({
      id: String(10_000 + index),
      summary,
      text,
      project: ['IT', 'HR', 'OPS'][index % 3] ?? 'IT',
      created: new Date(Date.UTC(2026, 0, 1) + Math.floor(index / 4) * 3_600_000).toISOString(),
      securityLevel: index % 11 === 0 ? 'Staff' : null,
      embedding: index % 7 === 0 ? null : embeddingOf(`${summary}\n${text}`),
    }),
  );
}

function histories(): History[] {
  const { history, fresh } = deskTickets();
  const desk = [...history, ...fresh].map(({ summary, description: text }) => ({ summary, text }));
  const invented = { name: 'the invented desk', tickets: asPast([...desk, ...desk.slice(0, 20)]) };
  const path = sharedFile('data/tickets/synthetic-multilang.jsonl.gz');
  if (!existsSync(path)) {
    console.info(`the two memories are compared on the invented desk alone: there is no ${path}`);
    return [invented];
  }
  const Row = z.looseObject({ summary: z.string().default(''), text: z.string().default('') });
  const rows = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n').slice(0, 400);
  return [invented, { name: 'multilingual tickets', tickets: asPast(rows.map((row) => Row.parse(JSON.parse(row)))) }];
}

/** Past tickets shortened, lengthened and mixed, asked by words, by meaning and by both, by readers of all kinds. */
function questionsFor(tickets: readonly PastTicket[]): MemoryQuery[] {
  return Array.from({ length: QUESTIONS }, (_, index) => {
    const at = (place: number) => tickets[(place * 37) % tickets.length] ?? pastTicketWith();
    const [one, other] = [at(index), at(index + 5)];
    const text = [one.summary, `${one.summary}\n${one.text}`, `${one.summary}\n${other.summary}`][index % 3] ?? '';
    return ask(text, {
      embedding: index % 4 === 0 ? null : embeddingOf(text),
      keywordWeight: [0.5, 0, 0.25, 0.9, 1][index % 5] ?? 0.5,
      limit: [5, 20, 1][index % 3] ?? 5,
      projects: [['IT'], ['IT', 'HR'], ['IT', 'HR', 'OPS']][index % 3] ?? [],
      readerLevel: index % 2 === 0 ? 'Staff' : null,
      excludeId: index % 6 === 0 ? one.id : 'none',
      before: index % 5 === 0 ? other.created : '2027-01-01T00:00:00.000Z',
    });
  });
}

const [pglite] = databases;

describe.each(histories())('on $name, PGlite and Qdrant', ({ tickets }) => {
  describe.each(qdrantStores)('in $name', ({ open }) => {
    const opened = new AsyncDisposableStack();
    const memories: { readonly postgres: Memory; readonly qdrant: Memory }[] = [];

    beforeAll(async () => {
      if (!pglite) throw new Error('there is no PGlite');
      const postgres = await postgresMemory(opened.use(await openMigrated(pglite.open)).sql);
      const qdrant = await opened.use(await open()).replica();
      for (const memory of [postgres, qdrant]) {
        for (let start = 0; start < tickets.length; start += 200) await memory.put(tickets.slice(start, start + 200));
        await complete(memory);
      }
      memories.push({ postgres, qdrant });
    });
    afterAll(() => opened.disposeAsync());

    test('find the same tickets in the same order, as similar and as alike', async () => {
      const [{ postgres, qdrant } = never()] = memories;
      let found = 0;
      let swapped = 0;
      for (const question of questionsFor(tickets)) {
        const [expected, actual] = [await postgres.nearest(question), await qdrant.nearest(question)];
        found += expected.length;
        swapped += differences(expected, actual);
      }
      expect(found).toBeGreaterThan(QUESTIONS);
      // What is allowed within the tolerance must stay rare, or it is no order any more.
      expect(swapped / found).toBeLessThan(0.001);
    });
  });
});

function never(): never {
  throw new Error('nothing was opened');
}

/** Gives the tickets without a vector theirs, so that the space is searched. */
async function complete({ spaces }: Memory): Promise<void> {
  const space = (await spaces.building()) ?? (await spaces.live()) ?? never();
  for await (const page of spaces.missing(space)) {
    await spaces.store(
      space,
      page.map((ticket) => ({ ticket, vector: vectorFor(`${ticket.summary}\n${ticket.text}`) })),
    );
  }
  expect(await spaces.complete(space)).toBe(true);
}

/** Places where another ticket stands, all of them among equals within the tolerance; anything else fails. */
function differences(expected: readonly Neighbour[], actual: readonly Neighbour[]): number {
  expect(actual).toHaveLength(expected.length);
  const likenesses = new Map(expected.map(({ ticket, likeness }) => [ticket.id, likeness]));
  let count = 0;
  for (const [rank, { ticket, similarity, likeness }] of actual.entries()) {
    const there = expected[rank] ?? never();
    expect(Math.abs(similarity - there.similarity)).toBeLessThan(TOLERANCE);
    if (ticket.id !== there.ticket.id) count++;
    const alike = likenesses.get(ticket.id);
    if (alike !== undefined) expect(Math.abs(likeness - alike)).toBeLessThan(TOLERANCE);
    if (ticket.id === there.ticket.id) expect(ticket).toEqual(there.ticket);
  }
  return count;
}
