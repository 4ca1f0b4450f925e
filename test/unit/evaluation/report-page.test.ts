import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { reportPage } from '../../../src/evaluation/report/page.ts';
import type { EvaluationResult } from '../../../src/evaluation/result.ts';
import { classOf, evaluationWith, ladderWith, selectiveOf, shareOf } from '../../support/evaluation.ts';

const HOSTILE = `"><script>alert('1')</script><img onerror=x>&`;
const NAMES = [
  '__proto__',
  'constructor',
  '网络与安全支持组',
  'Berechtigungsverwaltungsgesellschaft',
  'Druck 🖨️',
  '<b>',
];

const pageOf = (overrides: Partial<EvaluationResult> = {}) => reportPage([evaluationWith(overrides)]);

describe('the report page', () => {
  test('says in a sentence what becomes of new tickets, and how many of them are right', () => {
    expect(pageOf()).toContain(
      'For 41 % of new tickets the team would have been filled in by itself; 95 of 100 of these were right.',
    );
  });

  test('counts a few tickets exactly, and none as none', () => {
    expect(pageOf({ selective: [selectiveOf(0.95, 11, 12)] })).toContain('For 1 % of new tickets');
    expect(pageOf({ selective: [selectiveOf(0.95, 11, 12)] })).toContain('11 of these 12 were right.');
    expect(pageOf({ targetPrecision: 0.99 })).toContain('For no new ticket was the team sure enough');
  });

  test('never rounds up to all', () => {
    expect(pageOf({ selective: [selectiveOf(0.95, 997, 999)] })).toContain('For 99.9 % of new tickets');
    expect(pageOf({ selective: [selectiveOf(0.95, 997, 999)] })).toContain('99 of 100 of these were right.');
  });

  test.each([
    [selectiveOf(0.95, 399, 400), 'More than the 95 % asked for'],
    [selectiveOf(0.95, 382, 400), 'The 95 % asked for is kept'],
    [selectiveOf(0.95, 376, 400), 'by no more than chance can explain'],
    [selectiveOf(0.95, 340, 400), 'Misses the 95 % asked for'],
    [selectiveOf(0.95, 0, 0), 'Nothing was sure enough'],
  ])('judges what was realised against what was asked for', (row, words) => {
    expect(pageOf({ selective: [row] })).toContain(words);
  });

  test('prints shares with one decimal and their interval, and the whole as three parts', () => {
    const page = pageOf();
    expect(page).toContain('95.1 % (92.6–96.8)');
    expect(page).toContain('<strong>39.0 %</strong> filled in rightly');
    expect(page).toContain('<strong>2.0 %</strong> filled in wrongly');
    expect(page).toContain('<strong>59.0 %</strong> left to a person');
  });

  test('emphasises the best figure of a column and no worse one', () => {
    const best = [...pageOf().matchAll(/<strong class="best">([^<]*)</g)].map(([, figure]) => figure);
    expect(best).toEqual(['73.1 %', '83.1 %', '63.1 %', '95 %']);
  });

  test('names every class, whatever it is called', () => {
    const page = pageOf({
      classes: NAMES.map((name) => classOf(name)),
      confusion: { classes: NAMES, counts: NAMES.map((_, row) => NAMES.map((__, column) => (row === column ? 9 : 1))) },
    });
    for (const name of NAMES) {
      const escaped = name.replace('<', '&lt;').replace('>', '&gt;');
      expect(page).toContain(`<th scope="row"><bdi>${escaped}</bdi></th>`);
      expect(page).toContain(`<title>${escaped}: 14 tickets</title>`);
    }
  });

  test('escapes whatever comes from data', () => {
    const page = reportPage([hostileResult(), hostileResult()]);
    expect(page).not.toMatch(/<script|<img/);
    expect(page).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;');
    expect(tagsOf(page)).toEqual(tagsOf(reportPage([hostileResult('x'), hostileResult('x')])));
  });

  test('drops characters that turn the reading direction', () => {
    expect(pageOf({ set: 'a\u202Eb\u0000c\u2069' })).toContain('<bdi>ab c</bdi>');
  });

  test('prints a dash for a share of nothing, and never a broken number', () => {
    const broken = /NaN|undefined|null|Infinity|\[object/;
    expect(pageOf()).not.toMatch(broken);
    expect(reportPage([emptyResult()])).not.toMatch(broken);
    expect(reportPage([])).toContain('Nothing was evaluated.');
    expect(pageOf({ classes: [classOf('new', { recall: shareOf(0, 0) })] })).toContain('<td>–</td>');
  });

  test('loads nothing and allows nothing but its own style sheet', () => {
    const page = pageOf();
    expect(page).not.toMatch(/https?:|src=|@import|url\(|<link|<script|\sstyle=|\son\w+=/i);
    const sheet = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
    const digest = createHash('sha256').update(sheet).digest('base64');
    expect(page).toContain(`style-src &#39;sha256-${digest}&#39;`);
  });

  test('gives every picture a title and a description, and every id once', () => {
    const page = reportPage([evaluationWith(), evaluationWith()]);
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const named = [...page.matchAll(/<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)"/g)];
    expect(named).toHaveLength(page.split('<svg').length - 1);
    for (const [, title, description] of named) expect(ids).toEqual(expect.arrayContaining([title, description]));
    expect(page).not.toMatch(/<th(?! scope=|ead)/);
  });

  test('shows what asking a model adds, with its curve; nothing of it where none was asked', () => {
    const page = pageOf({ ladder: ladderWith() });
    expect(page).toContain('What asking the model adds');
    expect(page).toContain('it beats the local classifier');
    expect(page).toContain('<title>asked below 0.9: 50.0 % of tickets, 76.0 % right</title>');
    expect(page).toContain('asking about none: 73.1 %.');
    expect(pageOf()).not.toContain('asking the model');
  });

  test('escapes what an endpoint calls itself, and draws no broken curve', () => {
    const point = { askedShare: Number.NaN, accuracy: Number.NaN, coverage: 0, precision: 0 };
    const page = pageOf({
      ladder: ladderWith({
        model: HOSTILE,
        promptHash: HOSTILE,
        currency: HOSTILE,
        failed: { [HOSTILE]: 1 },
        curve: [{ skipModelAbove: 0, ...point, inputTokensPerTicket: 0, moneyPerTicket: 1 }],
      }),
    });
    expect(page).not.toMatch(/<script|<img|NaN|undefined/);
    expect(pageOf({ ladder: ladderWith({ curve: [], model: null }) })).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  test('leaves out what was not measured', () => {
    const page = pageOf({ learningCurve: [], features: [], significance: [] });
    expect(page).not.toMatch(/What more history|What each feature|was right on/);
  });

  test('is the same for the same results', () => {
    expect(pageOf()).toBe(pageOf());
  });
});

function hostileResult(text = HOSTILE): EvaluationResult {
  const significance = { method: text, against: text, gained: 3, lost: 1, p: 0.6 };
  const worst = [{ as: text, n: 2, examples: [{ id: text, title: text }] }];
  return evaluationWith({
    set: text,
    target: text,
    split: { order: text, history: 1, calibration: 1, test: 1000, unknown: 0 },
    classes: [classOf(text, { worst })],
    confusion: {
      classes: [text, text],
      counts: [
        [1, 2],
        [3, 4],
      ],
    },
    features: [{ without: text, accuracy: 0.5, significance }],
    significance: [significance],
  });
}

function emptyResult(): EvaluationResult {
  const nothing = { accuracy: Number.NaN, macroF1: Number.NaN, top3: Number.NaN, ece: Number.NaN };
  return evaluationWith({
    split: { order: 'oldest first', history: 0, calibration: 0, test: 0, unknown: 0 },
    methods: [{ name: 'triage', ...nothing, msPerTicket: Number.NaN }],
    selective: [{ ...selectiveOf(0.95, 0, 0), coverage: shareOf(0, 0) }],
    classes: [
      classOf('never seen', {
        test: 0,
        predicted: 0,
        f1: Number.NaN,
        precision: shareOf(0, 0),
        recall: shareOf(0, 0),
        coverage: shareOf(0, 0),
        precisionWhenSure: shareOf(0, 0),
      }),
    ],
    riskCoverage: [{ coverage: Number.NaN, precision: Number.NaN }],
    reliability: [],
    confusion: { classes: ['never seen'], counts: [] },
    learningCurve: [{ tickets: 0, accuracy: Number.NaN }],
    inScopeAuroc: Number.NaN,
    training: { seconds: Number.NaN, modelBytes: Number.NaN },
  });
}

function tagsOf(page: string): readonly string[] {
  return [...page.matchAll(/<\/?[a-z][a-z0-9]*/g)].map(([tag]) => tag);
}
