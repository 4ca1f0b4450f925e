import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';

/** One ticket of a replayed set; `truth` is what the desk ended with. */
export interface ReplayTicket {
  readonly summary: string;
  readonly description: string;
  readonly reporter: string;
  readonly truth: string;
}

const Row = z.record(z.string(), z.unknown());
const SUMMARY = ['title', 'summary', 'Summary'];
const DESCRIPTION = ['body', 'description', 'Description'];
const REPORTER = ['caller', 'reporter', 'Reporter'];

/**
 * Reads a ticket set in its own order: `.jsonl`, `.jsonl.gz`, or a Jira CSV export. Tickets without a value for the
 * target are left out. Throws when the target is not a field of the file, naming the fields there are.
 */
export function readTickets(path: string, target: string): readonly ReplayTicket[] {
  const rows = path.endsWith('.csv') ? readCsv(path) : readJsonLines(path);
  const [first] = rows;
  if (!first) throw new Error(`${path} holds no tickets`);
  if (!rows.some((row) => Object.hasOwn(row, target))) {
    throw new Error(`no ticket in ${path} has a field "${target}"; there are: ${Object.keys(first).join(', ')}`);
  }
  return rows.flatMap((row) => {
    const truth = textAt(row, [target]);
    const summary = textAt(row, SUMMARY).replace(/\s+/g, ' ').slice(0, 250);
    const description = textAt(row, DESCRIPTION);
    if (truth === '') return [];
    return [{ summary: summary || '(no summary)', description, reporter: textAt(row, REPORTER) || 'unknown', truth }];
  });
}

function readJsonLines(path: string): z.infer<typeof Row>[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Row.parse(JSON.parse(line)));
}

/** Jira repeats column names for fields with several values; the first one counts. */
function readCsv(path: string): z.infer<typeof Row>[] {
  const lines = z.array(z.array(z.string())).parse(parse(readFileSync(path), { bom: true, relax_column_count: true }));
  const [header = [], ...records] = lines;
  return records.map((record) =>
    Object.fromEntries([...header.entries()].reverse().map(([index, name]) => [name, record[index] ?? ''])),
  );
}

function textAt(row: z.infer<typeof Row>, names: readonly string[]): string {
  const value = names.map((name) => row[name]).find((candidate) => candidate !== undefined && candidate !== null);
  return value === undefined ? '' : String(value).trim();
}
