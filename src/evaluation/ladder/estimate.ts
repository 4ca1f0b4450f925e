import type { Question, Tokens } from '../../domain/decision/question.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { AnswerBook } from '../../domain/ports/model.ts';
import { tokensIn } from '../../prompt/tokens.ts';
import { costOf } from '../../triage/ladder/ask.ts';
import type { Replayed } from '../replay.ts';
import { type HearPorts, hear } from './hear.ts';
import { type HearAllPorts, inParallel } from './hear-all.ts';

/** What asking about tickets would cost, before anything is sent. */
export interface Estimate {
  /** Those with something to ask. */
  readonly tickets: number;
  /** Tickets whose questions are all answered already. */
  readonly answered: number;
  /** Questions that are not. */
  readonly requests: number;
  /** Of these questions, and of answers as long as the prompt allows. */
  readonly tokens: Tokens;
  /** At most, in the currency of the playbook; 0 where the playbook names no price. */
  readonly money: number;
}

/** Phrases every question, looks up which are answered, and sends none. */
export async function estimate(
  tickets: readonly Replayed[],
  playbook: Playbook,
  ports: HearAllPorts,
): Promise<Estimate> {
  const unasked: Question[] = [];
  const silent = silently(ports, (question) => unasked.push(question));
  let done = 0;
  const hearings = await inParallel(tickets, ports.concurrency, async (ticket) => {
    const hearing = await hear(ticket, playbook, silent);
    ports.onPhrased?.(++done, tickets.length);
    return hearing;
  });
  const tokens = {
    input: unasked.reduce((sum, { system, user }) => sum + tokensIn(system) + tokensIn(user), 0),
    output: unasked.reduce((sum, { generation }) => sum + generation.maxTokens, 0),
  };
  const asking = hearings.filter(({ asked }) => asked !== null);
  return {
    tickets: asking.length,
    answered: asking.filter(({ requests }) => requests === 0).length,
    requests: unasked.length,
    tokens,
    money: costOf(tokens, playbook, ports.model.endpoint).money,
  };
}

/** The same ports with nobody behind them: what is not in the book is noted and not asked. */
function silently(ports: HearPorts, note: (question: Question) => void): HearPorts {
  const { entry, spent } = ports.answers;
  const answers: AnswerBook = {
    claim: async ({ key }) => (await entry(key))?.reply ?? 'reserved',
    settle: async () => {},
    entry,
    spent,
  };
  const complete = async (question: Question) => {
    note(question);
    throw new TransientError('this was only an estimate');
  };
  return { ...ports, answers, model: { ...ports.model, complete } };
}
