import type {
  CorrectionQuery,
  Memory,
  MemoryQuery,
  Neighbour,
  PastWork,
  PastWorkQuery,
  Whereat,
} from '../../domain/ports/memory.ts';
import { cosine, isSameSpace, spaceOf, spacesFor } from '../../domain/ticket/embedding.ts';
import { type Embedding, olderFirst, type PastTicket } from '../../domain/ticket/issue.ts';
import { type Found, fuse, type Hit, sparseHalf, visibleTo } from './hits.ts';
import { InvertedIndex } from './inverted-index.ts';
import type { Meta } from './register.ts';
import { ProcessSpaces, versionOf } from './spaces.ts';
import { documentVector } from './vector.ts';

type Bare = Omit<PastTicket, 'embedding'>;

interface Kept {
  readonly ticket: Bare;
  readonly meta: Meta;
}

/** Past tickets in this process alone: for evaluations, which bring their own history. Vectors are compared one by one. */
export function processMemory(): Memory {
  const kept = new Map<string, Kept>();
  const index = new InvertedIndex();
  const bare = () => kept.values().map(({ ticket }) => ticket);
  const spaces = new ProcessSpaces(bare, (id) => kept.get(id)?.ticket);
  return {
    spaces,
    put: async (tickets) => {
      const takers = await spacesFor(
        tickets.flatMap(({ embedding }) => embedding ?? []),
        spaces,
      );
      for (const { embedding, ...ticket } of tickets) {
        const { id, project, created, securityLevel } = ticket;
        const meta = { project, createdMs: Date.parse(created), securityLevel };
        kept.set(id, { ticket, meta });
        index.put(id, documentVector(`${ticket.summary}\n${ticket.text}`), meta);
        const taker = embedding && takers.find((space) => isSameSpace(space, spaceOf(embedding)));
        if (taker) {
          await spaces.store(taker, [{ ticket: { ...ticket, version: versionOf(ticket) }, vector: embedding.vector }]);
        }
      }
    },
    forget: async (ids) => {
      for (const id of ids) {
        kept.delete(id);
        index.remove(id);
        spaces.forget(id);
      }
    },
    nearest: async (query) => {
      const dense = await denseHits(kept, query, spaces);
      const hits = fuse(query, { ...sparseHalf(index, query), dense });
      return hits.flatMap((hit) => shown(hit, kept.get(hit.id)?.ticket));
    },
    size: async () => kept.size,
    warmUp: async () => {},
    tickets: async function* () {
      const live = await spaces.live();
      yield [...bare()].map((ticket) => ({ ...ticket, embedding: embeddingOf(ticket, live, spaces) })).sort(olderFirst);
    },
    ids: async (after, limit) => idsAfter(bare(), after).slice(0, limit),
    pastWork: async (query) => workAmong(bare(), query),
    excerpts: async (ids) =>
      ids.flatMap((id) => {
        const found = kept.get(id)?.ticket;
        return found ? [{ id, text: found.text, people: found.people }] : [];
      }),
    corrections: async (query) => correctionsAmong(bare(), query),
  };
}

type Live = Awaited<ReturnType<ProcessSpaces['live']>>;

function embeddingOf(ticket: Bare, live: Live, spaces: ProcessSpaces): Embedding | null {
  const vector = spaces.vectorOf(ticket);
  return live && vector ? { model: live.model, vector } : null;
}

/** Null when the query's vector is not of the live space. */
async function denseHits(
  kept: ReadonlyMap<string, Kept>,
  query: MemoryQuery,
  spaces: ProcessSpaces,
): Promise<Hit[] | null> {
  const { embedding } = query;
  const live = await spaces.live();
  if (!live || !embedding || !isSameSpace(live, spaceOf(embedding))) return null;
  const isVisible = visibleTo(query);
  return [...kept.values()]
    .flatMap(({ ticket, meta }) => {
      const vector = isVisible(meta, ticket.id) ? spaces.vectorOf(ticket) : null;
      return vector ? [{ id: ticket.id, score: cosine(vector, embedding.vector) }] : [];
    })
    .sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
    .slice(0, query.limit * 2);
}

function shown({ score, likeness }: Found, found: Bare | undefined): Neighbour[] {
  if (!found) return [];
  const { text: _, people: __, ...ticket } = found;
  return [{ ticket, similarity: score, likeness }];
}

function idsAfter(tickets: Iterable<Bare>, after: string): Whereat[] {
  return [...tickets]
    .map(({ id, project, securityLevel }) => ({ id, project, securityLevel }))
    .filter(({ id }) => id > after)
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}

function workAmong(tickets: Iterable<Bare>, { project, target, before, limit }: PastWorkQuery): PastWork[] {
  const beforeMs = Date.parse(before);
  return [...tickets]
    .filter((ticket) => ticket.project === project && Object.hasOwn(ticket.values, target))
    .filter((ticket) => Date.parse(ticket.created) < beforeMs)
    .sort((one, other) => olderFirst(other, one))
    .slice(0, limit)
    .flatMap(({ created, context, values }) => {
      const truth = values[target];
      const { reporter = null, component = null } = context;
      const createdMs = Date.parse(created);
      return truth ? [{ value: truth.value, by: truth.by, createdMs, reporter, component }] : [];
    });
}

function correctionsAmong(tickets: Iterable<Bare>, query: CorrectionQuery): Bare[] {
  const beforeMs = Date.parse(query.before);
  const isCorrected = ({ values }: Bare) =>
    query.targets.some((target) => Object.hasOwn(values, target) && values[target]?.insteadOf !== undefined);
  return [...tickets]
    .filter((ticket) => ticket.securityLevel === null && query.projects.includes(ticket.project))
    .filter((ticket) => Date.parse(ticket.created) < beforeMs && isCorrected(ticket))
    .sort((one, other) => olderFirst(other, one))
    .slice(0, query.limit);
}
