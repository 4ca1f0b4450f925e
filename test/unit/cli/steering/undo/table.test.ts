import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { outlookLines, resultLines, wouldChange } from '../../../../../src/cli/steering/undo/table.ts';
import type { UndoRehearsal } from '../../../../../src/domain/decision/undo.ts';
import { writeWith } from '../../../../support/fixtures.ts';

const lookWith = (parts: Partial<UndoRehearsal> = {}): UndoRehearsal => ({
  id: 'undo-d1',
  writeId: 'd1',
  at: '2026-05-01T09:00:00.000Z',
  issueKey: 'IT-1',
  changes: { category: { before: 'access', after: null } },
  heldBack: { priority: 'human-set' },
  reason: null,
  ...parts,
});
const plain = (lines: readonly string[]) => lines.map(stripVTControlCharacters).join('\n');

describe('what an undo would do', () => {
  test('is a row per target, with the reason where it is left alone', () => {
    expect(plain(outlookLines({ undos: [lookWith()], more: 2, why: null })).split('\n')).toEqual([
      'TICKET  TARGET    OURS    BEFORE                                          WRITE',
      'IT-1    category  access  (empty)                                         d1',
      'IT-1    priority                   left alone: a person touched it since  d1',
      'and 2 more writes, not looked at yet',
    ]);
  });

  test('is the reason alone where there is nothing', () => {
    expect(outlookLines({ undos: [], more: 0, why: 'nothing is known of a write by x' })).toEqual([
      'nothing is known of a write by x',
    ]);
  });

  test('is nothing when every target is left alone, as far as was looked', () => {
    const held = lookWith({ changes: {} });
    expect(wouldChange({ undos: [held], more: 0, why: null })).toBe(false);
    expect(wouldChange({ undos: [held], more: 1, why: null })).toBe(true);
    expect(wouldChange({ undos: [lookWith()], more: 0, why: null })).toBe(true);
  });

  test('keeps what Jira’s values hold on their line, however they are made', () => {
    const hostile = { before: `\u001b[2J\n\r${'x'.repeat(100_000)}`, after: '密码\u202e' };
    const [lines = ''] = outlookLines({ undos: [lookWith({ changes: { category: hostile } })], more: 0, why: null });
    expect(lines.split('\n')).toHaveLength(3);
    expect(lines.length).toBeLessThan(1_000);
    for (const line of stripVTControlCharacters(lines).split('\n'))
      expect(line).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
  });
});

describe('what an undo did', () => {
  test('counts what was taken back, and tells what was refused and what is still open', () => {
    const done = writeWith({ undoes: 'd1', changes: { category: { before: 'access', after: null } } });
    const refused = writeWith({ undoes: 'd2', state: 'refused', reason: 'issue-gone' });
    const stored = [done, refused].map((write) => ({ ...write, at: 'x', undoneBy: null }));
    const text = plain(resultLines({ ended: stored, open: 1 }));
    expect(text).toMatch(/category +access +\(empty\) +d1/);
    expect(text).toMatch(/the ticket is gone, or not visible to us +d2/);
    expect(text).toContain('✔ 1 of 3 writes taken back');
    expect(text).toContain('1 have not ended yet');
  });
});
