import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { withItem, withText } from '../../../../../src/feedback/propose/text/edit.ts';

const shipped = (path: string) => readFileSync(new URL(`../../../../../config/${path}`, import.meta.url), 'utf8');
const added = (before: string, after: string) => after.split('\n').filter((line) => !before.split('\n').includes(line));
const removed = (before: string, after: string) => added(after, before);

describe('an item at the end of a list', () => {
  // biome-ignore lint/suspicious/noThenProperty: as the playbook says it
  const rule = { name: 'a → b: "it\'s"', when: { textMatches: String.raw`x[\s\p{P}]+y` }, then: { category: 'vpn' } };

  test('takes three lines of the shipped playbook and leaves all others alone', () => {
    const before = shipped('playbook.yaml');
    const after = withItem(before, ['rules'], rule);
    expect(removed(before, after)).toEqual([]);
    expect(added(before, after)).toEqual([
      `  - name: 'a → b: "it''s"'`,
      String.raw`    when: { textMatches: 'x[\s\p{P}]+y' }`,
      '    then: { category: vpn }',
    ]);
    expect(parse(after).rules).toEqual([...parse(before).rules, rule]);
  });

  test('stands behind the last item, whatever follows it', () => {
    const cases = [
      'rules:\n- name: x # last\n\n# about the next\nnext: 1\n',
      'rules:\n    - name: x\n      when: |\n        block\n\n        more\nnext: 1\n',
      'next: 1\nrules:\n  - name: x',
      'next: 1\r\nrules:\r\n  - name: x\r\n',
    ];
    for (const before of cases) {
      const after = withItem(before, ['rules'], rule);
      expect(parse(after)).toEqual({ ...parse(before), rules: [...parse(before).rules, rule] });
      expect(removed(before, after).filter((line) => line !== '')).toEqual([]);
    }
  });

  test('begins a list where there is none, an empty one, or one on a line of its own', () => {
    for (const before of ['a: 1\n', 'a: 1', 'a: 1\nrules: [] # none yet\n']) {
      expect(parse(withItem(before, ['rules'], rule))).toEqual({ a: 1, rules: [rule] });
    }
    expect(withItem('rules: [] # none yet\n', ['rules'], rule)).toContain('# none yet');
    const flow = 'rules: [{ name: x }] # ours\n';
    expect(parse(withItem(flow, ['rules'], rule)).rules).toEqual([{ name: 'x' }, rule]);
    expect(withItem(flow, ['rules'], rule)).toContain('# ours');
  });

  test('says what it was given, whatever that holds', () => {
    const item = fc.record({
      summary: fc.string({ unit: 'grapheme' }),
      answer: fc.dictionary(fc.string(), fc.string()),
    });
    fc.assert(
      fc.property(
        item,
        fc.constantFrom('few_shot:\n  - summary: x\nb: 2\n', 'few_shot: []\n', 'b: 2'),
        (shot, before) => {
          const { few_shot: list = [], ...rest } = parse(before);
          expect(parse(withItem(before, ['few_shot'], shot))).toEqual({
            ...rest,
            few_shot: [...list, { ...shot, answer: { ...shot.answer } }],
          });
        },
      ),
    );
  });
});

describe('another text at a path', () => {
  const path = ['values', 'hardware', 'description'];

  test('changes one line of the shipped taxonomy', () => {
    const before = shipped('taxonomies/category.yaml');
    const after = withText(before, path, (text) => `${text}; also: it's`);
    expect(added(before, after)).toEqual([
      "  hardware: { description: 'Laptops, monitors, docks, keyboards, batteries; also: it''s' }",
    ]);
  });

  test('keeps comments and everything around, however the text is written', () => {
    for (const scalar of [
      'plain words',
      "'single # quotes'",
      '"double\\u0041"',
      '>\n      folded\n      text',
      '|-\n      kept',
    ]) {
      const before = `# head\nvalues:\n  hardware:\n    description: ${scalar}\n    parent: x # why\n  other: { description: y }\n`;
      const after = withText(before, path, (text) => `${text}, more`);
      const meant = parse(before);
      meant.values.hardware.description += ', more';
      expect(parse(after)).toEqual(meant);
      expect(after).toContain('# head');
      expect(after).toContain('parent: x # why\n  other: { description: y }\n');
    }
  });

  test('says what it was given, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (old, text) => {
        const before = stringify({ values: { hardware: { description: old }, z: 1 } });
        fc.pre(parse(before).values.hardware.description === old);
        const sound = text.toWellFormed();
        expect(parse(withText(before, path, () => sound)).values).toEqual({ hardware: { description: sound }, z: 1 });
      }),
    );
  });

  test('is refused where there is no text', () => {
    expect(() => withText('values: {}\n', path, () => '')).toThrow('no text at values.hardware.description');
  });
});
