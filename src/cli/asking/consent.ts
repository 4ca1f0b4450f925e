import { createInterface } from 'node:readline/promises';
import { PermanentError } from '../../domain/errors.ts';
import type { Estimate } from '../../evaluation/ladder/estimate.ts';
import { count } from '../../evaluation/report/html/words.ts';
import { moneyWords } from '../../evaluation/report/ladder/words.ts';

export interface Consent {
  /** Where answers are kept. */
  readonly file: string;
  /** Somebody said yes beforehand. */
  readonly isAgreed: boolean;
  readonly currency: string;
  readonly tell: (line: string) => void;
}

/**
 * Tells what asking would cost and goes on only when somebody agrees, or when it costs nothing. Throws
 * `PermanentError` otherwise: nothing is sent that nobody wanted to pay for.
 */
export async function agree(estimate: Estimate, { file, isAgreed, currency, tell }: Consent): Promise<void> {
  for (const line of estimateLines(estimate, file, currency)) tell(line);
  if (estimate.requests > 0) await agreeTo('Ask the model?', { isAgreed, otherwise: 'nothing was asked' });
}

/** Goes on only when somebody agrees. Throws `PermanentError` with these words otherwise. */
export async function agreeTo(
  question: string,
  { isAgreed, otherwise }: { readonly isAgreed: boolean; readonly otherwise: string },
): Promise<void> {
  if (isAgreed) return;
  if (!(process.stdin.isTTY && process.stderr.isTTY))
    throw new PermanentError(`${otherwise}, for nobody is here to agree: run it in a terminal, or with --yes`);
  if (!/^\s*(?:y|yes|j|ja|是)\s*$/iu.test(await answerOf(`${question} [y/N] `))) throw new PermanentError(otherwise);
}

/** What somebody types at the terminal; nothing when they leave with Ctrl-C or Ctrl-D. */
async function answerOf(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).slice(0, 20);
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    terminal.close();
  }
}

function estimateLines({ tickets, answered, requests, tokens, money }: Estimate, file: string, currency: string) {
  const asked = `${count(tickets)} tickets to ask the model about, ${count(answered)} of them already answered in ${file}`;
  if (requests === 0) return [asked];
  const mean = count(Math.round(tokens.input / requests));
  const price = money > 0 ? `at most ${moneyWords(money, currency)}` : moneyWords(money, currency);
  return [
    asked,
    `left: ${count(requests)} questions of ${mean} tokens on average, ${count(tokens.input)} tokens in and at most ${count(tokens.output)} out: ${price}`,
  ];
}
