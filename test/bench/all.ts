import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Every benchmark with what it asks, in the order of the page. The soak takes half an hour and runs only when named. */
const BENCHES = {
  intake: 'Signed webhooks a second, acknowledged when they are durable, beside a bare handler',
  pipeline:
    'Webhook to edit in Jira, everything real but Jira; our processor time, and that of jira.js alone to read and edit',
  quality: 'Right answers on real tickets, in time order',
  model: 'A language model that answers after 800 ms, and one that hangs',
  routing: 'Fair turns, finding who finished the like, learning from corrections',
  memory: 'Finding past tickets among 1,000 to 100,000',
  scale: 'What more past tickets cost',
  soak: 'Half an hour at 20 tickets a second',
} as const;
type Bench = keyof typeof BENCHES;

const PAGE = fileURLToPath(new URL('../../BENCHMARKS.md', import.meta.url));
const Figures = z.looseObject({ bench: z.string(), machine: z.string() });

/** Runs the benchmarks that are named, or all but the soak, and puts their tables in place of the old ones in BENCHMARKS.md. */
const named = process.argv.slice(2).filter(isBench);
const sections = readSections();
for (const bench of named.length > 0
  ? named
  : Object.keys(BENCHES)
      .filter(isBench)
      .filter((one) => one !== 'soak')) {
  process.stdout.write(`\n== ${bench}\n`);
  const rows = await run(bench);
  if (rows.length > 0) sections.set(bench, sectionOf(bench, rows));
  writeSections();
}

type Row = Readonly<Record<string, unknown>>;

async function run(bench: Bench): Promise<readonly Row[]> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`./${bench}.ts`, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const rows: Row[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    const row = Figures.safeParse(jsonOr(line)).data;
    if (row) rows.push(row);
  }
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  if (code !== 0) process.exitCode = 1;
  return rows;
}

/** Figures go down, runs go across. */
function sectionOf(bench: Bench, rows: readonly Row[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== 'bench' && name !== 'machine',
  );
  const lines = names.map((name) => `| ${[name, ...rows.map((row) => String(row[name] ?? ''))].join(' | ')} |`);
  const rule = `|${' --- |'.repeat(rows.length + 1)}`;
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  const day = new Date().toISOString().slice(0, 10);
  const [head = '', ...rest] = lines;
  return [`## ${bench}`, '', `${BENCHES[bench]}. ${day}, ${machine}.`, '', head, rule, ...rest, ''].join('\n');
}

function readSections(): Map<string, string> {
  if (!existsSync(PAGE)) return new Map();
  const [, ...parts] = readFileSync(PAGE, 'utf8').split(/^(?=## )/m);
  return new Map(parts.map((part) => [/^## (\S+)/.exec(part)?.[1] ?? '', part]));
}

function writeSections(): void {
  const known = Object.keys(BENCHES).flatMap((bench) => sections.get(bench)?.trimEnd() ?? []);
  const head = [
    '# Benchmarks',
    '',
    'Written by `npm run bench` (one: `npm run bench -- intake`). Jira, the language model and the load run on the same machine as',
    'the service, so ratios within one run say more than figures. Redis keeps an append-only file, synced every second.',
  ];
  writeFileSync(PAGE, `${[head.join('\n'), ...known].join('\n\n')}\n`);
}

function isBench(name: string): name is Bench {
  return Object.hasOwn(BENCHES, name);
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // A line for people.
    return null;
  }
}
