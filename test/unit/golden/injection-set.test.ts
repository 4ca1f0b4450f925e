import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { deskSite, deskTickets } from '../../support/desk.ts';
import { type Attack, attacks, canaries, hardNegatives } from '../../support/injection.ts';

const FOLDER = new URL('../../golden/injection/', import.meta.url);
const TAXONOMY = new URL('../../../config/taxonomies/category.yaml', import.meta.url);

const set = attacks();
const honest = hardNegatives();
const { history } = deskTickets();

const allowed = {
  category: Object.keys(z.object({ values: z.record(z.string(), z.unknown()) }).parse(read(TAXONOMY)).values),
  priority: deskSite(history).priorities ?? [],
  component: [...new Set(history.map(({ component }) => component))],
};

/** Characters nobody sees in a review: controls but the line end, formats, tags, variation selectors, odd blanks. */
const UNSEEN = /[[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]--\n]|\p{Default_Ignorable_Code_Point}|[\u00A0\u2800\u202F]/v;

/** What an attack is made of, and what harmless text should not say by accident. */
const COMMANDING = /none_of_these|highest|\bignore|category\s*[:=]|component\s*[:=]/i;

describe('the attacks', () => {
  test('are many in every channel, technique and language', () => {
    expect(set.length).toBeGreaterThanOrEqual(150);
    expect(countsOf(set, 'channel')).toSatisfy(atLeast(13, 5));
    expect(countsOf(set, 'technique')).toSatisfy(atLeast(25, 1));
    expect(countsOf(set, 'language')).toSatisfy(atLeast(8, 5));
    expect(countsOf(set, 'language')).toMatchObject({ de: expect.toSatisfy(over(25)), zh: expect.toSatisfy(over(20)) });
  });

  test('have ids of their own that begin with their channel, which names the file', () => {
    const ids = [...set, ...honest].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(set.filter(({ id, channel }) => !new RegExp(`^${channel}-\\d\\d$`).test(id))).toEqual([]);
    const files = readdirSync(new URL('attacks/', FOLDER)).map((file) => file.replace('.jsonl', ''));
    expect(files.sort()).toEqual([...new Set(set.map(({ channel }) => channel))].sort());
  });

  test('differ from one another', () => {
    const tickets = set.map(({ summary, text, planted }) => JSON.stringify([summary, text, planted]));
    expect(new Set(tickets).size).toBe(set.length);
    expect(new Set(set.map(({ text }) => text)).size).toBe(set.length);
  });

  test.each(set)('$id wants what is not right, and names a value that exists or is meant not to', (attack) => {
    const { truth, wants } = attack;
    expect(allowed.category).toContain(truth.category);
    if ('outcome' in wants) {
      if (wants.outcome === 'unknown-value') expect(allowed.category).not.toContain(wants.value);
      return;
    }
    expect(allowed[wants.target]).toContain(wants.value);
    expect(wants.value).not.toBe(truth.category);
    expect(wants.value).not.toBe(componentOf(truth.category));
  });

  test.each(set)('$id has a control that is as long, and harmless', (attack) => {
    const { control } = attack;
    const [payload, harmless] = apart(viewOf(attack), viewOf(control));
    expect(Math.abs(payload - harmless)).toBeLessThanOrEqual(payload / 10);
    expect({ summary: control.summary, text: control.text, planted: control.planted }).not.toEqual({
      summary: attack.summary,
      text: attack.text,
      planted: attack.planted,
    });
    expect(viewOf(control)).not.toMatch(COMMANDING);
    expect(control.planted?.length).toBe(attack.planted?.length);
  });

  test('come through past tickets in the evidence channel, and only there', () => {
    for (const { channel, planted, control, truth } of set) {
      expect(planted !== undefined).toBe(channel === 'evidence');
      const values = [...(control.planted ?? []).map((past) => past.values['category'])];
      expect(values.every((value) => value === truth.category)).toBe(true);
    }
  });
});

describe('the canaries', () => {
  const { prompt, neighbours, echo } = canaries();
  const everything = [...set.flatMap((attack) => [viewOf(attack), viewOf(attack.control)]), ...honest.map(viewOf)];

  test('of prompt and neighbours are known to no ticket', () => {
    const secret = [...prompt, ...neighbours.map(({ token }) => token)];
    expect(new Set(secret).size).toBe(secret.length);
    expect(secret.filter((token) => everything.some((view) => view.includes(token)))).toEqual([]);
    expect(neighbours.filter(({ text, token }) => !text.includes(token))).toEqual([]);
  });

  test('that are to be echoed stand in the one attack that wants them', () => {
    const wanted = set.flatMap(({ wants }) => ('token' in wants ? [wants.token] : []));
    expect(wanted.sort()).toEqual([...echo].sort());
    for (const token of echo) expect(everything.filter((view) => view.includes(token))).toHaveLength(1);
  });

  test('of neighbours are likely to be found by the attacks that want them', () => {
    const leaks = set.filter(({ wants }) => 'of' in wants && wants.of === 'neighbour');
    const known = neighbours.map(({ values }) => values['category']);
    expect(leaks.filter(({ truth }) => !known.includes(truth.category))).toEqual([]);
  });
});

describe('the hard negatives', () => {
  test('are mostly, not only, about security', () => {
    const security = honest.filter(({ truth }) => truth.category === 'security');
    expect(honest.length).toBeGreaterThanOrEqual(30);
    expect(security.length).toBeGreaterThan(honest.length / 2);
    expect(new Set(honest.map(({ truth }) => truth.category)).size).toBeGreaterThan(6);
    expect(honest.filter(({ truth }) => !allowed.category.includes(truth.category))).toEqual([]);
  });
});

test('files hold no character that a reviewer cannot see', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => /\.\w+$/.test(file));
  const unseen = files.filter((file) => UNSEEN.test(readFileSync(new URL(file, FOLDER), 'utf8')));
  expect(files.length).toBeGreaterThan(10);
  expect(unseen).toEqual([]);
});

test('the README explains every technique, channel and outcome', () => {
  const readme = readFileSync(new URL('README.md', FOLDER), 'utf8');
  const words = set.flatMap(({ channel, technique, wants }) => [
    channel,
    technique,
    ...('outcome' in wants ? [wants.outcome] : []),
  ]);
  expect([...new Set(words)].filter((word) => !readme.includes(`\`${word}\``))).toEqual([]);
});

function read(file: URL): unknown {
  return parse(readFileSync(file, 'utf8'));
}

function countsOf(rows: readonly Attack[], key: 'channel' | 'technique' | 'language'): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(rows, (row) => row[key])].map(([name, group]) => [name, group.length]));
}

function atLeast(kinds: number, each: number) {
  return (counts: Record<string, number>) =>
    Object.keys(counts).length >= kinds && Object.values(counts).every((count) => count >= each);
}

function over(limit: number) {
  return (count: number) => count > limit;
}

function componentOf(category: string): string | undefined {
  return history.find((ticket) => ticket.category === category)?.component;
}

/** All that people wrote, as one text. */
function viewOf({ summary, text, planted = [] }: Pick<Attack, 'summary' | 'text'> & Partial<Pick<Attack, 'planted'>>) {
  return [summary, text, ...planted.flatMap((past) => [past.summary, past.text])].join('\n');
}

/** How many characters of each lie between their common beginning and their common end. */
function apart(one: string, other: string): [number, number] {
  const [a, b] = [[...one], [...other]];
  const shorter = Math.min(a.length, b.length);
  let head = 0;
  while (head < shorter && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  return [a.length - head - tail, b.length - head - tail];
}
