import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Eventful, startEventful } from '../../support/telemetry/eventful.ts';
import { askedBy, missingFrom, type Series, seriesIn } from '../../support/telemetry/promql.ts';
import { panelQueries, ruleQueries } from '../../support/telemetry/queries.ts';

describe('queries over a service that has been through it all', () => {
  let eventful: Eventful;
  let series: readonly Series[];

  beforeAll(async () => {
    eventful = await startEventful();
    await eventful.traffic();
    series = seriesIn(await eventful.metrics());
  }, 180_000);
  afterAll(() => eventful[Symbol.asyncDispose]());

  test.each(panelQueries())('$from finds each metric, label and value it asks for', ({ expr }) => {
    expect(missingFrom(series, askedBy(expr))).toEqual([]);
  });

  test.each(ruleQueries())('$from finds each metric, label and value it asks for', ({ expr }) => {
    expect(missingFrom(series, askedBy(expr))).toEqual([]);
  });

  test('every metric of ours is on a dashboard or in an alert', () => {
    const asked = new Set(
      [...panelQueries(), ...ruleQueries()].flatMap(({ expr }) =>
        askedBy(expr).selectors.map(({ metric }) => family(metric)),
      ),
    );
    const ours = new Set(series.map(({ metric }) => family(metric)).filter((metric) => metric.startsWith('triage_')));
    const unseen = [...ours].filter((metric) => !asked.has(metric));
    expect(unseen).toEqual([]);
  });

  test('tickets that want to be series make none', async () => {
    const evil = (index: number) => `evil-${index}"} 1\ntriage_evil_total{evil="${index}`;
    const draft = { projectKey: 'IT', issueType: 'Incident', reporter: 'customer-evil' };
    for (let index = 0; index < 30; index += 1)
      await eventful.stage.site.createIssue({
        ...draft,
        summary: evil(index),
        description: evil(index),
        labels: [`cat-evil${index}`],
        priority: index % 2 === 0 ? 'High' : 'Low',
      });
    await eventful.stage.site.webhooks.flush();
    await eventful.running.admin.idle({ timeoutMs: 60_000 });
    const text = await eventful.metrics();
    expect(text).not.toContain('evil');
    const values = Map.groupBy(
      seriesIn(text).flatMap(({ metric, labels }) =>
        Object.entries(labels).map(([label, value]) => ({ of: `${metric} ${label}`, value })),
      ),
      (one) => one.of,
    );
    for (const [of, all] of values) expect(new Set(all.map(({ value }) => value)).size, of).toBeLessThanOrEqual(20);
  });

  test('no series names an issue, a person, a class or anything else out of a ticket', () => {
    const values = new Set(series.flatMap(({ labels }) => Object.values(labels)));
    for (const word of [/\bIT-\d/, /agent-/, /cat-|email|printing|network/i])
      expect([...values].filter((value) => word.test(value))).toEqual([]);
  });
});

function family(metric: string): string {
  return metric.replace(/_(bucket|sum|count)$/, '');
}
