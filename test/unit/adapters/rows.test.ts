import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { readRows } from '../../../src/adapters/files/rows.ts';
import { MisconfiguredError } from '../../../src/domain/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'jira-triage-rows-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const rows = [
  { title: 'No mail', body: 'since\nMonday', y_team: 'Mail' },
  { title: 'Drucker 🖨️', votes: 3, closed: null },
];
const jsonl = rows.map((row) => JSON.stringify(row)).join('\n');

describe('files of tickets', () => {
  test('JSON Lines are read in their own order, each value as it is', () => {
    expect(readRows(file('set.jsonl', jsonl))).toEqual(rows);
  });

  test('a byte order mark, empty lines and Windows line ends do not matter', () => {
    expect(readRows(file('windows.jsonl', `\uFEFF${jsonl.replaceAll('\n', '\r\n')}\r\n\r\n`))).toEqual(rows);
  });

  test('a gzipped file reads the same', () => {
    expect(readRows(file('set.jsonl.gz', gzipSync(jsonl)))).toEqual(rows);
    const csv = 'Summary,Issue key\nPrinter,IT-1\n';
    expect(readRows(file('set.csv.gz', gzipSync(csv)))).toEqual([{ Summary: 'Printer', 'Issue key': 'IT-1' }]);
  });

  test('a Jira CSV export keeps quotes and line breaks, and of repeated columns the first', () => {
    const csv =
      '\uFEFFSummary,Issue key,Description,Labels,Labels\n"Printer, again",IT-1,"line one\nline ""two""",cat-print,urgent\n';
    expect(readRows(file('export.csv', csv))).toEqual([
      {
        Summary: 'Printer, again',
        'Issue key': 'IT-1',
        Description: 'line one\nline "two"',
        Labels: 'cat-print',
      },
    ]);
  });

  test('a row of a CSV file that ends early has empty fields', () => {
    expect(readRows(file('short.csv', 'Summary,Labels\nPrinter\n'))).toEqual([{ Summary: 'Printer', Labels: '' }]);
  });

  test('a file without tickets has none', () => {
    expect(readRows(file('empty.jsonl', '\n'))).toEqual([]);
    expect(readRows(file('header.csv', 'Summary,Labels\n'))).toEqual([]);
  });

  test.each([
    ['a broken line', '{"title": "a"}\n{"title": \n', /broken-line\.jsonl:2 is not a JSON object/],
    ['a line that is a list', '["a"]\n', /list\.jsonl:1 is not a JSON object/],
  ])('%s is named by its number', (what, content, message) => {
    const name = what === 'a broken line' ? 'broken-line.jsonl' : 'list.jsonl';
    expect(() => readRows(file(name, content))).toThrow(message);
  });

  test.each([
    ['a file that is not there', () => join(folder, 'absent.jsonl')],
    ['a file that only pretends to be gzipped', () => file('plain.jsonl.gz', jsonl)],
    ['a CSV file with an open quote', () => file('open.csv', 'Summary\n"Printer\n')],
  ])('%s is told with its path', (_what, path) => {
    const at = path();
    expect(() => readRows(at)).toThrow(MisconfiguredError);
    expect(() => readRows(at)).toThrow(at);
  });
});
