import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  lengthOf,
  payloadOf,
  pointIdOf,
  readPayload,
  vectorOf,
  visibleIn,
  WholePayload,
} from '../../../../src/adapters/qdrant/points.ts';
import { visibleTo } from '../../../../src/adapters/sparse/hits.ts';
import type { MemoryQuery } from '../../../../src/domain/ports/memory.ts';
import { matches } from '../../../fakes/qdrant/filter.ts';
import { FilterSchema } from '../../../fakes/qdrant/shapes.ts';
import { pastTicketWith } from '../../../support/fixtures.ts';

const anything = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units));
const jiraId = fc.stringMatching(/^[1-9]\d{0,18}$/);

describe('the point of a ticket', () => {
  test('is a UUID, whatever the id of the ticket', () => {
    const ids = fc.oneof(jiraId, anything);
    fc.assert(
      fc.property(ids, (id) => {
        return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(pointIdOf(id));
      }),
    );
  });

  test('is another one for another id, and stands where the id stands', () => {
    fc.assert(
      fc.property(jiraId, jiraId, (one, other) => {
        expect(pointIdOf(one) < pointIdOf(other)).toBe(one < other);
        expect(pointIdOf(one) === pointIdOf(other)).toBe(one === other);
      }),
    );
  });

  test('keeps ids apart that are one number in double precision', () => {
    const [one, other] = ['9007199254740993', '9007199254740992'];
    expect(Number(one)).toBe(Number(other));
    expect(pointIdOf(one)).not.toBe(pointIdOf(other));
  });

  test('of an id with other signs stands behind all that are digits', () => {
    fc.assert(
      fc.property(jiraId, fc.stringMatching(/^[A-Z]+-\d+$/), (id, key) => {
        expect(pointIdOf(key) > pointIdOf(id)).toBe(true);
      }),
    );
  });
});

const indexes = new Map([
  ['project', 'keyword'],
  ['audience', 'keyword'],
  ['created', 'datetime'],
]);

describe('the filter of a question', () => {
  const project = fc.constantFrom('IT', 'HR', 'IT","Staff', '');
  const level = fc.option(fc.constantFrom('Staff', 'Board', 'everybody', '"]', ''), { nil: null });
  const time = fc.date({ min: new Date('2026-01-01'), max: new Date('2026-01-04'), noInvalidDate: true });

  test('lets through what may be evidence, and nothing else', () => {
    const ticket = fc.record({ id: fc.constantFrom('1', '2', 'x'), project, securityLevel: level, created: time });
    const asked = fc.record({
      projects: fc.uniqueArray(project),
      readerProject: project,
      readerLevel: level,
      excludeId: fc.constantFrom('1', 'x', 'none'),
      before: time,
    });
    fc.assert(
      fc.property(ticket, asked, ({ created, ...where }, { before, ...question }) => {
        const past = pastTicketWith({ ...where, created: created.toISOString() });
        const query = {
          ...question,
          before: before.toISOString(),
          text: '',
          limit: 1,
          embedding: null,
          keywordWeight: 1,
        };
        const meta = { project: past.project, createdMs: created.getTime(), securityLevel: past.securityLevel };
        expect(isFound(past, query)).toBe(visibleTo(query)(meta, past.id));
      }),
      { numRuns: 1_000 },
    );
  });

  function isFound(ticket: Parameters<typeof payloadOf>[0], query: MemoryQuery): boolean {
    const filter = FilterSchema.parse(JSON.parse(JSON.stringify(visibleIn(query))));
    const point = { id: pointIdOf(ticket.id), payload: payloadOf(ticket, 'stamp'), vectors: {} };
    return matches(filter, point, indexes);
  }
});

describe('what is stored of a ticket', () => {
  test('has a version that changes with its words and is of no other ticket', () => {
    const versionOf = (parts: Parameters<typeof pastTicketWith>[0]) =>
      payloadOf(pastTicketWith({ id: '1', summary: 'jam', text: 'paper', ...parts }), 'stamp').version;
    expect(versionOf({ values: { team: { value: 'Office', by: 'human' } } })).toBe(versionOf({}));
    const others = [
      versionOf({}),
      versionOf({ id: '2' }),
      versionOf({ summary: 'jampaper', text: '' }),
      versionOf({ text: '' }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  test('holds no half of a surrogate pair, and is the ticket otherwise', () => {
    const ticket = pastTicketWith({ summary: 'half \ud83d', people: ['Kim \udc00'], text: 'whole 🖨️' });
    const { embedding: _, ...bare } = ticket;
    const read = readPayload(WholePayload, { id: 1, payload: { ...payloadOf(ticket, 'stamp') } });
    expect(read).toEqual({ ...bare, summary: 'half \ufffd', people: ['Kim \ufffd'] });
  });

  test('is refused without a word of it when somebody else wrote it', () => {
    const refusal = () => readPayload(WholePayload, { id: 'a-b', payload: { text: 'the password is hunter2', id: 7 } });
    expect(refusal).toThrow(/a-b/);
    expect(refusal).not.toThrow(/hunter2/);
  });

  test('has a vector that comes back as it was, although it is kept at length 1', () => {
    const coordinate = fc.double({ min: -50, max: 50, noNaN: true }).map(Math.fround);
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: 2, maxLength: 8 }), (vector) => {
        fc.pre(vector.some((number) => Math.abs(number) > 1e-3));
        const length = lengthOf(vector);
        const kept = vector.map((number) => Math.fround(length === null ? number : number / length));
        const back = vectorOf({ vector: { meaning: kept }, payload: { length } });
        const longest = Math.max(...vector.map(Math.abs));
        for (const [place, number] of vector.entries())
          expect(Math.abs((back?.[place] ?? 0) - number)).toBeLessThan(longest * 1e-5);
      }),
    );
    expect(vectorOf({ vector: { meaning: [0.4472136, -0.8944272] }, payload: { length: Math.sqrt(1.25) } })).toEqual([
      0.5, -1,
    ]);
    expect(vectorOf({ vector: { words: { indices: [], values: [] } }, payload: {} })).toBeNull();
  });
});
