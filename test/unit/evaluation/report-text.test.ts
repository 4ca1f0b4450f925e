import { describe, expect, test } from 'vitest';
import { reportText } from '../../../src/evaluation/report/text.ts';
import { align, cut, widthOf } from '../../../src/evaluation/report/text-table.ts';
import { classOf, evaluationWith, ladderWith, pointOf, selectiveOf, shareOf } from '../../support/evaluation.ts';

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

describe('what asking a model adds, for a terminal', () => {
  const told = (overrides: Parameters<typeof ladderWith>[0] = {}) =>
    reportText(evaluationWith({ ladder: ladderWith(overrides) }));
  const flat = (overrides: Parameters<typeof ladderWith>[0] = {}) => told(overrides).replaceAll('\n', ' ');

  test('says in a sentence whether the model beats the local classifier', () => {
    expect(flat()).toContain('asking the model gains 52 and loses 22 (p < 0.001): it beats the local classifier.');
    const even = { method: 'triage', against: 'local', gained: 9, lost: 7, p: 0.804 };
    expect(flat({ beatsLocal: even })).toContain(
      'gains 9 and loses 7 (p = 0.8): it does not beat the local classifier',
    );
    expect(flat({ beatsLocal: { ...even, gained: 3, lost: 20, p: 0.0005 } })).toContain('it is worse than the local');
    expect(flat({ answered: 0, model: null })).toContain('The model answered nothing');
  });

  test('shows the curve with what the playbook says and what is recommended', () => {
    expect(told()).toMatch(/^ {2}never +0\.0 % +73\.1 % +41\.0 % +95\.1 % +0 +–$/m);
    expect(told()).toMatch(/^ {2}0\.9 \* +50\.0 % +76\.0 % .* 950 +0\.00045 USD$/m);
    expect(told()).toMatch(/^> 0\.97 +70\.0 % +76\.1 %/m);
    expect(flat()).toContain('(76.1 %): skipModelAbove: 0.9, which asks about 50.0 % of tickets.');
    expect(flat({ recommendedSkip: null })).toContain('no model at all');
    expect(flat()).toContain('41.0 % written (95.1 % right) without the model, 40.0 % written (95.0 % right) with it');
  });

  test('leaves out steps that ask about no more tickets', () => {
    const curve = [0, 0.5, 0.6, 0.97, 1].map((skip) => pointOf(skip, 1, 0.7));
    const steps = [...told({ curve }).matchAll(/^[ >] (0|0\.5|0\.6|0\.97|1) /gm)].map(([, step]) => step);
    expect(steps).toEqual(['0', '0.97']);
  });

  test('says what it cost, and that a price is unknown', () => {
    expect(flat()).toContain('1,912 tokens in (median 1,876), 80 out, 0.00091 USD for a ticket');
    expect(flat()).toContain('without an answer: 8× no answer within 20 s, 2× the model refused to answer');
    expect(flat({ moneyPerTicket: 0 })).toContain('80 out, price unknown');
  });

  test('keeps to 110 columns, and lets nothing from an endpoint steer the terminal', () => {
    const long = `\u001B[31mmodel\n${'网络'.repeat(200)}`;
    const text = told({ model: long, promptHash: long, currency: long, failed: { [long]: 3, __proto__: 1 } });
    for (const line of text.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(110);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
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
