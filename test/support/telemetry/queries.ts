import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));

const Panel = z.looseObject({
  title: z.string(),
  type: z.string(),
  gridPos: z.object({ h: z.number(), w: z.number(), x: z.number(), y: z.number() }),
  fieldConfig: z.looseObject({ defaults: z.looseObject({ unit: z.string() }) }).optional(),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string(), datasource: z.unknown() }))
    .default([]),
});
const DashboardFile = z.looseObject({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  templating: z.object({ list: z.array(z.looseObject({ name: z.string(), type: z.string() })) }),
  panels: z.array(Panel),
});
export type Dashboard = z.infer<typeof DashboardFile> & { readonly file: string; readonly text: string };

export function dashboards(): readonly Dashboard[] {
  return readdirSync(`${DEPLOY}dashboards`).map((file) => {
    const text = readFileSync(`${DEPLOY}dashboards/${file}`, 'utf8');
    return { ...DashboardFile.parse(JSON.parse(text)), file, text };
  });
}

const Rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});
export type AlertRule = z.infer<typeof Rules>['groups'][number]['rules'][number];

export const RULES_FILE = `${DEPLOY}alerts/triage.rules.yaml`;
export const SCRAPE_FILE = `${DEPLOY}prometheus/prometheus.yml`;

export function alertRules(): readonly AlertRule[] {
  return Rules.parse(parse(readFileSync(RULES_FILE, 'utf8'))).groups.flatMap(({ rules }) => rules);
}

export interface Query {
  readonly from: string;
  readonly expr: string;
}

/** Every query of every panel, as Prometheus gets it. */
export function panelQueries(range = '1m'): readonly Query[] {
  return dashboards().flatMap(({ file, panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(({ refId, expr }) => ({
        from: `${file}: ${title} (${refId})`,
        expr: expr.replaceAll('$__rate_interval', range),
      })),
    ),
  );
}

export function ruleQueries(): readonly Query[] {
  return alertRules().map(({ alert, expr }) => ({ from: alert, expr }));
}
