import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { patternOf, phraseOf } from '../../../../src/feedback/propose/text/pattern.ts';
import { linesOf } from '../../../../src/feedback/propose/text/words.ts';
import { type CorrectionDraft, DOCKING, ordinaryTickets } from '../../../support/corrections.ts';
import { pastTicketWith } from '../../../support/fixtures.ts';
import { changesOf, type Setting } from './support/ground.ts';
import { RULE_WORDS } from './support/words.ts';

const docking: readonly CorrectionDraft[] = DOCKING.map(([summary, text]) => ({ summary, text }));
const EMPTY = 'targets: {}\n';

function ruleIn(setting: Setting) {
  const [change] = changesOf('rule', setting);
  return change ? parse(change.apply(EMPTY)).rules[0] : null;
}

const other = (text: string, value = 'network', by: 'human' | 'machine' = 'human') =>
  pastTicketWith({ summary: 'Another one', text, values: { category: { value, by } } });

describe('a rule from corrections', () => {
  test('is the phrase that is in all of them and in nothing else', () => {
    expect(ruleIn({ corrections: docking })).toEqual({
      name: 'network → hardware (7 corrections)',
      when: { textMatches: String.raw`(?<![\p{Lu}\p{Ll}\p{N}])docking[\s\p{P}]+station(?![\p{Lu}\p{Ll}\p{N}])` },
      // biome-ignore lint/suspicious/noThenProperty: as the playbook says it
      then: { category: 'hardware' },
    });
    const [change] = changesOf('rule', { corrections: docking });
    expect(change?.keys).toHaveLength(7);
    expect(change?.what).toBe('“docking station” → hardware: in 7 corrections; right on 7 of 7 past tickets with it');
  });

  test('is none where people used the phrase for something else', () => {
    const counter = ['The docking station map shows no WLAN', 'No LAN at the DOCKING-STATION'].map((text) =>
      other(text),
    );
    expect(ruleIn({ corrections: docking, others: [...ordinaryTickets(3), ...counter] })).toBeNull();
  });

  test('is none where we said something else and nobody objected, for that may have been right', () => {
    const untouched = Array.from({ length: 3 }, (_, index) => other(`docking station ${index}`, 'network', 'machine'));
    expect(ruleIn({ corrections: docking, others: [...ordinaryTickets(3), ...untouched] })).toBeNull();
  });

  test('is none where a counterexample stands behind hundreds of words', () => {
    const log = 'line of a log that says nothing at all\n'.repeat(80);
    const counter = [1, 2].map((index) => other(`${log}docking station ${index}`));
    expect(ruleIn({ corrections: docking, others: [...ordinaryTickets(3), ...counter] })).toBeNull();
  });

  test('is held to what the target promises, class by class', () => {
    const strict = { kind: 'label', prefix: 'cat-', values: 'taxonomies/category.yaml', targetPrecision: 0.9 } as const;
    expect(ruleIn({ corrections: docking, playbook: { targets: { category: strict } } })).toBeNull();
    const lenient = { ...strict, classes: { hardware: { targetPrecision: 0.7 } } };
    expect(ruleIn({ corrections: docking, playbook: { targets: { category: lenient } } })).not.toBeNull();
    const careless = { ...strict, targetPrecision: 0 };
    const wrong = ordinaryTickets(3).map((ticket, index) => ({ ...ticket, text: `docking station ${index}` }));
    expect(ruleIn({ corrections: docking, others: wrong, playbook: { targets: { category: careless } } })).toBeNull();
  });

  test('needs as many independent corrections as the whole case, not copies of one', () => {
    const copies = Array.from({ length: 20 }, () => ({ summary: 'Docking station dead', text: 'It is dead.' }));
    const unlike = ['Beamer flackert', 'Tastatur klebt', 'Lüfter laut', 'Akku leer'].map((summary) => ({ summary }));
    expect(changesOf('rule', { corrections: [...copies, ...unlike] })).toEqual([]);
  });

  test('is none for labels side by side: it would take the others away', () => {
    const targets = { category: { kind: 'label', prefix: 'cat-', multiple: true, targetPrecision: 0.7 } } as const;
    expect(ruleIn({ corrections: docking, playbook: { targets, taxonomies: {} } })).toBeNull();
  });

  test('is made once where two mistakes share it', () => {
    const swapped = docking.map((draft, index) => ({
      ...draft,
      text: `${draft.text} ${RULE_WORDS[index]}`,
      ours: 'email',
    }));
    expect(changesOf('rule', { corrections: [...docking, ...swapped], min: 7 })).toHaveLength(1);
  });

  test('works without spaces between words, and with umlauts', () => {
    const chinese = [
      '扩展坞没有反应',
      '我的扩展坞无法传输信号',
      '昨天更换扩展坞以后断断续续',
      '从扩展坞拔下电脑',
      '扩展坞很烫',
    ];
    expect(ruleIn({ corrections: chinese.map((summary) => ({ summary })) })?.when.textMatches).toBe(
      String.raw`扩展\s*坞`,
    );
    const german = [
      'Prüfgerät tot',
      'Das Prüfgerät piept',
      'Anzeige am PRÜFGERÄT fehlt',
      'prüfgerät lädt nicht',
      'Kabel: Prüfgerät',
    ];
    expect(ruleIn({ corrections: german.map((summary) => ({ summary })) })?.when.textMatches).toBe(
      String.raw`(?<![\p{Lu}\p{Ll}\p{N}])prüfgerät(?![\p{Lu}\p{Ll}\p{N}])`,
    );
  });

  test('holds no name of a person and nothing that was redacted', () => {
    const drafts = docking.map(({ summary }, index) => ({
      summary: `${summary} ${index}`,
      text: `Zebedee Quackenbush said it, mail zq@acme.example, key AKIAIOSFODNN7EXAMPLE`,
    }));
    const changes = changesOf('rule', { corrections: drafts, people: ['Zebedee Quackenbush'] });
    expect(JSON.stringify(changes.map(({ apply, what }) => [apply(EMPTY), what]))).not.toMatch(
      /quackenbush|zebedee|akia|acme/i,
    );
  });
});

describe('the pattern of a phrase', () => {
  const matches = (words: readonly string[], text: string) => new RegExp(patternOf(words), 'iu').test(text);

  test('finds it over punctuation and line ends, and not inside of other words', () => {
    expect(matches(['docking', 'station'], 'My DOCKING-\n station!')).toBe(true);
    expect(matches(['docking', 'station'], 'docking stations')).toBe(false);
    expect(matches(['port'], 'report')).toBe(false);
    expect(matches(['über', 'größe'], 'Über: Größe')).toBe(true);
    expect(matches(['vpn', '连接'], '公司VPN连接')).toBe(true);
    expect(phraseOf(['vpn', '连接', '中断'])).toBe('vpn 连接中断');
  });

  test('finds the words of any text in it, and is a regular expression whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        for (const line of linesOf(text)) {
          const keys = line.slice(0, 3).map(({ key }) => key);
          expect(() => new RegExp(patternOf(keys), 'iu')).not.toThrow();
        }
      }),
    );
    const word = fc.constantFrom('disk', 'größe', '打印机', 'vpn', 'ё', 'SAP2', '한국어', 'é');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const [line = []] = linesOf(words.join(' '));
        expect(
          matches(
            line.map(({ key }) => key),
            words.join(' '),
          ),
        ).toBe(true);
      }),
    );
  });

  test('takes no longer than the text on hostile ones', () => {
    expect(matches(['docking', 'station'], `docking${' .'.repeat(100_000)}`)).toBe(false);
    expect(matches(['docking', 'station'], 'docking '.repeat(50_000))).toBe(false);
  });
});
