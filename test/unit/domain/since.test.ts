import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sinceOf } from '../../../src/domain/since.ts';

const now = new Date('2026-05-01T12:00:00.000Z');

describe('a time in the past', () => {
  test.each([
    ['90m', '2026-05-01T10:30:00.000Z'],
    ['2h', '2026-05-01T10:00:00.000Z'],
    ['3d', '2026-04-28T12:00:00.000Z'],
    ['0m', '2026-05-01T12:00:00.000Z'],
    ['999999d', '1970-01-01T00:00:00.000Z'],
    ['2026-04-30', '2026-04-30T00:00:00.000Z'],
    ['2026-04-30T08:00Z', '2026-04-30T08:00:00.000Z'],
    ['2026-04-30T08:00:00.5+02:00', '2026-04-30T06:00:00.500Z'],
    ['0000-01-01', '1970-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(sinceOf(text, now)).toBe(iso);
  });

  test.each([
    '',
    'yesterday',
    '2',
    'h',
    '-2h',
    '2 h',
    '2H',
    '1.5h',
    '2w',
    '2026-13-01',
    '2026-04-30T08:00',
    '٣h',
    '2h\n',
  ])('%j is none', (text) => {
    expect(sinceOf(text, now)).toBeNull();
  });

  test('whatever is typed is a time no database refuses, or none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,8}[mhd]$/)), (text) => {
        const iso = sinceOf(text, now);
        if (iso !== null) expect(iso).toMatch(/^(19[7-9]|[2-9]\d\d)\d-\d\d-\d\dT/);
      }),
    );
  });
});
