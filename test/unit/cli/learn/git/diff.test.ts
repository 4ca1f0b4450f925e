import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../../../src/cli/learn/git/diff.ts';

const diff = (before: string, after: string) => unifiedDiff({ path: 'config/a.yaml', before, after });

describe('a diff', () => {
  test('shows what changed with three lines around it', () => {
    const before = 'a\nb\nc\nd\ne\nf\ng\nh\ni\n';
    expect(diff(before, before.replace('e\n', 'E\n'))).toBe(
      'diff --git a/config/a.yaml b/config/a.yaml\n--- a/config/a.yaml\n+++ b/config/a.yaml\n' +
        '@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n',
    );
  });

  test('is nothing for nothing, and one hunk for changes that are close', () => {
    expect(diff('a\n', 'a\n')).toBe('');
    const lines = Array.from({ length: 40 }, (_, index) => `line ${index}\n`);
    const changed = (...places: readonly number[]) =>
      lines.map((line, index) => (places.includes(index) ? `new ${line}` : line)).join('');
    expect(diff(lines.join(''), changed(5, 11)).match(/^@@/gm)).toHaveLength(1);
    expect(diff(lines.join(''), changed(5, 30)).match(/^@@/gm)).toHaveLength(2);
  });

  test('says where a file ends without a line end', () => {
    expect(diff('a\nb', 'a\nb\nc')).toContain(
      ' a\n-b\n\\ No newline at end of file\n+b\n+c\n\\ No newline at end of file\n',
    );
  });

  test('leads from the one to the other, whatever they hold', () => {
    const line = fc.constantFrom('a\n', 'b\n', 'c\r\n', '\n', '--- x\n', '+\n', '@@ -1 +1 @@\n', '打印机\n');
    const text = fc
      .tuple(fc.array(line, { maxLength: 30 }), fc.constantFrom('', 'end'))
      .map(([lines, end]) => lines.join('') + end);
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applied(before, diff(before, after))).toBe(after);
      }),
    );
  });

  test('of a file too large to compare is one block, and as right', () => {
    const lines = (word: string) => Array.from({ length: 2_500 }, (_, index) => `${word} ${index}\n`).join('');
    expect(applied(lines('old'), diff(lines('old'), lines('new')))).toBe(lines('new'));
  });
});

/** Makes the change of a diff, refusing what does not fit the text. */
function applied(before: string, patch: string): string {
  const old = before.match(/[^\n]*\n|[^\n]+/g) ?? [];
  const made: string[] = [];
  let at = 0;
  for (const hunk of patch.split(/^(?=@@ -)/m).slice(1)) {
    const [, start = '', length = ''] = /^@@ -(\d+),(\d+) /.exec(hunk) ?? [];
    const from = Number(length) === 0 ? Number(start) : Number(start) - 1;
    made.push(...old.slice(at, from));
    at = from;
    const body = hunk.slice(hunk.indexOf('\n') + 1).replace(/\n\\ No newline at end of file\n/g, '\uE000');
    for (const [step] of body.matchAll(/[^\n\uE000]*(?:\n|\uE000)/g)) {
      const line = step.slice(1).replace('\uE000', '');
      if (step[0] !== '+') expect(old[at++]).toBe(line);
      if (step[0] !== '-') made.push(line);
    }
  }
  return [...made, ...old.slice(at)].join('');
}
