import type { EvaluationResult, Significance } from '../result.ts';
import { heatMap } from './html/heat-map.ts';
import { data, html, type Markup } from './html/html.ts';
import { calibrationPlot, learningPlot, riskCoveragePlot } from './html/plots.ts';
import { contentSecurityPolicy, stylesheet } from './html/style.ts';
import { summary } from './html/summary.ts';
import { classesTable, dataTable, featuresTable, methodsTable, selectiveTable, shareCell } from './html/tables.ts';
import { count, DASH, headline, operatingPoint, significanceWords } from './html/words.ts';
import { ladderPart } from './ladder/page.ts';

/** What the words of the page mean, for people who do not count for a living. */
const WORDS = [
  ['Accuracy', 'How many of all tickets get the right value when each one must be answered.'],
  ['Among first three', 'How often the right value is one of the three best guesses.'],
  ['Macro-F1', 'Precision and recall in one figure, every value counting the same however rare it is.'],
  ['Precision', 'Of the tickets given a value, how many should have it.'],
  ['Recall', 'Of the tickets that should have a value, how many are given it.'],
  ['Coverage', 'How many tickets are answered when only sure answers count.'],
  [
    'In scope, unknown',
    'A ticket is in scope when some past ticket carries its true value. Any other should be left alone.',
  ],
  ['Calibration error', 'How far stated confidence and share of right answers lie apart, averaged over the tickets.'],
  ['AUROC', 'How well confidence tells tickets in scope from others: 50 % is guessing, 100 % never errs.'],
  ['95 % interval', 'Where the true share lies, but for 1 in 20 cases, given so few tickets (Wilson score interval).'],
  [
    'p',
    'How often chance alone makes a difference this large (exact McNemar test on the same tickets, each taken alone).',
  ],
] as const;

/**
 * One HTML page for people who steer a desk: it loads nothing, runs nothing, and forbids both to whatever a ticket may
 * smuggle in. The same results give the same page.
 */
export function reportPage(results: readonly EvaluationResult[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy()}">
<title>How well tickets are triaged</title>
${stylesheet()}
</head>
<body>
<header class="page"><h1>How well tickets are triaged</h1>
<p>Tickets whose answer is known were decided again by what other tickets teach, and compared with what people had chosen.</p>
${overview(results)}</header>
<main>
${results.map(resultPart)}</main>
${glossary()}
</body>
</html>
`.markup;
}

function overview(results: readonly EvaluationResult[]): Markup | null {
  if (results.length === 0) return html`<p>Nothing was evaluated.</p>`;
  if (results.length === 1) return null;
  const rows = results.map((result, index) => {
    const at = operatingPoint(result);
    return [
      html`<a href="#r${index + 1}">${data(result.target)}</a> <small>${data(result.set)}</small>`,
      at === undefined ? DASH : shareCell(at.coverage),
      at === undefined ? DASH : shareCell(at.precision),
      count(result.split.test),
    ];
  });
  return dataTable({ caption: 'At a glance', head: ['Target', 'Coverage', 'Right', 'Test tickets'], rows });
}

function resultPart(result: EvaluationResult, index: number): Markup {
  const id = `r${index + 1}`;
  return html`<article id="${id}" aria-labelledby="${id}-h">
<p class="what">${data(result.target)} <span>${data(result.set)}</span></p>
<h2 id="${id}-h">${headline(result)}</h2>
${summary(result, id)}
<section><h3>How it compares</h3>
${methodsTable(result)}
${significancePart(result.significance)}
${selectiveTable(result)}
</section>
${ladderPart(result, id)}<section><h3>How it behaves</h3>
<div class="plots">${riskCoveragePlot(result, `${id}-risk`)}${calibrationPlot(result, `${id}-calibration`)}${learningPlot(result, `${id}-learning`)}${featuresTable(result)}</div>
</section>
<section class="map"><h3>Where it goes wrong</h3>
${heatMap(result, `${id}-confusion`)}
${classesTable(result.classes)}
</section>
</article>
`;
}

function significancePart(significance: readonly Significance[]): Markup | null {
  if (significance.length === 0) return null;
  const lines = significance.map((one) => {
    const { method, against, gained, lost } = one;
    return html`<li>${data(method)} was right on ${count(gained)} tickets that ${data(against)} had wrong, and wrong on ${count(lost)} that ${data(against)} had right: <strong>${significanceWords(one)}</strong>.</li>`;
  });
  return html`<ul class="lines">${lines}</ul>`;
}

function glossary(): Markup {
  const entries = WORDS.map(([term, words]) => html`<div><dt>${term}</dt><dd>${words}</dd></div>\n`);
  return html`<footer><h2>What the words mean</h2><dl class="words">${entries}</dl></footer>`;
}
