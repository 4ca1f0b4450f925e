import { type Embedding, olderFirst, type PastTicket } from '../../domain/issue.ts';
import type { Memory, MemoryQuery } from '../../domain/ports.ts';
import { fuse, type Hit, type Meta, sparseHits, visibleTo } from './hits.ts';
import { InvertedIndex } from './inverted-index.ts';
import { documentVector } from './vector.ts';

interface Kept {
  readonly ticket: PastTicket;
  readonly meta: Meta;
}

/** Past tickets in this process alone: for evaluations, which bring their own history. Vectors are compared one by one. */
export function processMemory(): Memory {
  const kept = new Map<string, Kept>();
  const index = new InvertedIndex<Meta>();
  return {
    put: async (tickets) => {
      for (const ticket of tickets) {
        const { id, project, created, securityLevel } = ticket;
        const meta = { project, createdMs: Date.parse(created), securityLevel };
        kept.set(id, { ticket, meta });
        index.put(id, documentVector(`${ticket.summary}\n${ticket.text}`), meta);
      }
    },
    forget: async (ids) => {
      for (const id of ids) {
        kept.delete(id);
        index.remove(id);
      }
    },
    nearest: async (query) => {
      const dense = query.embedding && denseHits(kept, query, query.embedding);
      return fuse(query, { sparse: sparseHits(index, query), dense }, index).flatMap(({ id, score, likeness }) => {
        const found = kept.get(id);
        if (!found) return [];
        const { embedding: _, text: __, ...ticket } = found.ticket;
        return [{ ticket, similarity: score, likeness }];
      });
    },
    size: async () => kept.size,
    tickets: async function* () {
      yield [...kept.values()].map(({ ticket }) => ticket).sort(olderFirst);
    },
  };
}

function denseHits(kept: ReadonlyMap<string, Kept>, query: MemoryQuery, { model, vector }: Embedding): Hit[] {
  const isVisible = visibleTo(query);
  return [...kept.values()]
    .flatMap(({ ticket: { id, embedding }, meta }) =>
      embedding?.model === model && embedding.vector.length === vector.length && isVisible(meta, id)
        ? [{ id, score: cosine(embedding.vector, vector) }]
        : [],
    )
    .sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
    .slice(0, query.limit * 2);
}

function cosine(one: readonly number[], other: readonly number[]): number {
  let dot = 0;
  let lengths = 0;
  let otherLengths = 0;
  for (const [index, value] of one.entries()) {
    const another = other[index] ?? 0;
    dot += value * another;
    lengths += value * value;
    otherLengths += another * another;
  }
  return lengths === 0 || otherLengths === 0 ? 0 : dot / Math.sqrt(lengths * otherLengths);
}
