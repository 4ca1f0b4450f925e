import { describe, expect, test } from 'vitest';
import { reportText } from '../../../src/evaluation/report/text.ts';
import { align, cut, widthOf } from '../../../src/evaluation/report/text-table.ts';
import { classOf, evaluationWith, selectiveOf, shareOf } from '../../support/evaluation.ts';

describe('the report for a terminal', () => {
  test('says what becomes of new tickets, and shows methods, cut-offs and differences', () => {
    const text = reportText(evaluationWith());
    expect(text.replaceAll('\n', ' ')).toContain(
      'For 41 % of new tickets the team would have been filled in by itself; 95 of 100 of these were right. The 95 % asked for is kept.',
    );
    expect(text).toMatch(/^triage +73\.1 %\* +83\.1 %\* +63\.1 %\* +3\.1 % +0\.8$/m);
    expect(text).toMatch(/^> 95 % +95\.1 % \(92\.6–96\.8\) +41\.0 % \(38\.0–44\.1\) +410 +–$/m);
    expect(text).toMatch(/^triage against linear +\+41 +−23 +p = 0\.033, probably not chance$/m);
  });

  test('lists the eight classes that lose most tickets, worst first, with what they are taken for', () => {
    const classes = Array.from({ length: 12 }, (_, lost) =>
      classOf(`class ${lost}`, { recall: shareOf(40 - lost, 40), worst: [{ as: 'Network', n: lost, examples: [] }] }),
    );
    const listed = [...reportText(evaluationWith({ classes })).matchAll(/^class (\d+) +(\d+) +40 .*Network (\d+)×$/gm)];
    expect(listed.map(([, name, lost, as]) => [name, lost, as])).toEqual(
      [11, 10, 9, 8, 7, 6, 5, 4].map((lost) => [`${lost}`, `${lost}`, `${lost}`]),
    );
  });

  test('keeps to 110 columns and to one line, and lets nothing from a ticket steer the terminal', () => {
    const long = `\u001B[31mBerechtigungs\nverwaltung ${'网络与安全支持组'.repeat(30)}`;
    const text = reportText(
      evaluationWith({
        set: long,
        target: long,
        split: { order: long, history: 1, calibration: 1, test: 1000, unknown: 0 },
        classes: [classOf(long, { worst: [{ as: long, n: 1234, examples: [] }] })],
        features: [
          { without: long, accuracy: 0.5, significance: { method: long, against: long, gained: 3, lost: 1, p: 0.04 } },
        ],
        significance: [{ method: long, against: long, gained: 31_234, lost: 21_234, p: 0.04 }],
      }),
    );
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(110);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('prints dashes where nothing was counted', () => {
    const nothing = { accuracy: Number.NaN, macroF1: Number.NaN, top3: Number.NaN, ece: null, msPerTicket: Number.NaN };
    const text = reportText(
      evaluationWith({
        split: { order: 'oldest first', history: 0, calibration: 0, test: 0, unknown: 0 },
        methods: [{ name: 'triage', ...nothing }],
        selective: [selectiveOf(0.95, 0, 0)],
        classes: [],
        inScopeAuroc: Number.NaN,
        training: { seconds: Number.NaN, modelBytes: Number.NaN },
      }),
    );
    expect(text).not.toMatch(/NaN|undefined|null|Infinity/);
    expect(text).toContain('There was no new ticket to decide the team of.');
  });

  test('is the same for the same result', () => {
    expect(reportText(evaluationWith())).toBe(reportText(evaluationWith()));
  });
});

describe('columns of text', () => {
  test('line up under Chinese, emoji and combining marks', () => {
    const lines = align([
      ['网络', 'a'],
      ['🖨️', 'a'],
      ['e\u0301', 'a'],
      ['__proto__', 'a'],
    ]).split('\n');
    expect(lines.map((line) => widthOf(line))).toEqual([12, 12, 12, 12]);
  });

  test('are cut between characters, never within one', () => {
    expect(cut('网络与安全', 6)).toBe('网络…');
    expect(cut('ab👩‍💻', 3)).toBe('ab…');
    expect(cut('网络', 4)).toBe('网络');
  });
});
