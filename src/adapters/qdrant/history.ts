import { z } from 'zod';
import type { Correction, CorrectionQuery, PastWork, PastWorkQuery } from '../../domain/ports/memory.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import type { Qdrant } from './client.ts';
import type { Collections } from './collections/collections.ts';
import { EVERYBODY, isoOf, MEANING, readPayload, vectorOf, WholePayload } from './points.ts';
import { byAge, firstByAge } from './scroll.ts';

const SHOWN = [
  'id',
  'key',
  'project',
  'summary',
  'created',
  'securityLevel',
  'resolution',
  'context',
  'values',
  'isTreated',
];
const WHOLE = [...SHOWN, 'text', 'people'];

/** Tickets with their text and vector per request. */
const TICKETS_PAGE = 200;
/** What decides how much is read to find the newest so many. */
const LARGEST_PAGE = 1_000;

/** Every ticket with its text and its vector in the live space, oldest first. */
export async function* readTickets(
  collections: Collections,
  { patient }: Qdrant,
): AsyncGenerator<readonly PastTicket[]> {
  const { live } = await collections.look();
  const walk = {
    client: patient,
    collection: live.name,
    fields: [...WHOLE, 'length'],
    vectors: live.space ? [MEANING] : [],
    page: TICKETS_PAGE,
  };
  for await (const page of byAge(walk, 'asc')) {
    yield page.map(({ point }) => {
      const vector = live.space && vectorOf(point);
      return { ...readPayload(WholePayload, point), embedding: vector ? { model: live.space.model, vector } : null };
    });
  }
}

const Work = z.object({
  created: z.string(),
  context: z.record(z.string(), z.string()),
  values: z.record(z.string(), z.object({ value: z.string(), by: z.enum(['human', 'machine']) })),
});

/** Who finished the newest tickets of a project. */
export async function readWork(
  query: PastWorkQuery,
  collection: string,
  { quick }: Qdrant,
): Promise<readonly PastWork[]> {
  const { project, target, before, limit } = query;
  const filter = {
    must: [
      { key: 'project', match: { value: project } },
      { key: 'decided', match: { value: target } },
      { key: 'created', range: { lt: isoOf(before) } },
    ],
  };
  const fields = ['id', 'created', 'context', 'values'];
  const found = await firstByAge({ client: quick, collection, filter, fields, page: pageFor(limit) }, 'desc', limit);
  return found.flatMap(({ point }) => {
    const { created, context, values } = readPayload(Work, point);
    const truth = Object.hasOwn(values, target) ? values[target] : undefined;
    const { reporter = null, component = null } = context;
    const createdMs = Date.parse(created);
    return truth ? [{ value: truth.value, by: truth.by, createdMs, reporter, component }] : [];
  });
}

/** The newest tickets where a person replaced a value of ours for one of these targets. */
export async function readCorrections(
  { targets, projects, before, limit }: CorrectionQuery,
  collection: string,
  { quick }: Qdrant,
): Promise<readonly Correction[]> {
  if (targets.length === 0 || projects.length === 0) return [];
  const filter = {
    must: [
      { key: 'corrected', match: { any: [...new Set(targets)] } },
      { key: 'project', match: { any: [...new Set(projects)] } },
      { key: 'audience', match: { value: EVERYBODY } },
      { key: 'created', range: { lt: isoOf(before) } },
    ],
  };
  const walk = { client: quick, collection, filter, fields: WHOLE, page: pageFor(limit) };
  return (await firstByAge(walk, 'desc', limit)).map(({ point }) => readPayload(WholePayload, point));
}

/** One more than wanted, so that the last moment is seen to be whole. */
function pageFor(limit: number): number {
  return Math.min(limit + 1, LARGEST_PAGE);
}
