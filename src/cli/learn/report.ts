import { name, table } from '../../evaluation/report/text-table.ts';
import type { Case } from '../../feedback/propose/cases.ts';
import { type Change, titleOf } from '../../feedback/propose/change.ts';
import { LEFT_OUT, type LeftOut } from '../../feedback/propose/overrides.ts';
import type { Measured } from './measure.ts';

const KIND_WORDS = { example: 'examples', description: 'description', rule: 'rule' } as const;
const MAX_KEYS = 25;
const WIDTH = 200;

/** Every case with what it leads to, or lacks. */
export function caseTable(cases: readonly Case[], kept: readonly Change[]): string {
  const rows = cases.map((one) => [
    one.target.name,
    name(titleOf(one), 50),
    String(one.corrected.length),
    String(one.tickets.length),
    String(one.people),
    one.lacks === null ? kindsOf(kept.filter(({ of }) => of === one)) : `needs ${one.lacks}`,
  ]);
  return table(['TARGET', 'OURS → THEIRS', 'CORRECTIONS', 'INDEPENDENT', 'PEOPLE', ''], rows);
}

function kindsOf(changes: readonly Change[]): string {
  const kinds = [...new Set(changes.map(({ kind }) => KIND_WORDS[kind]))];
  return kinds.length === 0 ? 'nothing tells these tickets from others' : kinds.join(', ');
}

/** How many corrections are not learnt from, and why. */
export function leftOutLines(leftOut: ReadonlyMap<LeftOut, number>): readonly string[] {
  return [...leftOut].map(([why, count]) => `${count} left out: ${LEFT_OUT[why]}`);
}

/** What a branch or patch says of itself: what, why, and before → after. Lines of it never look like a part of a patch. */
export function messageFor(
  kept: readonly Change[],
  { measured, notes }: { readonly measured: readonly Measured[]; readonly notes: readonly string[] },
): string {
  const byCase = [...Map.groupBy(kept, ({ of }) => of)];
  const corrections = byCase.reduce((sum, [{ tickets }]) => sum + tickets.length, 0);
  const titles = byCase.map(([one]) => titleOf(one)).join(', ');
  return [
    name(`feat(config): learn from ${corrections} corrections: ${titles}`, 100),
    '',
    ...byCase.flatMap(([one, changes]) => [...caseLines(one), ...changes.flatMap(changeLines), '']),
    'Before → after on past tickets:',
    ...(measured.length === 0 ? ['* nothing was measured'] : measured.map((one) => `* ${measuredWords(one)}`)),
    ...notes.map((note) => `* ${name(note, WIDTH)}`),
    '',
  ].join('\n');
}

function caseLines(one: Case): readonly string[] {
  const { target, corrected, tickets, people } = one;
  return [
    name(
      `${target.name}: ${titleOf(one)}, ${corrected.length} corrections, ${tickets.length} of them independent, by ${people} ${people === 1 ? 'person' : 'people'}`,
      WIDTH,
    ),
  ];
}

function changeLines({ what, file, keys }: Change): readonly string[] {
  const more = keys.length > MAX_KEYS ? ` and ${keys.length - MAX_KEYS} more` : '';
  return [`* ${file}: ${name(what, WIDTH)}`, `  because of ${keys.slice(0, MAX_KEYS).join(', ')}${more}`];
}

function measuredWords({ target, on, tickets, comparison: { base, next, guesses, isWorse } }: Measured): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const step = (before: number, after: number) => `${percent(before)} → ${percent(after)}`;
  const figures = [
    `best guess right ${step(base.accuracy, next.accuracy)}`,
    `written ${step(base.coverage, next.coverage)}`,
    `right when written ${step(base.precision, next.precision)}`,
    `+${guesses.gained} −${guesses.lost}`,
  ].join(', ');
  if (on === 'own')
    return `${target}, the ${tickets} corrected tickets themselves (in-sample, proves nothing): ${figures}`;
  return `${target}, ${tickets} other tickets: ${figures} (p = ${guesses.p.toPrecision(2)})${isWorse ? '; SIGNIFICANTLY WORSE' : ''}`;
}
