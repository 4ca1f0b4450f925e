import type { EvaluationResult, Selective } from '../../result.ts';
import { at, data, html, type Markup } from './html.ts';
import { bytes, count, decimal, hits, judge, operatingPoint, percent, shareWords, verdictWords } from './words.ts';

const MARKS = { none: '–', beyond: '✓', met: '✓', near: '≈', missed: '✗' } as const;

/** The verdict, what becomes of all new tickets, and what this was counted on. */
export function summary(result: EvaluationResult, id: string): Markup {
  const chosen = operatingPoint(result);
  return html`${chosen === undefined ? null : verdict(chosen)}${chosen === undefined ? null : outcomeBar(result, chosen, id)}${facts(result)}`;
}

function verdict(chosen: Selective): Markup {
  const kind = judge(chosen);
  const figures =
    kind === 'none'
      ? null
      : html` <span><span class="keep">${shareWords(chosen.precision)}</span> right, <span class="keep">${shareWords(chosen.coverage)}</span> of tickets in scope acted on; 95 % intervals.</span>`;
  return html`<p class="verdict ${kind}"><strong><span class="mark" aria-hidden="true">${MARKS[kind]}</span> ${verdictWords(chosen)}</strong>${figures}</p>\n`;
}

/** All test tickets on one line: filled in rightly, filled in wrongly, left to a person. */
function outcomeBar({ split }: EvaluationResult, chosen: Selective, id: string): Markup | null {
  if (split.test === 0) return null;
  const right = Math.min(hits(chosen.precision), chosen.n);
  const parts = [
    { kind: 'right', words: 'filled in rightly', n: right },
    { kind: 'wrong', words: 'filled in wrongly', n: chosen.n - right },
    { kind: 'left', words: 'left to a person', n: Math.max(split.test - chosen.n, 0) },
  ] as const;
  let from = 0;
  const bars = parts.map(({ kind, n }) => {
    const width = (1000 * n) / split.test;
    const bar = html`<rect class="${kind}" x="${at(from)}" y="0" width="${at(width)}" height="28"/>`;
    from += width;
    return bar;
  });
  const legend = parts.map(
    ({ kind, words, n }) =>
      html`<li><span class="swatch ${kind}"></span><strong>${percent(n / split.test)}</strong> ${words} <small>${count(n)}</small></li>`,
  );
  const words = parts.map(({ words: what, n }) => `${percent(n / split.test)} ${what}`).join(', ');
  return html`<div class="outcome"><svg viewBox="0 0 1000 28" preserveAspectRatio="none" role="img" aria-labelledby="${id}-bar-t ${id}-bar-d"><title id="${id}-bar-t">What becomes of new tickets</title><desc id="${id}-bar-d">${words}</desc>${bars}</svg>
<ul>${legend}</ul></div>\n`;
}

function facts({ split, training, seed, inScopeAuroc }: EvaluationResult): Markup {
  const rows: readonly (readonly [string, Markup])[] = [
    ['Learnt from', html`${count(split.history)} past tickets`],
    ['Cut-offs chosen on', html`${count(split.calibration)} others`],
    ['Judged on', html`${count(split.test)} new ones, ${count(split.unknown)} of a value the past does not know`],
    ['Order', data(split.order)],
    ['Training', html`${decimal(training.seconds, 1)} s, ${bytes(training.modelBytes)}, seed ${seed}`],
    ...(inScopeAuroc === null ? [] : [['Unknown values told apart', html`AUROC ${percent(inScopeAuroc)}`] as const]),
  ];
  return html`<dl class="facts">${rows.map(([term, words]) => html`<div><dt>${term}</dt><dd>${words}</dd></div>`)}</dl>`;
}
