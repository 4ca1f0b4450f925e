import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countFeatures,
  FEATURE_SPACE,
  rarityOf,
  type Sample,
  weigh,
} from '../../../../src/learning/linear/features.ts';

const sample = (title: string, body = '', context: Sample['context'] = {}): Sample => ({ title, body, context });

const idsOf = (title: string, body = '', context: Sample['context'] = {}) =>
  [...countFeatures(sample(title, body, context)).ids].toSorted((one, other) => one - other);

/** Words and pairs of words of the whole text. */
function wordsOf(title: string, body = ''): Set<number> {
  const { ids, ends } = countFeatures(sample(title, body));
  return new Set(ids.subarray(0, ends[0]));
}

/** Runs of characters of the whole text. */
function gramsOf(title: string): Set<number> {
  const { ids, ends } = countFeatures(sample(title));
  return new Set(ids.subarray(ends[0], ends[1]));
}

/** A history in which every feature of these tickets occurs, once each. */
function historyOf(...samples: readonly Sample[]) {
  const frequency = new Uint32Array(FEATURE_SPACE);
  for (const one of samples) for (const id of countFeatures(one).ids) frequency[id] = (frequency[id] ?? 0) + 1;
  return rarityOf(frequency, samples.length);
}

describe('the features of a ticket', () => {
  test('are words, and pairs of words with the start and the end', () => {
    expect(wordsOf('printer jam').size).toBe(2 + 3);
    expect(wordsOf('jam printer').intersection(wordsOf('printer jam')).size).toBe(2);
  });

  test('are found again inside longer and compound words', () => {
    const shared = gramsOf('Passwort').intersection(gramsOf('Passwortänderung'));
    expect(shared.size).toBeGreaterThan(20);
    expect(gramsOf('Passwort').intersection(gramsOf('Bildschirm')).size).toBeLessThan(5);
  });

  test('of Chinese, Japanese and Korean are characters and pairs of them', () => {
    expect(wordsOf('打印机').size).toBe(3 + 4);
    expect(wordsOf('无法连接打印机').intersection(wordsOf('打印机卡纸')).size).toBe(3 + 2);
    expect(wordsOf('プリンターが壊れた').intersection(wordsOf('プリンター')).size).toBeGreaterThan(7);
    expect(wordsOf('비밀번호를 잊어버렸습니다').intersection(wordsOf('비밀번호')).size).toBeGreaterThan(6);
    expect(wordsOf('打印机').intersection(wordsOf('会议室')).size).toBe(0);
  });

  test.each([
    ['upper and lower case, umlauts too', 'PASSWORTÄNDERUNG FÜR JÜRGEN', 'passwortänderung für jürgen'],
    ['the way an umlaut is composed', 'Passworta\u0308nderung', 'Passwortänderung'],
    ['full-width letters', 'ＶＰＮ', 'vpn'],
    ['zero-width characters', 'pass\u200bword\u2060 re\ufeffset', 'password reset'],
    ['emoji', '🖨️ printer 🎉 jam 👩‍💻', 'printer jam'],
    ['punctuation and line ends', 'printer:\r\n-- "jam"!', 'printer jam'],
    ['NUL and half an emoji', 'printer\u0000 \ud83djam', 'printer jam'],
  ])('do not depend on %s', (_what, one, other) => {
    expect(idsOf(one)).toEqual(idsOf(other));
  });

  test.each([[''], [' \n\t'], ['🖨️'], ['?!…'], ['\u200b']])('of %j are none', (text) => {
    expect(idsOf(text, text)).toEqual([]);
    const vector = weigh(countFeatures(sample(text, text)), historyOf(sample('printer')));
    expect([vector.ids.length, vector.values.length, vector.known]).toEqual([0, 0, 0]);
  });

  test('of the title count again where there is a body', () => {
    const { ends } = countFeatures(sample('printer jam', 'since monday'));
    expect((ends[2] ?? 0) - (ends[1] ?? 0)).toBe(2 + 3);
    const alone = countFeatures(sample('printer jam'));
    expect(alone.ends[3]).toBe(alone.ends[1]);
  });

  test('beyond text are told apart by name and by value', () => {
    const bodies = [{ reporter: 'kim' }, { reporter: 'clara' }, { issueType: 'kim' }, {}];
    expect(new Set(bodies.map((context) => idsOf('printer', '', context).join())).size).toBe(4);
    expect(idsOf('', '', { reporter: 'kim', constructor: '__proto__' })).toHaveLength(2);
  });

  test('after the first few hundred words count nothing', () => {
    const long = Array.from({ length: 400 }, (_, index) => `word${index}`).join(' ');
    expect(idsOf(long)).toEqual(idsOf(`${long} and more`));
  });

  test('are below the bound of all memory, whatever the text', () => {
    const pieces = ['printer', ' jam ', 'ß', '打印机', '비밀', '🖨️', '\u200b', '\ud83d', '\n', '_', '7'];
    const text = fc.string({ unit: fc.constantFrom(...pieces), maxLength: 40 });
    fc.assert(
      fc.property(text, text, fc.dictionary(text, text), (title, body, context) => {
        const { ids, counts, ends } = countFeatures(sample(title, body, context));
        expect([counts.length, ends.at(-1), ends.length]).toEqual([ids.length, ids.length, 5]);
        expect(ends).toEqual(ends.toSorted((one, other) => one - other));
        for (const id of ids) expect(id).toBeLessThan(FEATURE_SPACE);
        for (const count of counts) expect(count).toBeGreaterThan(0);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  const MEGABYTES = 2 * 1024 * 1024;
  test.each([
    ['words', 'lorem ipsum '.repeat(MEGABYTES / 12)],
    ['one endless word', 'x'.repeat(MEGABYTES)],
    ['Chinese without a space', '打印机卡纸'.repeat(MEGABYTES / 5)],
    ['combining marks', 'a\u0301'.repeat(MEGABYTES / 2)],
    ['emoji', '👩‍💻'.repeat(MEGABYTES / 5)],
  ])('of two megabytes of %s are counted in no time', (_what, text) => {
    const startedAt = performance.now();
    const { ids } = countFeatures(sample(text, text));
    expect(performance.now() - startedAt).toBeLessThan(200);
    expect(ids.length).toBeLessThan(50_000);
  });
});

describe('weighing features', () => {
  const printer = sample('printer jam', 'on the second floor', { reporter: 'kim' });
  const lengthOf = (values: Float32Array) => Math.hypot(...values);

  test('gives every block its own length, however long the text', () => {
    const long = sample('printer jam', 'on the second floor '.repeat(30), { reporter: 'kim' });
    const rarity = historyOf(printer, long);
    for (const one of [printer, long]) {
      const counted = countFeatures(one);
      const { values } = weigh(counted, rarity);
      const blocks = counted.ends.map((end, index) => values.subarray(counted.ends[index - 1] ?? 0, end));
      expect(blocks.map(lengthOf)).toEqual([1, 1, 0.5, 0.5, 0.7].map((length) => expect.closeTo(length, 5)));
    }
  });

  test('a rarer word weighs more, a repeated one a little more', () => {
    const history = [sample('printer jam'), sample('printer smells'), sample('printer hums')];
    const rarity = historyOf(...history);
    const weightOf = (text: string, word: string) => {
      const [wanted = -1] = wordsOf(word).intersection(wordsOf(text));
      const { ids, values } = weigh(countFeatures(sample(text)), rarity);
      return values[ids.indexOf(wanted)] ?? Number.NaN;
    };
    expect(weightOf('printer jam', 'jam')).toBeGreaterThan(weightOf('printer jam', 'printer'));
    expect(weightOf('jam jam jam hums', 'jam')).toBeGreaterThan(weightOf('jam hums', 'jam'));
  });

  test('leaves out what the history never had, and says how much it knew', () => {
    const rarity = historyOf(sample('printer jam'));
    const half = weigh(countFeatures(sample('printer xylophone')), rarity);
    const all = weigh(countFeatures(sample('printer jam')), rarity);
    const nothing = weigh(countFeatures(sample('q')), rarity);
    expect(all.known).toBe(1);
    expect(half.known).toBeGreaterThan(0.2);
    expect(half.known).toBeLessThan(0.6);
    expect([nothing.known, nothing.ids.length]).toEqual([0, 0]);
    expect(all.ids.length).toBe(countFeatures(sample('printer jam')).ids.length);
  });

  test('never gives a weight that is no number', () => {
    const rarity = historyOf(printer, sample('', '', { reporter: 'clara' }));
    const texts = fc.constantFrom('', 'printer', 'jam floor', 'xylophone', '🖨️');
    fc.assert(
      fc.property(texts, texts, fc.constantFrom('kim', 'clara', 'nobody'), (title, body, reporter) => {
        const { ids, values, known } = weigh(countFeatures(sample(title, body, { reporter })), rarity);
        expect(values.length).toBe(ids.length);
        expect(values.every((value) => Number.isFinite(value) && value > 0)).toBe(true);
        expect(known).toBeGreaterThanOrEqual(0);
        expect(known).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a feature in every ticket still counts, one in none does not', () => {
    const frequency = new Uint32Array(FEATURE_SPACE);
    frequency[1] = 1_000_000;
    frequency[2] = 1;
    const rarity = rarityOf(frequency, 1_000_000);
    expect([rarity[0], rarity[1]]).toEqual([0, 1]);
    expect(rarity[2]).toBeGreaterThan(200);
  });
});
