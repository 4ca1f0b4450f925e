import type { Bill } from '../../evaluation/ladder/hear-all.ts';
import { count } from '../../evaluation/report/html/words.ts';
import { moneyWords } from '../../evaluation/report/ladder/words.ts';

/** `412 requests, 812,345 tokens in, 30,112 out, 0.37 USD`. */
export function billWords({ requests, tokens, money }: Bill, currency: string): string {
  const spent = tokens.input + tokens.output === 0 ? 'nothing spent' : moneyWords(money, currency);
  const sent = `${count(requests)} ${requests === 1 ? 'request' : 'requests'}`;
  return `${sent}, ${count(tokens.input)} tokens in, ${count(tokens.output)} out, ${spent}`;
}
