import { setTimeout as wait } from 'node:timers/promises';
import type { Gauge } from 'prom-client';
import { safeMessageOf } from '../domain/errors.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Gauges that tell of shared state, read together: any process shows the same. */
export interface Source {
  readonly name: string;
  /** Left out of the answer when the source cannot be read. */
  readonly gauges: readonly Gauge[];
  /** Reads, and returns how to set the gauges by it. */
  readonly read: () => Promise<() => void>;
  /** For how long a read counts, in milliseconds; 5 seconds when absent. */
  readonly freshMs?: number;
}

/** Reads are shared for so long, however often and by how many we are scraped. */
const FRESH_MS = 5_000;
/** A scrape waits no longer for any source; Prometheus gives up after ten seconds. */
const PATIENCE_MS = 2_000;

export interface GaugeOptions {
  readonly metrics: Pick<Metrics, 'scrapeErrors'>;
  readonly log: Pick<Logger, 'warn'>;
  readonly freshMs?: number;
  readonly patienceMs?: number;
}

/**
 * Brings these gauges up to date, right before they are read. Never throws: a source that fails or is late takes its own
 * gauges out of the answer, for a stale figure is worse than none, and is named by `triage_scrape_errors`.
 */
export function openGauges(sources: readonly Source[], options: GaugeOptions): () => Promise<void> {
  const readers = sources.map((source) => reader(source, options));
  return async () => void (await Promise.all(readers.map((read) => read())));
}

function reader(
  source: Source,
  { metrics, log, freshMs = source.freshMs ?? FRESH_MS, patienceMs = PATIENCE_MS }: GaugeOptions,
) {
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<(() => void) | null> | null = null;

  const read = async () => {
    try {
      return await source.read();
    } catch (error) {
      log.warn({ source: source.name, why: safeMessageOf(error) }, 'gauges cannot be read now');
      return null;
    } finally {
      reading = null;
    }
  };
  return async () => {
    if (performance.now() - readAt < freshMs) return;
    // One that hangs is not joined by others.
    reading ??= read();
    const set = await Promise.race([reading, wait(patienceMs, null, { ref: false })]);
    metrics.scrapeErrors.set({ source: source.name }, set ? 0 : 1);
    for (const gauge of source.gauges) clear(gauge);
    if (!set) return;
    set();
    readAt = performance.now();
  };
}

/** `reset` alone would make it 0 where it has no labels. */
function clear(gauge: Gauge): void {
  gauge.reset();
  gauge.remove({});
}
