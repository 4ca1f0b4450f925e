import { createHash } from 'node:crypto';
import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { TransientError } from '../../domain/errors.ts';
import type { MemoryQuery } from '../../domain/ports/memory.ts';
import type { Embedding, PastTicket } from '../../domain/ticket/issue.ts';
import type { Embeddable } from '../../domain/ticket/space.ts';
import { documentVector } from '../sparse/vector.ts';

/** The vectors of a point: of its words, and in a collection with a space also of its meaning. */
export const WORDS = 'words';
export const MEANING = 'meaning';

/** What is filtered or sorted by; Qdrant may be set up to refuse filters without an index. */
export const INDEXES = {
  project: 'keyword',
  created: 'datetime',
  audience: 'keyword',
  decided: 'keyword',
  corrected: 'keyword',
  version: 'keyword',
  stamp: 'keyword',
} as const;

/**
 * The point of a ticket. Qdrant takes a UUID or a number, and a JSON number above 2^53 loses digits. Ids of digits become
 * their own digits, so that points are in the order of the tickets' ids and no two tickets share one; others are hashed.
 */
export function pointIdOf(id: string): string {
  const hex = /^\d{1,31}$/.test(id)
    ? Array.from(id, (digit) => (Number(digit) + 1).toString(16)).join('')
    : `f${hashOf(id)}`;
  return hex
    .slice(0, 32)
    .padEnd(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Who may see a ticket, as one word: everybody, or only those of its project with its security level. */
export const EVERYBODY = 'everybody';

export function audienceOf({ project, securityLevel }: Pick<PastTicket, 'project' | 'securityLevel'>): string {
  return securityLevel === null ? EVERYBODY : JSON.stringify([project, securityLevel]);
}

/** Which points may be evidence for this query; `visibleTo` says the same of tickets in this process. */
export function visibleIn(query: MemoryQuery): Schemas['Filter'] {
  const { projects, before, readerProject: project, readerLevel: securityLevel } = query;
  return {
    must: [
      { key: 'project', match: { any: [...new Set(projects)] } },
      { key: 'created', range: { lt: isoOf(before) } },
      { key: 'audience', match: { any: [...new Set([EVERYBODY, audienceOf({ project, securityLevel })])] } },
    ],
    must_not: [{ has_id: [pointIdOf(query.excludeId)] }],
  };
}

export function isoOf(time: string): string {
  return new Date(time).toISOString();
}

/** Qdrant refuses half surrogate pairs, which tickets and names may well hold. */
function wellFormed<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'string' ? item.toWellFormed() : item)),
  );
}

/**
 * A ticket as it is stored, with its `version`, which changes with its words and is of no other ticket, and its `stamp`,
 * which is of this one writing.
 */
export function payloadOf({ embedding: _, ...ticket }: PastTicket, stamp: string) {
  const { id, isTreated = false, ...rest } = wellFormed(ticket);
  const names = Object.entries(rest.values);
  return {
    ...rest,
    id,
    created: isoOf(rest.created),
    isTreated,
    audience: audienceOf(rest),
    decided: names.map(([name]) => name),
    corrected: names.flatMap(([name, { insteadOf }]) => (insteadOf === undefined ? [] : [name])),
    version: hashOf(JSON.stringify([id, rest.summary, rest.text])).slice(0, 32),
    stamp,
  };
}

export type StoredTicket = ReturnType<typeof payloadOf>;

const Words = z.object({ [WORDS]: z.object({ indices: z.array(z.number()), values: z.array(z.number()) }) });
type Words = z.infer<typeof Words>;

/** The vectors that a point is stored with at first; none where there is no word. */
export function wordsOf({ summary, text }: Pick<PastTicket, 'summary' | 'text'>): Words | Record<never, never> {
  const { terms, weights } = documentVector(`${summary}\n${text}`);
  return terms.length === 0 ? {} : { [WORDS]: { indices: [...terms], values: [...weights] } };
}

/** The same of a point that was read with them. */
export function wordsIn({ vector }: Pick<Schemas['Record'], 'vector'>): Words | Record<never, never> {
  return Words.safeParse(vector).data ?? {};
}

const Values = z.record(
  z.string(),
  z
    .object({ value: z.string(), by: z.enum(['human', 'machine']), insteadOf: z.string().optional() })
    .transform(({ insteadOf, ...value }) => (insteadOf === undefined ? value : { ...value, insteadOf })),
);

const Shown = z.object({
  id: z.string(),
  key: z.string(),
  project: z.string(),
  summary: z.string(),
  created: z.string(),
  securityLevel: z.string().nullable(),
  resolution: z.string().nullable(),
  context: z.record(z.string(), z.string()),
  values: Values,
  isTreated: z.boolean(),
});

const asShown = <Ticket extends z.infer<typeof Shown>>({ isTreated, ...ticket }: Ticket) => ({
  ...ticket,
  ...(isTreated ? { isTreated } : {}),
});

/** A ticket as neighbours show it. */
export const ShownPayload = Shown.transform(asShown);

/** With its words and people. */
export const WholePayload = Shown.extend({ text: z.string(), people: z.array(z.string()) }).transform(asShown);

/** What is embedded of it. */
export const EmbeddablePayload: z.ZodType<Embeddable> = z.object({
  id: z.string(),
  summary: z.string(),
  text: z.string(),
  people: z.array(z.string()),
  version: z.string(),
});

/** The payload of a point in this form. Throws `TransientError` for one that something else wrote. */
export function readPayload<T>(schema: z.ZodType<T>, { id, payload }: Pick<Schemas['Record'], 'id' | 'payload'>): T {
  const read = schema.safeParse(payload);
  if (read.success) return read.data;
  // Without the issues: they may quote a ticket.
  throw new TransientError(`the point ${String(id)} in Qdrant is none of ours: forget it there`);
}

const Meaning = z.object({ [MEANING]: z.array(z.number()).optional() });
const Scaled = z.object({ length: z.number().nullish() });

/** Digits that survive being divided and multiplied by a length in single precision. */
const DIGITS = 6;

/** The vector of a point as it was stored; null when it has none. */
export function vectorOf({
  vector,
  payload,
}: Pick<Schemas['Record'], 'vector' | 'payload'>): Embedding['vector'] | null {
  const meaning = Meaning.safeParse(vector).data?.[MEANING];
  if (!meaning) return null;
  const length = Scaled.safeParse(payload).data?.length ?? null;
  return length === null ? meaning : meaning.map((number) => Number((number * length).toPrecision(DIGITS)));
}

/** Qdrant keeps what it compares by cosine at length 1: another length has to be kept beside it. */
export function lengthOf(vector: Embedding['vector']): number | null {
  const squares = vector.reduce((sum, number) => sum + number * number, 0);
  return squares === 0 || Math.abs(squares - 1) < 1e-6 ? null : Math.sqrt(squares);
}
