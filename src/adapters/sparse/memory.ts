import type { PastTicket } from '../../domain/issue.ts';
import type { Memory } from '../../domain/ports.ts';
import { fuse, type Meta, sparseHits } from './hits.ts';
import { InvertedIndex } from './inverted-index.ts';
import { documentVector } from './vector.ts';

/** Past tickets in this process alone, searched by keywords: for evaluations, which bring their own history. */
export function sparseMemory(): Memory {
  const kept = new Map<string, PastTicket>();
  const index = new InvertedIndex<Meta>();
  return {
    put: async (tickets) => {
      for (const ticket of tickets) {
        const { id, project, created, securityLevel } = ticket;
        kept.set(id, ticket);
        const meta = { project, createdMs: Date.parse(created), securityLevel };
        index.put(id, documentVector(`${ticket.summary}\n${ticket.text}`), meta);
      }
    },
    forget: async (ids) => {
      for (const id of ids) {
        kept.delete(id);
        index.remove(id);
      }
    },
    nearest: async (query) =>
      fuse(query, { sparse: sparseHits(index, query), dense: null }, index).flatMap(({ id, score, likeness }) => {
        const ticket = kept.get(id);
        return ticket ? [{ ticket, similarity: score, likeness }] : [];
      }),
    size: async () => kept.size,
    tickets: async function* () {
      yield [...kept.values()].sort((one, other) =>
        one.created === other.created ? (one.id < other.id ? -1 : 1) : one.created < other.created ? -1 : 1,
      );
    },
  };
}
