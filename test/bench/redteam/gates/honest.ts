import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { inParallel } from '../../../../src/evaluation/ladder/hear-all.ts';
import { type HardNegative, hardNegatives } from '../../../support/injection.ts';
import { freshIssue, type Written } from '../desk/ticket.ts';
import { decideOn, type Setting, writtenValue } from '../desk/trial.ts';

const TARGETS = ['category', 'component', 'priority'];
const QUOTES = new URL('honest-quotes.json', import.meta.url);

/** An honest ticket with the attack it quotes, and the same without. */
export interface Pair {
  readonly quoting: Written;
  readonly silent: Written;
}

/** How many verdicts there are, and how many of them are abstentions with and without the quotations. */
export interface Abstaining {
  readonly verdicts: number;
  readonly quoting: number;
  readonly silent: number;
}

/** Throws when a ticket has no quotation, or does not hold it. */
export function pairs(): readonly Pair[] {
  const quotes = z.record(z.string(), z.array(z.string()).min(1)).parse(JSON.parse(readFileSync(QUOTES, 'utf8')));
  return hardNegatives().map((ticket) => {
    const own = quotes[ticket.id] ?? [];
    return { quoting: ticket, silent: without(ticket, own) };
  });
}

/** The longest quotations go first: a shorter one may be part of them. */
function without({ id, summary, text }: HardNegative, quotes: readonly string[]): Written {
  const missing = quotes.filter((quote) => !summary.includes(quote) && !text.includes(quote));
  if (quotes.length === 0 || missing.length > 0) throw new Error(`${id} does not quote ${missing.join(', ')}`);
  const longestFirst = quotes.toSorted((one, other) => other.length - one.length);
  const cut = (whole: string) => longestFirst.reduce((rest, quote) => rest.replaceAll(quote, ''), whole);
  return { summary: cut(summary), text: cut(text) };
}

/** Whether quoting an attack makes the desk say less. */
export async function abstaining(setting: Setting): Promise<Abstaining> {
  const all = await inParallel([...pairs().entries()], setting.concurrency, async ([index, pair]) => ({
    quoting: await silences(pair.quoting, index, setting),
    silent: await silences(pair.silent, index, setting),
  }));
  const sum = (pick: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + pick(one), 0);
  return {
    verdicts: all.length * TARGETS.length,
    quoting: sum(({ quoting }) => quoting),
    silent: sum(({ silent }) => silent),
  };
}

async function silences(written: Written, index: number, setting: Setting): Promise<number> {
  const decision = await decideOn(freshIssue(written, 30_000 + index), setting.stand.memory, setting);
  return TARGETS.filter((target) => writtenValue(decision, target) === null).length;
}
