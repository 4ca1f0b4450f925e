import { createHash } from 'node:crypto';
import type { BookedReply, Cost, EndpointName, Question, Reply, Tokens } from '../../domain/decision/question.ts';
import { safeMessageOf, TransientError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { AnswerBook, BudgetLimits, Clock, Model } from '../../domain/ports/model.ts';
import { fieldLogprobs } from '../../prompt/answer.ts';
import { tokensIn } from '../../prompt/tokens.ts';

export interface AskPorts {
  /** In the order they are tried. */
  readonly endpoints: readonly Model[];
  readonly answers: AnswerBook;
  readonly clock: Clock;
}

/** A reply that could be used, and how it was come by. */
export interface Heard<Content> {
  readonly content: Content;
  readonly endpoint: EndpointName;
  /** As the endpoint reports it. */
  readonly model: string;
  readonly key: string;
  readonly isCached: boolean;
}

/** What asking cost, whether or not it led to anything. */
export interface Bill {
  readonly tokens: Tokens;
  readonly money: number;
  readonly troubles: readonly { readonly endpoint: EndpointName; readonly why: string }[];
}

export const NO_BILL: Bill = { tokens: { input: 0, output: 0 }, money: 0, troubles: [] };

export interface Asking<Content> {
  readonly question: Question;
  readonly project: string;
  /** Null: the reply cannot be used, so the next endpoint is asked. */
  readonly read: (reply: BookedReply) => Content | null;
}

/**
 * Asks one endpoint after the other until one gives an answer that can be used. What was answered before is free; what
 * a day's budget no longer holds is not asked. Throws `TransientError` only when the book cannot be reached.
 */
export async function ask<Content>(
  asking: Asking<Content>,
  playbook: Playbook,
  ports: AskPorts,
): Promise<{ readonly heard: Heard<Content> | null; readonly bill: Bill }> {
  let bill = NO_BILL;
  for (const model of ports.endpoints) {
    const { reply, key, isCached, cost, why } = await replyOf(asking, model, { playbook, ports });
    bill = added(bill, reply && !isCached ? reply.tokens : null, cost);
    const content = reply && asking.read(reply);
    if (reply && content !== null) {
      return { heard: { content, endpoint: model.endpoint, model: reply.model, key, isCached }, bill };
    }
    const trouble = { endpoint: model.endpoint, why: why ?? unusable(reply?.end ?? 'empty') };
    bill = { ...bill, troubles: [...bill.troubles, trouble] };
  }
  return { heard: null, bill };
}

function added(bill: Bill, tokens: Tokens | null, money: number): Bill {
  if (!tokens) return { ...bill, money: bill.money + money };
  const { input, output } = bill.tokens;
  return {
    ...bill,
    tokens: { input: input + tokens.input, output: output + tokens.output },
    money: bill.money + money,
  };
}

/** The two bills as one. */
export function together(one: Bill, other: Bill): Bill {
  const summed = added(one, other.tokens, other.money);
  return { ...summed, troubles: [...one.troubles, ...other.troubles] };
}

interface Way {
  readonly playbook: Playbook;
  readonly ports: AskPorts;
}

interface Replied {
  readonly reply: BookedReply | null;
  readonly key: string;
  readonly isCached: boolean;
  readonly cost: number;
  /** Why there is no reply. */
  readonly why: string | null;
}

/** The most it can cost is taken from the budgets before asking, and what was not used is given back. */
async function replyOf<Content>(asking: Asking<Content>, model: Model, { playbook, ports }: Way): Promise<Replied> {
  const { question, project } = asking;
  const key = keyOf(question, model);
  const now = ports.clock.now();
  const day = { day: now.toISOString().slice(0, 10), project };
  const most = costOf(atMost(question), playbook, model.endpoint);
  const claimed = await ports.answers.claim({ key, day, cost: most, limits: limitsOf(playbook) });
  if (claimed === 'spent') return { reply: null, key, isCached: false, cost: 0, why: 'the budget for today is spent' };
  if (claimed !== 'reserved') return { reply: claimed, key, isCached: true, cost: 0, why: null };
  const { reply, real, why } = await complete(question, model, playbook);
  // Only answers are worth keeping: a refusal or a cut may turn out better the next time.
  const isKept = reply?.end === 'whole';
  const entry = isKept ? { key, endpoint: model.endpoint, question, reply, at: now.toISOString() } : null;
  await ports.answers.settle(day, { tokens: real.tokens - most.tokens, money: real.money - most.money }, entry);
  return { reply, key, isCached: false, cost: real.money, why };
}

interface Completed {
  readonly reply: BookedReply | null;
  readonly real: Cost;
  readonly why: string | null;
}

/** An outage is a value here; a bug still throws, and then the reserved amount stays spent. */
async function complete(question: Question, model: Model, playbook: Playbook): Promise<Completed> {
  try {
    const whole = await model.complete(question);
    const { end, text, model: snapshot } = whole;
    const tokens = usedBy(whole, question);
    const reply = { end, text, model: snapshot, tokens, fieldLogprobs: fieldLogprobs(whole, question.answer) };
    return { reply, real: costOf(tokens, playbook, model.endpoint), why: null };
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return { reply: null, real: { tokens: 0, money: 0 }, why: safeMessageOf(error) };
  }
}

/** Some servers tell no usage. An answer of theirs is counted by us, or no budget would ever be spent. */
function usedBy({ end, text, tokens }: Reply, question: Question): Tokens {
  const isTold = tokens.input > 0 || tokens.output > 0;
  // What was turned away costs nothing.
  if (isTold || end === 'too-long' || end === 'filtered') return tokens;
  return { input: atMost(question).input, output: tokensIn(text) };
}

/** A question and the longest answer it allows. What is asked in one go has one length for every endpoint. */
function atMost(question: Question): Tokens {
  return { input: tokensIn(question.system) + tokensIn(question.user), output: question.generation.maxTokens };
}

/** Equal requests to equal models have equal keys. */
function keyOf(question: Question, model: Model): string {
  return createHash('sha256')
    .update(JSON.stringify([model.endpoint, model.model, question]))
    .digest('hex')
    .slice(0, 32);
}

/** What so many tokens cost at an endpoint, by the playbook's prices. */
export function costOf({ input, output }: Tokens, { model }: Playbook, endpoint: EndpointName): Cost {
  const price = model?.endpoints[endpoint].price ?? { input: 0, output: 0 };
  return { tokens: input + output, money: (input * price.input + output * price.output) / 1_000_000 };
}

function limitsOf({ model }: Playbook): BudgetLimits {
  const most = ({ tokens, money }: { tokens?: number | undefined; money?: number | undefined } = {}) => ({
    tokens: tokens ?? Number.POSITIVE_INFINITY,
    money: money ?? Number.POSITIVE_INFINITY,
  });
  return { perDay: most(model?.budget.perDay), perProject: most(model?.budget.perProject) };
}

function unusable(end: BookedReply['end']): string {
  switch (end) {
    case 'whole':
      return 'the answer was not one of those offered';
    case 'cut':
      return 'the answer was cut off: more max_tokens may be needed';
    case 'refused':
      return 'the model refused to answer';
    case 'filtered':
      return 'the endpoint filtered the answer';
    case 'too-long':
      return 'the question was too long for the model';
    case 'empty':
      return 'the answer was empty';
    default:
      return end satisfies never;
  }
}
