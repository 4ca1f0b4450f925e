import { appendFileSync } from 'node:fs';
import { z } from 'zod';

/** What one scenario came to on one stack. */
const Result = z.object({
  scenario: z.string(),
  stack: z.string(),
  tickets: z.number(),
  faults: z.number(),
  edits: z.number(),
  lost: z.number(),
  doubled: z.number(),
  overwritten: z.number(),
  seconds: z.number(),
  note: z.string().default(''),
});
export type Result = z.input<typeof Result>;

export function keepResult(file: string, result: Result): void {
  appendFileSync(file, `${JSON.stringify(result)}\n`);
}

const HEADS = ['scenario', 'stack', 'tickets', 'faults', 'edits', 'lost', 'doubled', 'overwritten', 'seconds', 'note'];

/** The kept lines as a Markdown table. */
export function tableOf(lines: readonly string[]): string {
  const results = lines.filter((line) => line !== '').map((line) => Result.parse(JSON.parse(line)));
  const rows = results
    .toSorted((one, other) => one.scenario.localeCompare(other.scenario))
    .map((result) => Object.values(Result.parse(result)).map(String));
  const lined = [HEADS, HEADS.map(() => '---'), ...rows];
  return lined.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
