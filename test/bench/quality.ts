import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRows } from '../../src/adapters/files/rows.ts';
import { sparseMemory } from '../../src/adapters/sparse/memory.ts';
import { playbookOf, type Source, type SplitOptions, split, ticketsOf, VALUE } from '../../src/evaluation/dataset.ts';
import { evaluate } from '../../src/evaluation/evaluate.ts';
for (const [set, target, features, order, options] of [
  ['itsm-grp', 'y_team', { reporter: 'caller' }, 'file', {}],
  ['apache-jira', 'y_component', {}, 'created', { isPerProject: true, minClass: 20 }],
  ['corefx-area', 'y_area', {}, 'file', {}],
  ['banking77', 'y_intent', {}, 'file', { isOfficial: true }],
  ['clinc150', 'y_intent', {}, 'file', { isOfficial: true, unknown: 'oos' }],
] as [string, string, Record<string, string>, string, Partial<SplitOptions>][]) {
  if (process.argv[2] && !set.startsWith(process.argv[2])) continue;
  let rows = readRows(join('../shared/data/tickets', `${set}.jsonl.gz`));
  if (set === 'apache-jira') rows = rows.map((r) => (r.y_component ? { ...r, y_component: `${r.project}/${r.y_component}` } : r));
  const source: Source = { target, features, order, ...(options.unknown ? { unknown: options.unknown } : {}) };
  const tickets = ticketsOf(rows, source);
  const parts = split(tickets, { order, shares: [70, 10, 20], ...options });
  const playbook = playbookOf(tickets, Object.keys(features), 42);
  const { result } = await evaluate({ set, target: VALUE, label: target, playbook, split: parts, ...options }, { openMemory: sparseMemory, embedder: null });
  console.log(set, JSON.stringify(result.split), 'train', result.training);
  for (const m of result.methods) console.log('  ', m.name.padEnd(9), m.accuracy.toFixed(4), 'F1', m.macroF1.toFixed(3), 'top3', m.top3.toFixed(3), 'ece', m.ece?.toFixed(3), 'ms', m.msPerTicket.toFixed(2));
  for (const s of result.selective) console.log('  ', s.targetPrecision, 'precision', s.precision.value.toFixed(3), 'coverage', s.coverage.value.toFixed(3), 'n', s.n, 'oos', s.outOfScope?.value.toFixed(3));
  console.log('   auroc', result.inScopeAuroc?.toFixed(4), result.significance.map((s) => `${s.against} +${s.gained} -${s.lost} p ${s.p.toExponential(1)}`).join('; '));
}
