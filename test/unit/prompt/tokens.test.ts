import { describe, expect, it } from 'vitest';
import { tokensIn, weigh } from '../../../src/prompt/tokens.ts';

describe('tokensIn', () => {
  it('counts nothing in nothing', () => {
    expect(tokensIn('')).toBe(0);
  });

  // Counted once with o200k_base: the estimate may be off by a fifth below and two fifths above.
  it.each([
    ['English', 'The printer on the third floor prints nothing since this morning, the queue says paused.', 17],
    ['German', 'Seit heute Morgen druckt der Drucker im dritten Stock nicht mehr, die Warteschlange steht.', 21],
    ['Chinese', '从今天早上开始，三楼的打印机无法打印，队列显示已暂停，请尽快处理。', 24],
    ['Chinese with product names', '登录SAP时报错，Outlook也无法同步，已重启Windows。', 16],
    ['a hash', '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 43],
  ])('is near the truth for %s', (_, text, truth) => {
    expect(tokensIn(text)).toBeGreaterThanOrEqual(truth * 0.8);
    expect(tokensIn(text)).toBeLessThanOrEqual(truth * 1.4);
  });

  it('weighs parts that together are never less than the whole', () => {
    const lines = ['Drucker geht nicht', '打印机故障', 'at a.b.C(D.java:7)', '---- 0x8007', ''];
    const parts = lines.reduce((sum, line) => sum + weigh(line) + 1.1, 0);
    expect(tokensIn(lines.join('\n'))).toBeLessThanOrEqual(Math.ceil(parts));
  });

  it('says more for a longer text, beyond the length it looks at too', () => {
    expect(tokensIn('word '.repeat(100_000))).toBeGreaterThan(tokensIn('word '.repeat(50_000)));
    expect(tokensIn(' '.repeat(100_000))).toBeGreaterThan(0);
  });

  it.each([
    ['equal letters', 'a'.repeat(200_000)],
    ['spaces', ' '.repeat(100_000)],
    ['lines of one letter', 'a\n'.repeat(100_000)],
    ['Chinese and Latin letters in turn', '错a'.repeat(100_000)],
    ['digits and letters in turn', 'a1'.repeat(100_000)],
    ['emoji', '😀'.repeat(100_000)],
  ])('takes bounded time for %s', (_, text) => {
    tokensIn(text);
    const begin = process.threadCpuUsage();
    tokensIn(text);
    expect(process.threadCpuUsage(begin).user).toBeLessThan(100_000);
  });
});
