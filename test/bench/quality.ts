import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readRows } from '../../src/adapters/files/rows.ts';
import { processMemory } from '../../src/adapters/sparse/memory.ts';
import { playbookOf, split, ticketsOf, VALUE } from '../../src/evaluation/dataset.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
import { table } from '../../src/evaluation/report/text-table.ts';
import type { EvaluationResult } from '../../src/evaluation/result.ts';
import { sharedFile } from '../support/shared.ts';
import { QUALITY_SETS, type QualitySet } from './quality-sets.ts';
import { report, round } from './report.ts';

const { values } = parseArgs({ options: { only: { type: 'string' } } });

/** One figure with the least it must be. `isMost`: the most it may be. */
interface Check {
  readonly figure: string;
  readonly value: number;
  readonly bound: number;
  readonly isMost?: boolean;
}

const figures: Record<string, number> = {};
const faults: string[] = [];
const rows: string[][] = [];
for (const set of QUALITY_SETS.filter(({ name }) => values.only === undefined || name === values.only)) {
  const path = sharedFile(`data/tickets/${set.name}.jsonl.gz`);
  if (!existsSync(path)) {
    faults.push(`${set.name}: ${path} is not here`);
    continue;
  }
  const result = await judged(set, path);
  const accuracy = (name: string) => result.methods.find((method) => method.name === name)?.accuracy ?? 0;
  const triage = accuracy('triage');
  rows.push([
    `${set.name} ${set.target}`,
    ...[accuracy('majority'), accuracy('bm25-knn'), accuracy('linear'), triage, set.floor, set.reach].map((value) =>
      value.toFixed(3).slice(1),
    ),
    triage >= set.reach ? 'reached' : triage >= set.floor ? 'above the floor' : 'BELOW THE FLOOR',
    `${result.training.seconds.toFixed(1)} s`,
    `${(result.methods.find(({ name }) => name === 'triage')?.msPerTicket ?? 0).toFixed(2)} ms`,
  ]);
  for (const check of checksOf(set, result)) {
    figures[`${set.name} ${check.figure}`] = round(check.value, 4);
    const holds = check.isMost ? check.value <= check.bound : check.value >= check.bound;
    const line = `${set.name}: ${check.figure} ${check.value.toFixed(3)} (${check.isMost ? 'at most' : 'at least'} ${check.bound})`;
    process.stdout.write(`${holds ? '✔' : '✗'} ${line}\n`);
    if (!holds) faults.push(line);
  }
}

if (rows.length === 0 && faults.length === 0) faults.push(`--only ${values.only}: there is no such set`);

const HEADER = [
  'SET, TARGET',
  'MAJORITY',
  'BM25-KNN',
  'LINEAR',
  'TRIAGE',
  'FLOOR',
  'REACH',
  '',
  'TRAINING',
  'A TICKET',
];
process.stdout.write(`\n${table(HEADER, rows)}\n\n`);
report('quality', figures);
for (const fault of faults) process.stderr.write(`✗ ${fault}\n`);
if (faults.length > 0) process.exitCode = 1;

async function judged({ name, target, source, parts, prepare }: QualitySet, path: string): Promise<EvaluationResult> {
  const tickets = ticketsOf(readRows(path).map(prepare ?? ((row) => row)), { target, ...source });
  const playbook = playbookOf(tickets, Object.keys(source.features), 42);
  const { isPerProject = false, unknown } = parts;
  const { result } = await evaluate(
    {
      set: name,
      target: VALUE,
      label: target,
      playbook,
      split: split(tickets, parts),
      isPerProject,
      ...(unknown === undefined ? {} : { unknown }),
    },
    { openMemory: processMemory },
  );
  return result;
}

function checksOf(set: QualitySet, result: EvaluationResult): Check[] {
  const triage = result.methods.find(({ name }) => name === 'triage');
  const selective = set.selective.flatMap(({ at, precision, coverage, outOfScope }): Check[] => {
    const found = result.selective.find(({ targetPrecision }) => targetPrecision === at);
    const unknown = {
      figure: `unknown acted on at ${at}`,
      value: found?.outOfScope?.value ?? 1,
      bound: outOfScope ?? 1,
    };
    return [
      { figure: `precision at ${at}`, value: found?.precision.value ?? 0, bound: precision },
      { figure: `coverage at ${at}`, value: found?.coverage.value ?? 0, bound: coverage },
      ...(outOfScope === undefined ? [] : [{ ...unknown, isMost: true }]),
    ];
  });
  return [
    { figure: 'accuracy', value: triage?.accuracy ?? 0, bound: set.floor },
    { figure: 'calibration error', value: triage?.ece ?? 1, bound: 0.06, isMost: true },
    { figure: 'ms per ticket', value: triage?.msPerTicket ?? 99, bound: 5, isMost: true },
    { figure: 'model MB', value: result.training.modelBytes / 1e6, bound: 50, isMost: true },
    ...selective,
    ...(set.auroc === undefined
      ? []
      : [{ figure: 'in scope AUROC', value: result.inScopeAuroc ?? 0, bound: set.auroc }]),
  ];
}
