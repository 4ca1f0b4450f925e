import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readRows } from '../../src/adapters/files/rows.ts';
import { openEmbedded } from '../../src/adapters/pglite/embedded.ts';
import { postgresMemory } from '../../src/adapters/postgres/memory.ts';
import { migrate } from '../../src/adapters/postgres/migrations.ts';
import { postgresModels } from '../../src/adapters/postgres/models.ts';
import { Sql } from '../../src/adapters/postgres/sql.ts';
import type { PastTicket } from '../../src/domain/ticket/issue.ts';
import { playbookOf, ticketsOf } from '../../src/evaluation/dataset.ts';
import { learnFromMemory, recipeOf, trainingTicket } from '../../src/learning/lesson.ts';
import { trainInThread } from '../../src/learning/linear/trainer.ts';
import { Shelf } from '../../src/learning/shelf.ts';
import { sharedFile } from '../support/shared.ts';
import { report, residentMb, round } from './report.ts';

/**
 * How long training takes and what it does to the thread that serves: 4,760 real tickets from an embedded memory, and
 * 100,000 that are put together from pairs of them (first half of one text, second half of another of the same team).
 */
const path = sharedFile('data/tickets/itsm-grp.jsonl.gz');
if (!existsSync(path)) throw new Error(`the real tickets are missing: ${path}`);
const tickets = ticketsOf(readRows(path), { target: 'y_team', order: 'file', features: { reporter: 'caller' } });
const history = tickets.slice(0, 4_760);
const playbook = playbookOf(tickets, ['reporter'], 42);

const folder = await mkdtemp(join(tmpdir(), 'triage-learning-'));
const { driver } = await openEmbedded(folder);
try {
  const sql = new Sql(driver);
  await migrate(sql);
  const memory = await postgresMemory(sql);
  for (let start = 0; start < history.length; start += 100) await memory.put(history.slice(start, start + 100));
  const models = postgresModels(sql);
  const shelf = new Shelf(models, ({ why }) => process.stderr.write(`${why}\n`));
  const small = await watched(async () => {
    await learnFromMemory(playbook, { memory, models });
    await shelf.refresh();
  });
  const large = await watched(() => trainInThread(pages(history, 100_000), recipeOf(playbook)));
  report('learning', {
    tickets: history.length,
    seconds: small.seconds,
    'longest stall ms': small.stallMs,
    'tickets, many': 100_000,
    'seconds, many': large.seconds,
    'longest stall ms, many': large.stallMs,
    'model MB, many': round(large.result.bytes.length / 1e6),
    'peak resident MB': residentMb(process.pid).peak,
  });
} finally {
  await driver.close();
  await rm(folder, { recursive: true, force: true });
}

async function watched<Result>(act: () => Promise<Result>) {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const startedAt = performance.now();
  const result = await act();
  delay.disable();
  return { result, seconds: round((performance.now() - startedAt) / 1000), stallMs: round(delay.max / 1e6) };
}

async function* pages(from: readonly PastTicket[], size: number) {
  const teams = Map.groupBy(from, ({ values }) => values['value']?.value ?? '');
  for (let start = 0; start < size; start += 100) {
    const page = Array.from({ length: 100 }, (_, index) => mixed(from, teams, start + index));
    yield page.map((ticket) => trainingTicket(ticket, playbook));
  }
}

function mixed(
  from: readonly PastTicket[],
  teams: ReadonlyMap<string, readonly PastTicket[]>,
  index: number,
): PastTicket {
  const one = from[index % from.length];
  if (!one) throw new Error('no ticket to mix');
  const same = teams.get(one.values['value']?.value ?? '') ?? [one];
  const other = same[(index * 7919) % same.length] ?? one;
  const half = (text: string, part: 0 | 1) => {
    const words = text.split(' ');
    return (part === 0 ? words.slice(0, words.length / 2) : words.slice(words.length / 2)).join(' ');
  };
  return { ...one, id: `${index}`, text: `${half(one.text, 0)} ${half(other.text, 1)}` };
}
