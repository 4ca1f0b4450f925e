import { describe, expect, test } from 'vitest';
import { askedBy } from '../../support/telemetry/promql.ts';
import { dashboards, panelQueries } from '../../support/telemetry/queries.ts';

const GRAFANA_11 = 39;

describe.each(dashboards())('$file', ({ file, uid, text, schemaVersion, templating, panels }) => {
  test('is for Grafana 11 and any Prometheus, and holds no id of an installation', () => {
    expect(file).toBe(`${uid}.json`);
    expect(schemaVersion).toBeGreaterThanOrEqual(GRAFANA_11);
    expect(templating.list).toMatchObject([{ name: 'datasource', type: 'datasource', query: 'prometheus' }]);
    expect(text).not.toMatch(/"id":/);
    const sources = panels.flatMap(({ targets }) => targets.map(({ datasource }) => datasource));
    for (const source of sources)
      expect(source).toEqual({ type: 'prometheus', uid: expect.stringMatching(/^\$\{datasource\}$/) });
  });

  test('names each panel once, gives it a unit and a query', () => {
    const titles = panels.map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { type, targets, fieldConfig } of panels.filter((panel) => panel.type !== 'row')) {
      expect(['timeseries', 'stat']).toContain(type);
      expect(targets).not.toHaveLength(0);
      expect(fieldConfig?.defaults.unit).toMatch(/^[a-z]+$/);
    }
  });

  test('lays no panel over another, and none beside the page', () => {
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} lies over another panel`).toBe(false);
          taken.add(`${x},${y}`);
        }
    }
  });

  test('names in legends only what the query keeps', () => {
    for (const { expr, legendFormat } of panels.flatMap(({ targets }) => targets)) {
      const { labels } = askedBy(expr.replaceAll('$__rate_interval', '1m'));
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(labels).toContain(label);
    }
  });
});

test('shared state, which every process tells, is never added up over processes', () => {
  const shared =
    /^triage_(tickets_unaccounted|deliver(ies|y).*open|queue_|dead_letters|brakes$|memory_tickets|override|judged)/;
  for (const { from, expr } of panelQueries()) {
    const { selectors } = askedBy(expr);
    if (!selectors.some(({ metric }) => shared.test(metric))) continue;
    expect(expr, from).toMatch(/\b(max|min)\b/);
    expect(expr, from).not.toMatch(/sum[^(]*\(triage_/);
  }
});
