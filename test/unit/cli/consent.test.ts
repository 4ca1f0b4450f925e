import { describe, expect, test } from 'vitest';
import { agree } from '../../../src/cli/asking/consent.ts';
import { billWords } from '../../../src/cli/asking/money.ts';
import type { Estimate } from '../../../src/evaluation/ladder/estimate.ts';

const estimateWith = (parts: Partial<Estimate> = {}): Estimate => ({
  tickets: 380,
  answered: 20,
  requests: 360,
  tokens: { input: 688_320, output: 108_000 },
  money: 0.4481,
  ...parts,
});

/** What was told, with whether asking may begin. No terminal is there in tests. */
async function told(estimate: Estimate, isAgreed = false) {
  const lines: string[] = [];
  const consent = { file: 'book.jsonl', isAgreed, currency: 'EUR', tell: (line: string) => lines.push(line) };
  const outcome = await agree(estimate, consent).then(
    () => 'agreed',
    (error) => error.message,
  );
  return { lines, outcome };
}

describe('agreeing to what asking costs', () => {
  test('needs somebody, and tells the price either way', async () => {
    const { lines, outcome } = await told(estimateWith());
    expect(outcome).toContain('run it in a terminal, or with --yes');
    expect(lines).toEqual([
      '380 tickets to ask the model about, 20 of them already answered in book.jsonl',
      'left: 360 questions of 1,912 tokens on average, 688,320 tokens in and at most 108,000 out: at most 0.45 EUR',
    ]);
    expect(await told(estimateWith(), true)).toEqual({ lines, outcome: 'agreed' });
  });

  test('needs nobody when everything is answered already', async () => {
    const { lines, outcome } = await told(estimateWith({ answered: 380, requests: 0 }));
    expect(outcome).toBe('agreed');
    expect(lines).toEqual(['380 tickets to ask the model about, 380 of them already answered in book.jsonl']);
  });

  test('says so when nobody has told the price', async () => {
    expect((await told(estimateWith({ money: 0 }))).lines[1]).toMatch(/out: price unknown$/);
    const tokens = { input: 1_000, output: 10 };
    expect(billWords({ requests: 1, tokens, money: 0 }, 'USD')).toBe(
      '1 request, 1,000 tokens in, 10 out, price unknown',
    );
    expect(billWords({ requests: 2, tokens, money: 12.5 }, 'USD')).toContain(
      '2 requests, 1,000 tokens in, 10 out, 12.50 USD',
    );
    expect(billWords({ requests: 2, tokens: { input: 0, output: 0 }, money: 0 }, 'USD')).toContain('nothing spent');
  });
});
