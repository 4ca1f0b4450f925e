import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as breathe } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { QuantisedIndex } from '../../src/adapters/dense/quantised-index.ts';
import type { Memory, MemoryQuery } from '../../src/domain/ports/memory.ts';
import { BACK_ENDS, type BackEnd } from './memory/back-ends.ts';
import { ExactNeighbours, openMeaning, randomVector } from './memory/meaning.ts';
import { pastTicket, wordsOf } from './memory/past-tickets.ts';
import { quantile, report, residentMb, round } from './report.ts';

/**
 * Past tickets by back end and number: how fast they are put, how long a process takes to be ready for the first
 * question, how long questions take, and how many of the ten nearest vectors are found.
 * Usage: node test/bench/memory.ts [tickets] [dimensions] [back end]
 */
const MODEL = 'bench';
const [MOST, DIMENSIONS] = [Number(process.argv[2] ?? 100_000), Number(process.argv[3] ?? 384)];
const SIZES = [1_000, 10_000, 100_000].filter((size) => size < MOST).concat(MOST);
const PAGE = 100;
const QUESTIONS = 200;
const JUDGED = 25;
const NEAREST = 10;
const LIMIT = 20;

const named = process.argv[4];
if (named !== undefined) await measure(named, BACK_ENDS[named]);
else {
  // Each in a process of its own, or the second would be charged for the memory of the first.
  for (const name of Object.keys(BACK_ENDS)) await runAlone(name);
  await measureRandom();
}

async function runAlone(name: string): Promise<void> {
  const args = ['--expose-gc', fileURLToPath(import.meta.url), String(MOST), String(DIMENSIONS), name];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit');
  if (code !== 0) throw new Error(`${name} ended with code ${code}`);
}

async function measure(name: string, open: (() => Promise<BackEnd>) | undefined): Promise<void> {
  if (!open) throw new Error(`no such back end at hand: ${name}`);
  await using backEnd = await open();
  const meaning = openMeaning(DIMENSIONS);
  const exact = Array.from({ length: JUDGED }, (_, index) => {
    const { summary, text } = wordsOf(-1 - index);
    const vector = meaning(`${summary}\n${text}`);
    return { vector, neighbours: new ExactNeighbours(vector, NEAREST) };
  });
  const writer = await backEnd.replica();
  let putMs = 0;
  for (const [index, size] of SIZES.entries()) {
    for (let start = SIZES[index - 1] ?? 0; start < size; start += PAGE) {
      const tickets = Array.from({ length: Math.min(PAGE, size - start) }, (_, offset) => {
        const ticket = pastTicket(start + offset);
        const vector = meaning(`${ticket.summary}\n${ticket.text}`);
        const isSeen = ticket.securityLevel === null;
        if (isSeen) for (const { neighbours } of exact) neighbours.show(ticket.id, vector);
        return { ...ticket, embedding: { model: MODEL, vector } };
      });
      const startedAt = performance.now();
      await writer.put(tickets);
      putMs += performance.now() - startedAt;
    }
    await backEnd.settle();
    const asked = await ask(await backEnd.replica(), meaning, exact);
    const disk = await backEnd.diskMb();
    report('memory', {
      'back end': name,
      tickets: size,
      'puts/s': round(size / (putMs / 1000), 0),
      ...asked,
      'resident MB': residentMb(process.pid).now,
      'disk MB': disk === null ? 'n/a' : round(disk, 0),
    });
  }
}

interface Judged {
  readonly vector: readonly number[];
  readonly neighbours: ExactNeighbours;
}

/** As a process that has just started: the first question makes it read what it searches. */
async function ask(memory: Memory, meaning: (text: string) => number[], exact: readonly Judged[]) {
  const queries = Array.from({ length: QUESTIONS }, (_, index) => queryOf(-1_000 - index, meaning));
  const [first] = queries;
  if (!first) throw new Error('nothing to ask');
  const before = await usedMb();
  const loading = await watched(() => memory.nearest(first));
  const indexMb = (await usedMb()) - before;
  const sparse = await latencies(
    memory,
    queries.map((query) => ({ ...query, embedding: null })),
  );
  const hybrid = await latencies(memory, queries);
  const recalls: number[] = [];
  for (const { vector, neighbours } of exact) {
    const query = { ...first, embedding: { model: MODEL, vector }, keywordWeight: 0, limit: NEAREST };
    recalls.push(neighbours.recall((await memory.nearest(query)).map(({ ticket }) => ticket.id)));
  }
  return {
    'ready after s': round(loading.ms / 1000, 1),
    'longest stall ms, reading': round(loading.stallMs, 0),
    'index MB': round(indexMb, 0),
    'words p50 ms': round(quantile(sparse.ms, 0.5)),
    'words p95 ms': round(quantile(sparse.ms, 0.95)),
    'both p50 ms': round(quantile(hybrid.ms, 0.5)),
    'both p95 ms': round(quantile(hybrid.ms, 0.95)),
    'both, processor ms': round(hybrid.cpuMs),
    'longest stall ms, asking': round(hybrid.stallMs, 0),
    'recall@10': round(recalls.reduce((sum, share) => sum + share, 0) / recalls.length, 3),
  };
}

function queryOf(number: number, meaning: (text: string) => number[]): MemoryQuery {
  const { summary, text } = wordsOf(number);
  return {
    text: `${summary}\n${text}`,
    embedding: { model: MODEL, vector: meaning(`${summary}\n${text}`) },
    keywordWeight: 0.5,
    limit: LIMIT,
    projects: ['IT', 'HR'],
    readerProject: 'IT',
    readerLevel: null,
    excludeId: 'none',
    before: '2040-01-01T00:00:00.000Z',
  };
}

async function latencies(memory: Memory, queries: readonly MemoryQuery[]) {
  const ms: number[] = [];
  const before = process.cpuUsage();
  const { stallMs } = await watched(async () => {
    for (const query of queries) {
      const startedAt = performance.now();
      await memory.nearest(query);
      ms.push(performance.now() - startedAt);
    }
  });
  const { user, system } = process.cpuUsage(before);
  return { ms, stallMs, cpuMs: (user + system) / 1000 / queries.length };
}

/** How long something takes, and the longest stretch during which nothing else had its turn. */
async function watched(act: () => Promise<unknown>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  await act();
  const ms = performance.now() - startedAt;
  delay.disable();
  return { ms, stallMs: Number.isFinite(delay.max) ? delay.max / 1e6 : 0 };
}

/** Twice, with a pause: what was let go in a moment is collected in the next. */
async function usedMb(): Promise<number> {
  globalThis.gc?.();
  await breathe();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
}

/** The worst case: what the quantised index alone finds among as many vectors that nothing brings together. */
async function measureRandom(): Promise<void> {
  const index = new QuantisedIndex(DIMENSIONS);
  const exact = Array.from({ length: JUDGED }, (_, number) => {
    const vector = randomVector(DIMENSIONS, -1 - number);
    return { vector, neighbours: new ExactNeighbours(vector, NEAREST) };
  });
  for (let number = 0; number < MOST; number++) {
    const vector = randomVector(DIMENSIONS, number);
    index.put(number, Float32Array.from(vector));
    for (const { neighbours } of exact) neighbours.show(String(number), vector);
  }
  const ms: number[] = [];
  const recalls: number[] = [];
  for (const { vector, neighbours } of exact) {
    const startedAt = performance.now();
    // As many candidates as a question for ten past tickets compares again.
    const near = await index.nearest(vector, NEAREST * 2 * 3, { accept: () => true, idOf: String });
    ms.push(performance.now() - startedAt);
    recalls.push(neighbours.recall(near.map(({ id }) => id)));
  }
  report('memory', {
    'back end': 'random vectors, index alone',
    tickets: MOST,
    'index MB': round(index.bytes / 1e6, 0),
    'both p50 ms': round(quantile(ms, 0.5)),
    'both p95 ms': round(quantile(ms, 0.95)),
    'recall@10': round(recalls.reduce((sum, share) => sum + share, 0) / recalls.length, 3),
  });
}
