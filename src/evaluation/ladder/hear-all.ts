import { setTimeout as wait } from 'node:timers/promises';
import type { Tokens } from '../../domain/decision/question.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { costOf } from '../../triage/ladder/ask.ts';
import type { Replayed } from '../replay.ts';
import { type Hearing, type HearPorts, hear, sumOf } from './hear.ts';

export interface HearAllPorts extends HearPorts {
  /** Tickets asked about at once. */
  readonly concurrency: number;
  /** How long an endpoint that failed is left alone before its tickets are asked about again. */
  readonly pauseMs: number;
  readonly onPhrased?: (done: number, of: number) => void;
  readonly onHeard?: (soFar: Bill & { readonly done: number; readonly of: number }) => void;
}

/** What asking cost now; what was known from before costs nothing. */
export interface Bill {
  readonly requests: number;
  readonly tokens: Tokens;
  /** In the currency of the playbook; 0 where the playbook names no price. */
  readonly money: number;
}

const ROUNDS = 3;

/**
 * Asks about every ticket, several at once; answers in the order given. Tickets that got no reply at all are asked about
 * again after a pause, as long as that helps: one bad minute of an endpoint must not spoil a long run. Each answer is kept
 * the moment it comes, so a run that was stopped goes on where it was.
 */
export async function hearAll(
  tickets: readonly Replayed[],
  playbook: Playbook,
  ports: HearAllPorts,
): Promise<readonly Hearing[]> {
  const tell = teller(tickets.length, playbook, ports);
  const ask = async (ticket: Replayed) => {
    const hearing = await hear(ticket, playbook, ports);
    tell(hearing);
    return hearing;
  };
  let hearings = await inParallel(tickets, ports.concurrency, ask);
  for (let round = 1; round < ROUNDS; round++) {
    const unheard = hearings.filter(isUnheard);
    if (unheard.length === 0 || unheard.length === hearings.length) break;
    await wait(ports.pauseMs);
    const again = await inParallel(unheard, ports.concurrency, async (before) =>
      withBoth(before, await ask(before.replayed)),
    );
    const news = new Map(again.map((hearing) => [hearing.replayed, hearing]));
    hearings = hearings.map((hearing) => news.get(hearing.replayed) ?? hearing);
    if (again.every(isUnheard)) break;
  }
  return hearings;
}

/** What asking about these tickets cost. */
export function billOf(hearings: readonly Hearing[], playbook: Playbook, { model }: HearPorts): Bill {
  const tokens = sumOf(hearings.map(({ paid }) => paid));
  const requests = hearings.reduce((sum, hearing) => sum + hearing.requests, 0);
  return { requests, tokens, money: costOf(tokens, playbook, model.endpoint).money };
}

/** Something was sent and nothing came back; what came back and could not be used would only be paid for again. */
function isUnheard({ asked, requests, paid }: Hearing): boolean {
  return asked !== null && asked.endpoint === null && requests > 0 && paid.input + paid.output === 0;
}

function withBoth(before: Hearing, after: Hearing): Hearing {
  return { ...after, requests: before.requests + after.requests };
}

function teller(of: number, playbook: Playbook, ports: HearAllPorts): (hearing: Hearing) => void {
  let done = 0;
  let bill: Bill = { requests: 0, tokens: { input: 0, output: 0 }, money: 0 };
  return (hearing) => {
    const more = billOf([hearing], playbook, ports);
    done = Math.min(done + 1, of);
    bill = {
      requests: bill.requests + more.requests,
      tokens: sumOf([bill.tokens, more.tokens]),
      money: bill.money + more.money,
    };
    ports.onHeard?.({ ...bill, done, of });
  };
}

/** Does something with every item, at most so many at once; answers in the order given. After a failure nothing new begins. */
export async function inParallel<Item, Answer>(
  items: readonly Item[],
  concurrency: number,
  act: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  // One generator for all: whoever fails closes it for the others.
  const queue = each(items);
  const work = async () => {
    for (const [place, item] of queue) answers[place] = await act(item);
  };
  await Promise.all(Array.from({ length: Math.max(concurrency, 1) }, work));
  return answers;
}

function* each<Item>(items: readonly Item[]): Generator<readonly [number, Item]> {
  yield* items.entries();
}
