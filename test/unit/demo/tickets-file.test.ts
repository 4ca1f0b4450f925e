import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readTickets } from '../../demo/tickets-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'jira-triage-tickets-'));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const lines = [
  { title: 'No mail', body: 'since\nMonday', caller: 'u1', y_team: 'Mail' },
  { title: 'Nobody solved this', body: '', caller: 'u2' },
  { title: '', body: 'text only', y_team: 'Network' },
];
const jsonl = lines.map((line) => JSON.stringify(line)).join('\n');

describe('ticket sets for a replay', () => {
  it('reads JSON Lines in their own order and leaves out tickets without a value', () => {
    expect(readTickets(file('set.jsonl', jsonl), 'y_team')).toEqual([
      { summary: 'No mail', description: 'since\nMonday', reporter: 'u1', truth: 'Mail' },
      { summary: '(no summary)', description: 'text only', reporter: 'unknown', truth: 'Network' },
    ]);
  });

  it('reads the same set gzipped', () => {
    const plain = readTickets(file('plain.jsonl', jsonl), 'y_team');
    expect(readTickets(file('set.jsonl.gz', gzipSync(jsonl)), 'y_team')).toEqual(plain);
  });

  it('reads a Jira CSV export with quotes, line breaks, a byte order mark and repeated columns', () => {
    const csv =
      '\uFEFFSummary,Issue key,Description,Reporter,Labels,Labels\n"Printer, again",IT-1,"line one\nline ""two""",kim,cat-print,urgent\n';
    expect(readTickets(file('export.csv', csv), 'Labels')).toEqual([
      { summary: 'Printer, again', description: 'line one\nline "two"', reporter: 'kim', truth: 'cat-print' },
    ]);
  });

  it('names the fields there are when the target is not one of them', () => {
    expect(() => readTickets(file('other.jsonl', jsonl), 'team')).toThrow('there are: title, body, caller, y_team');
  });
});
