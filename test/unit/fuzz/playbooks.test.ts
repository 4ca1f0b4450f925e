import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { MisconfiguredError } from '../../../src/domain/errors.ts';
import { loadPlaybook } from '../../../src/settings/playbook-store.ts';
import { inTime, runs } from '../../support/fuzz/bounds.ts';
import { damaged } from '../../support/fuzz/bytes.ts';
import { changed } from '../../support/fuzz/values.ts';

const SHIPPED = fileURLToPath(new URL('../../../config', import.meta.url));
const FILES = ['playbook.yaml', 'teams.yaml', 'taxonomies/category.yaml', 'prompts/triage.yaml'];
const folder = mkdtempSync(join(tmpdir(), 'triage-fuzz-config-'));
const shipped = (file: string) => readFileSync(join(SHIPPED, file));

beforeAll(() => {
  cpSync(SHIPPED, folder, { recursive: true });
  mkdirSync(join(folder, 'calibration'), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is told of a folder with this file instead of the shipped one; nothing where it is taken. */
function faultsWith(file: string, content: string | Buffer): readonly string[] {
  writeFileSync(join(folder, file), content);
  try {
    loadPlaybook(folder, 'a-commit');
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(MisconfiguredError);
    return error instanceof MisconfiguredError ? error.faults : [];
  } finally {
    writeFileSync(join(folder, file), shipped(file));
  }
}

const TELLING = /^[^\n]+?(?::\d+ \S|: cannot be read \()|^and more; mend these first$/;

function expectTelling(faults: readonly string[]): void {
  expect(faults.length).toBeLessThanOrEqual(101);
  for (const fault of faults) expect(fault).toMatch(TELLING);
}

/** What a person or a merge tool does to a file: lines go, come twice, move in or out, or change places. */
const slip = fc.tuple(fc.constantFrom('gone', 'twice', 'in', 'out', 'swapped', 'mark', 'other'), fc.nat(), fc.nat());
const MARKS = [
  ':',
  '- ',
  '&a ',
  '*a',
  '!!binary ',
  '? ',
  '<<: ',
  '{',
  '[',
  '"',
  '#',
  '|',
  '%',
  '@',
  '\t',
  '---\n',
  '\0',
];

function slipped(text: string, [how, at, by]: readonly [string, number, number]): string {
  const lines = text.split('\n');
  const index = at % lines.length;
  const line = lines[index] ?? '';
  const place = by % (line.length + 1);
  const mark = MARKS[by % MARKS.length] ?? '';
  const ways: Readonly<Record<string, readonly string[]>> = {
    gone: [],
    twice: [line, line],
    in: [`  ${line}`],
    out: [line.replace(/^ {2}/, '')],
    swapped: [lines[by % lines.length] ?? ''],
    mark: [line.slice(0, place) + mark + line.slice(place)],
  };
  return lines.toSpliced(index, 1, ...(ways[how] ?? ['<<<<<<< HEAD', line])).join('\n');
}

describe.each(FILES)('%s', (file) => {
  const text = shipped(file).toString();

  test('with other values and shapes is taken, or told with file and line', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(changed([parse(text)]), (value) => {
        expectTelling(inTime(() => faultsWith(file, JSON.stringify(value, null, 1) ?? ''), 1_000));
      }),
      runs(15),
    );
  });

  test('with slips of people is taken, or told with file and line', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(slip, { minLength: 1, maxLength: 4 }), (slips) => {
        expectTelling(inTime(() => faultsWith(file, slips.reduce(slipped, text)), 1_000));
      }),
      runs(30),
    );
  });

  test('with other bytes is taken, or told with file and line', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(damaged(fc.constant(Buffer.from(text))), (bytes) => {
        expectTelling(inTime(() => faultsWith(file, bytes), 2_000));
      }),
      runs(10),
    );
  });
});

describe('a file that is far too much', () => {
  const many = (count: number, line: (index: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('');
  const teams = (lines: string) => `route: { by: category, team: team }\nteams:\n${lines}`;

  test.each([
    ['of open brackets', 'teams.yaml', `teams: ${'['.repeat(50_000)}`],
    ['of lists in lists', 'teams.yaml', `teams: ${'['.repeat(300)}${']'.repeat(300)}`],
    ['of the same key', 'teams.yaml', `teams: {}\n${'a: 1\n'.repeat(20_000)}`],
    ['of other keys', 'teams.yaml', many(20_000, (n) => `k${n}: 1\n`)],
    ['of faults', 'teams.yaml', teams(many(5_000, (n) => `  t${n}: { takes: 7 }\n`))],
    ['of values nobody knows', 'teams.yaml', teams(many(2_000, (n) => `  t${n}: { takes: [v${n}] }\n`))],
    [
      'of teams in one circle',
      'teams.yaml',
      teams(many(3_000, (n) => `  t${n}: { takes: [], escalation: t${(n + 1) % 3_000} }\n`)),
    ],
    ['of anchors', 'teams.yaml', many(3_000, (n) => `a${n}: &a${n} [${n > 0 ? `*a${n - 1}, *a${n - 1}` : 'x'}]\n`)],
    ['of conditions', 'prompts/triage.yaml', `system: s\nuser: "${'{% if x %}'.repeat(3_000)}"\n`],
  ])('%s is told in a hundred faults at most', { timeout: 60_000 }, (_what, file, content) => {
    const faults = inTime(() => faultsWith(file, content), 5_000);
    expect(faults.length).toBeGreaterThan(0);
    expectTelling(faults);
  });

  test('is not even read', () => {
    expect(faultsWith('teams.yaml', `teams: {}\n# ${'x'.repeat(3_000_000)}`)).toEqual([
      'teams.yaml: cannot be read (it is larger than 2 MB)',
    ]);
  });
});

describe('a file that the playbook names', () => {
  const naming = (name: string) => shipped('playbook.yaml').toString().replace('taxonomies/category.yaml', name);

  test.each(['../secrets.yaml', '../../../../../etc/passwd', 'taxonomies/../../x.yaml'])(
    '%s lies elsewhere, and is not read',
    (name) => {
      expect(faultsWith('playbook.yaml', naming(name))).toContain(
        `${name}: cannot be read (it lies outside of the config folder)`,
      );
    },
  );

  test('may be a link, as Kubernetes makes them, but no device', () => {
    symlinkSync(join(folder, 'taxonomies/category.yaml'), join(folder, 'linked.yaml'));
    symlinkSync('/dev/zero', join(folder, 'endless.yaml'));
    expect(faultsWith('playbook.yaml', naming('linked.yaml'))).toEqual([]);
    expect(faultsWith('playbook.yaml', naming('endless.yaml'))).toContain(
      'endless.yaml: cannot be read (it is not a file)',
    );
  });
});
