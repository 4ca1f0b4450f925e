import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { askedBy } from '../../support/telemetry/promql.ts';
import { alertRules } from '../../support/telemetry/queries.ts';

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe.each(alertRules())('$alert', ({ alert, expr, annotations }) => {
  test('says what to do in the README, under an anchor of its own', () => {
    const anchor = /^README\.md#(alert-[a-z0-9-]+)$/.exec(annotations.runbook)?.[1];
    const words = alert.replace(/^Triage/, '').replaceAll(/(?<!^)(?=[A-Z])/g, '-');
    expect(anchor).toBe(`alert-${words.toLowerCase()}`);
    expect(README.split(`<a id="${anchor}"></a>`)).toHaveLength(2);
  });

  test('names in its words only what the query keeps', () => {
    const { labels, selectors } = askedBy(expr);
    const kept = [...labels, ...selectors.flatMap(({ metric }) => (metric === 'up' ? ['instance', 'job'] : []))];
    for (const text of [annotations.summary, annotations.description])
      for (const [, label] of text.matchAll(/\$labels\.(\w+)/g)) expect(kept).toContain(label);
  });
});

test('no alert is there twice', () => {
  const names = alertRules().map(({ alert }) => alert);
  expect(new Set(names).size).toBe(names.length);
});
