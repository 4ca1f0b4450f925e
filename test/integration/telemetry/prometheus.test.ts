import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../support/port.ts';
import { startEventful } from '../../support/telemetry/eventful.ts';
import { panelQueries, RULES_FILE, ruleQueries, SCRAPE_FILE } from '../../support/telemetry/queries.ts';

const isAtHand = existsSync('/usr/bin/prometheus') && existsSync('/usr/bin/promtool');
if (!isAtHand && process.env['CI_REQUIRE_SHARED'])
  throw new Error('Prometheus is missing: apt-get install prometheus (tests of alert rules and dashboards need it)');
if (!isAtHand)
  process.stdout.write('skipped without the Debian package prometheus: rules and dashboards in the real one\n');

const RULE_TESTS = fileURLToPath(new URL('../../fixtures/alerts/triage.test.yaml', import.meta.url));

function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('/usr/bin/promtool', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout + stderr;
}

const Answer = z.object({ status: z.literal('success'), data: z.object({ result: z.array(z.unknown()) }) });
const Targets = z.object({ data: z.object({ activeTargets: z.array(z.object({ health: z.string() })) }) });
const RuleStates = z.object({
  data: z.object({
    groups: z.array(z.object({ rules: z.array(z.object({ name: z.string(), health: z.string() })) })),
  }),
});

/** A Prometheus of its own that scrapes this address every second, with our rules. */
async function startPrometheus(target: string) {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'jira-triage-prometheus-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const shipped = await readFile(SCRAPE_FILE, 'utf8');
  const config = shipped
    .replaceAll('15s', '1s')
    .replace('scrape_timeout: 10s', 'scrape_timeout: 1s')
    .replace('127.0.0.1:8081', target)
    .replace('../alerts/triage.rules.yaml', RULES_FILE);
  await writeFile(join(folder, 'prometheus.yml'), config);
  const port = await freePort();
  const child = spawn(
    '/usr/bin/prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  opened.defer(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  const closing = opened.move();
  const get = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${port}/api/v1${path}`)).json();
  return { get, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

describe('alert rules in the real Prometheus', () => {
  test.runIf(isAtHand)('are rules, and the scrape configuration names them', () => {
    expect(promtool('check', 'rules', RULES_FILE)).toMatch(/SUCCESS: \d{2} rules found/);
    expect(promtool('check', 'config', SCRAPE_FILE)).toContain('SUCCESS');
  });

  test.runIf(isAtHand)('fire when they should, and not otherwise', () => {
    expect(promtool('test', 'rules', RULE_TESTS)).toContain('SUCCESS');
  });

  test.runIf(isAtHand)(
    'and every panel has data, scraped from a service at work',
    async () => {
      await using eventful = await startEventful();
      await eventful.traffic();
      await eventful.metrics();
      await using prometheus = await startPrometheus(new URL(eventful.running.service.opsUrl).host);
      const isScraped = async () => {
        const answer = Targets.safeParse(await prometheus.get('/targets').catch(() => null));
        return answer.data?.data.activeTargets.some(({ health }) => health === 'up') ?? false;
      };
      await vi.waitUntil(isScraped, { timeout: 30_000, interval: 200 });
      await eventful.traffic();

      const empty = async () => {
        const found: string[] = [];
        for (const { from, expr } of panelQueries('20s')) {
          const answer = Answer.parse(await prometheus.get(`/query?query=${encodeURIComponent(expr)}`));
          if (answer.data.result.length === 0) found.push(from);
        }
        return found;
      };
      // Rates need two scrapes after what they count.
      await vi
        .waitUntil(async () => (await empty()).length === 0, { timeout: 30_000, interval: 1_000 })
        .catch(() => {});
      expect(await empty()).toEqual([]);
      for (const { expr } of ruleQueries())
        expect(Answer.safeParse(await prometheus.get(`/query?query=${encodeURIComponent(expr)}`)).success).toBe(true);
      const { groups } = RuleStates.parse(await prometheus.get('/rules')).data;
      const unwell = groups.flatMap(({ rules }) => rules.filter(({ health }) => health === 'err'));
      expect(unwell).toEqual([]);
    },
    240_000,
  );
});
