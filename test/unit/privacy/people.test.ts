import { describe, expect, test } from 'vitest';
import { redactor } from '../../../src/privacy/redact.ts';

const redact = (people: readonly string[], text: string) =>
  redactor({ level: 'standard', people, patterns: [] }).redact(text);

describe('somebody Jira names', () => {
  test.each([
    ['Jana Müller', 'jana, MÜLLER, Mueller, Muller, Müllers, j.mueller, J. Müller, jmueller02, muellerj, jana_mueller'],
    [
      'Krause, Thomas (IT-S)',
      'Thomas Krause, Krause Thomas, Krause, Thomas, tkrause, krauset, thomas.krause, t-krause',
    ],
    ["O'Brien, Tom", "O'Brien, O’Brien, OBrien, tobrien, Tom"],
    ['van der Berg, Pieter', 'Pieter van der Berg, van der Berg, Berg, pvanderberg, vanderberg'],
    ['Dr. Anna-Lena Weiß-Öztürk', 'Weiss-Oeztuerk, anna lena, Öztürk, WEISS, aoeztuerk'],
    ['María José Gutiérrez', 'Maria Jose, maria josé gutierrez, Gutiérrez, mgutierrez'],
    ['Łukasz Żółć', 'Lukasz Zolc, lukasz, zolc'],
    ['Elif Yılmaz', 'ELIF YILMAZ, Yılmaz, yilmaz, elif.yilmaz'],
    ['Дмитрий Волков', 'Дмитрий Волков, волков, Дмитрий'],
    ['张丽华', '张丽华'],
    ['赵敏 (Min Zhao)', '赵敏, Min Zhao, zhao, mzhao'],
    ['田中 健一', '田中 健一, 田中健一, 田中'],
    ['김민수', '김민수'],
    ['jmueller', 'jmueller'],
  ])('%s goes in every way to write it', (person, ways) => {
    for (const way of ways.split(/, (?!Thomas,)/))
      expect(redact([person], `a ${way} b`)).toMatch(/^a \[PERSON_1\]('s|s)? b$/);
  });

  test('goes in a sentence without spaces', () => {
    expect(redact(['王伟', '欧阳娜娜'], '王伟和欧阳娜娜老师都收不到,王伟明也是')).toBe(
      '[PERSON_1]和[PERSON_2]老师都收不到,[PERSON_1]明也是',
    );
    expect(redact(['김민수'], '김민수님이 보고')).toBe('[PERSON_1]님이 보고');
  });

  test('goes when mentioned', () => {
    expect(redact(['Bernd Maier'], '[~bmaier] @bernd.maier user_bmaier')).toBe(
      '[~[PERSON_1]] @[PERSON_1] user_[PERSON_1]',
    );
  });

  test('is nobody else', () => {
    expect(redact(['Jana Müller', 'Ed Li'], 'Mülleramt, Janasch, li and ed, Lister, edlist')).toBe(
      'Mülleramt, Janasch, li and ed, Lister, edlist',
    );
  });
});

describe('somebody called like a word', () => {
  test.each([
    ['Will Barker', 'Will the proxy change? It will. WILL IT', 'Will the proxy change? It will. WILL IT'],
    [
      'Will Barker',
      'Hi Will, I asked Will. Will said so.\nWill',
      'Hi [PERSON_1], I asked [PERSON_1]. [PERSON_1] said so.\n[PERSON_1]',
    ],
    ['Mark Stone', 'please mark it; marked, benchmark', 'please mark it; marked, benchmark'],
    [
      'Mark Stone',
      'I told Mark. mark stone, mark.stone, mstone',
      'I told [PERSON_1]. mark stone, [PERSON_1], [PERSON_1]',
    ],
    ['Heike Sommer', 'Im Sommer, since summer. Frau Sommer hat', 'Im Sommer, since summer. Frau [PERSON_1] hat'],
    ['May Summers', 'in May 2026, may be. May told me', 'in May 2026, may be. [PERSON_1] told me'],
    ['Eva Lang', 'es dauert lang, Lang hat es, eva lang', 'es dauert lang, [PERSON_1] hat es, [PERSON_1]'],
    ['Max Frey', 'max. 5, Max: 5 users. Danke, Max', 'max. 5, Max: 5 users. Danke, [PERSON_1]'],
    ['Jan Novak', '12. Jan 2026, frag Jan, jan 3', '12. Jan 2026, frag [PERSON_1], jan 3'],
  ])('%s goes only where it is the person: %s', (person, text, expected) => {
    expect(redact([person], text)).toBe(expected);
  });
});

describe('what is no person', () => {
  test.each([
    'Outlook Admin',
    'SAP Support',
    'Service Desk',
    'Jenkins',
    'Monitoring',
    'Engel & Völkers',
    'Bauer IT',
    'Team Nord',
    '',
    '()',
    '12345',
  ])('is kept, though a field of people says %s', (person) => {
    const text = 'Outlook Admin, SAP, Support, Service Desk, Jenkins, Monitoring, Engel, Bauer, Nord, 12345';
    expect(redact([person], text)).toBe(text);
  });

  test('is a product, even when somebody is called so', () => {
    expect(redact(['Oracle Smith', 'Tim Teams', 'Sam Lack'], 'Teams, oracle, slack and Smith')).toBe(
      'Teams, oracle, slack and Smith',
    );
  });
});
