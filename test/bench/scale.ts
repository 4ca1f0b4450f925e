import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { testStage } from '../support/stage.ts';
import { wordsOf } from './memory/past-tickets.ts';
import { quantile, report, residentMb, round } from './report.ts';

/**
 * What more past tickets cost: loading them, deciding without and with the local classifier, and the whole pipeline.
 * The classifier learns from up to 3,000 tickets here; what more of them cost is measured by bench:learning.
 * Usage: node test/bench/scale.ts [tickets]
 */
const MOST = Number(process.argv[2] ?? 100_000);
const SIZES = [1_000, 10_000, 100_000].filter((size) => size < MOST).concat(MOST);
const BURST = 200;
const STEADY = 60;
const STEADY_GAP_MS = 100;
const SHARED_DIR = process.env['SHARED_DIR'];
const GROW = fileURLToPath(new URL('./scale/grow.ts', import.meta.url));

const Times = z.object({ p50: z.number(), p95: z.number() });
const Grown = z.object({
  perSecond: z.number(),
  firstMb: z.number(),
  lastMb: z.number(),
  mostMb: z.number(),
  untrained: Times,
  trained: Times,
  trainingS: z.number(),
});

const folder = await mkdtemp(join(tmpdir(), 'triage-scale-'));
try {
  await using stage = await testStage({
    history: [],
    site: { openapi: 'off', requestLogSize: 100 },
    env: { DATA_DIR: folder },
  });
  let asked = 0;
  for (const [index, size] of SIZES.entries()) {
    const grown = await grow([String(SIZES[index - 1] ?? 0), String(size)], stage.env);
    report('scale', { pastTickets: size, ...figuresOf(grown), ...(await serve()) });
  }

  /** The service with this history: a burst for throughput, then 10 tickets/s for latency. */
  async function serve() {
    await using running = await stage.start();
    const idle = () => running.admin.idle({ timeoutMs: 120_000, pollMs: 100 });
    const create = () => {
      const { summary, text } = wordsOf(-10_000 - asked++);
      return stage.site.createIssue({ projectKey: 'IT', summary, description: text, issueType: 'Incident' });
    };
    const firstAt = performance.now();
    await create();
    await stage.site.webhooks.flush();
    await idle();
    const firstMs = performance.now() - firstAt;
    const burstAt = performance.now();
    for (let count = 0; count < BURST; count++) await create();
    await stage.site.webhooks.flush();
    await idle();
    const perSecond = BURST / ((performance.now() - burstAt) / 1000);
    const sent: { key: string; at: number }[] = [];
    for (let count = 0; count < STEADY; count++) {
      const at = Date.now();
      sent.push({ key: (await create()).key, at });
      await new Promise((resume) => setTimeout(resume, Math.max(at + STEADY_GAP_MS - Date.now(), 0)));
    }
    await stage.site.webhooks.flush();
    await idle();
    const edits = sent.flatMap(({ key, at }) =>
      stage.site
        .edits(key)
        .slice(0, 1)
        .map((edit) => edit.at - at),
    );
    return {
      'pipeline tickets/s': round(perSecond),
      'first ticket ms': round(firstMs, 0),
      'webhook to edit p50 ms': round(quantile(edits, 0.5), 0),
      'webhook to edit p95 ms': round(quantile(edits, 0.95), 0),
      'edited of steady': `${edits.length}/${STEADY}`,
      'service resident MB': residentMb(running.service.pid).now,
    };
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function grow(args: readonly string[], env: Readonly<Record<string, string>>) {
  const { stdout } = await promisify(execFile)(process.execPath, [GROW, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...(SHARED_DIR === undefined ? {} : { SHARED_DIR }), ...env },
  });
  return Grown.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

function figuresOf({ perSecond, firstMb, lastMb, mostMb, untrained, trained, trainingS }: z.infer<typeof Grown>) {
  return {
    'backfill tickets/s': perSecond,
    'backfill resident MB, first': firstMb,
    'backfill resident MB, last': lastMb,
    'backfill resident MB, most': mostMb,
    'decision p50 ms, no classifier': untrained.p50,
    'decision p95 ms, no classifier': untrained.p95,
    'decision p50 ms': trained.p50,
    'decision p95 ms': trained.p95,
    'training s': trainingS,
  };
}
