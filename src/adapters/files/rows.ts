import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { MisconfiguredError, messageOf } from '../../domain/errors.ts';

const RowSchema = z.record(z.string(), z.unknown());

/** One ticket of a file, by field name. */
export type Row = Readonly<z.infer<typeof RowSchema>>;

/**
 * Reads tickets in the file's own order: `.jsonl`, `.jsonl.gz`, or a Jira CSV export. Throws `MisconfiguredError` naming
 * the line that cannot be read.
 */
export function readRows(path: string): readonly Row[] {
  try {
    const bytes = readFileSync(path);
    const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    return path.replace(/\.gz$/, '').endsWith('.csv') ? csvRows(text) : jsonRows(text, path);
  } catch (cause) {
    if (cause instanceof MisconfiguredError) throw cause;
    throw new MisconfiguredError([`${path} cannot be read: ${messageOf(cause)}`]);
  }
}

function jsonRows(text: string, path: string): Row[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .flatMap((line, index) => {
      if (line.trim() === '') return [];
      const parsed = RowSchema.safeParse(jsonOf(line));
      if (parsed.success) return [parsed.data];
      throw new MisconfiguredError([`${path}:${index + 1} is not a JSON object; give JSON Lines or a Jira CSV export`]);
    });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // Told apart from other faults by the schema, which refuses undefined.
    return undefined;
  }
}

/** Jira repeats column names for fields with several values; the first one counts. */
function csvRows(text: string): Row[] {
  const lines = z.array(z.array(z.string())).parse(parse(text, { bom: true, relax_column_count: true }));
  const [header = [], ...records] = lines;
  return records.map((record) =>
    Object.fromEntries([...header.entries()].reverse().map(([index, name]) => [name, record[index] ?? ''])),
  );
}
