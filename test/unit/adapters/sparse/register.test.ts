import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Meta, Register } from '../../../../src/adapters/sparse/register.ts';
import type { MemoryQuery } from '../../../../src/domain/ports/memory.ts';

const projects = fc.constantFrom('IT', 'HR', '__proto__');
const levels = fc.constantFrom(null, 'Staff', 'Board', 'null');
const metas = fc.record({ project: projects, createdMs: fc.nat(5), securityLevel: levels });
const operations = fc.array(fc.record({ id: fc.nat(9).map(String), meta: fc.option(metas, { freq: 3 }) }), {
  maxLength: 60,
});

function queryWith(parts: Partial<MemoryQuery> = {}): MemoryQuery {
  return {
    text: '',
    embedding: null,
    keywordWeight: 1,
    limit: 1,
    projects: ['IT', 'HR'],
    readerProject: 'IT',
    readerLevel: null,
    excludeId: '',
    before: new Date(10).toISOString(),
    ...parts,
  };
}

function fill(steps: readonly { readonly id: string; readonly meta: Meta | null }[]) {
  const register = new Register();
  const kept = new Map<string, Meta>();
  for (const { id, meta } of steps) {
    if (meta === null) {
      register.remove(id);
      kept.delete(id);
    } else {
      register.put(id, meta);
      kept.set(id, meta);
    }
  }
  return { register, kept };
}

describe('the register of past tickets', () => {
  test('shows exactly what the rules allow, after any coming and going', () => {
    const query = fc
      .record({
        projects: fc.uniqueArray(projects),
        readerProject: projects,
        readerLevel: levels,
        excludeId: fc.nat(9).map(String),
        before: fc.nat(6).map((ms) => new Date(ms).toISOString()),
      })
      .map(queryWith);
    fc.assert(
      fc.property(operations, query, (steps, asked) => {
        const { register, kept } = fill(steps);
        const isVisible = register.visibleTo(asked);
        for (const [id, { project, createdMs, securityLevel }] of kept) {
          const isOpen =
            securityLevel === null || (project === asked.readerProject && securityLevel === asked.readerLevel);
          const expected =
            isOpen &&
            asked.projects.includes(project) &&
            createdMs < Date.parse(asked.before) &&
            id !== asked.excludeId;
          expect(isVisible(register.numberOf(id) ?? -1)).toBe(expected);
        }
      }),
    );
  });

  test('gives each ticket a number of its own, the smallest that were given back first', () => {
    fc.assert(
      fc.property(operations, (steps) => {
        const { register, kept } = fill(steps);
        const numbers = [...kept.keys()].map((id) => register.numberOf(id) ?? -1);
        expect(new Set(numbers).size).toBe(kept.size);
        expect(register.size).toBe(kept.size);
        expect(Math.max(-1, ...numbers)).toBeLessThan(10);
        expect(numbers.map((number) => register.idOf(number))).toEqual([...kept.keys()]);
      }),
    );
  });

  test('keeps what it knows when it grows', () => {
    const register = new Register();
    for (let index = 0; index < 5_000; index++)
      register.put(String(index), { project: index % 2 ? 'IT' : 'HR', createdMs: index, securityLevel: null });
    const isVisible = register.visibleTo(queryWith({ projects: ['IT'], before: new Date(3_000).toISOString() }));
    const seen = Array.from({ length: 5_000 }, (_, index) => index).filter((index) =>
      isVisible(register.numberOf(String(index)) ?? -1),
    );
    expect(seen).toEqual(Array.from({ length: 1_500 }, (_, index) => index * 2 + 1));
  });
});
