import type { Asked } from '../../domain/decision/decision.ts';
import type { Tokens } from '../../domain/decision/question.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { AnswerBook, Clock, Embedder, Model } from '../../domain/ports/model.ts';
import type { PiiFinder } from '../../privacy/finder.ts';
import { type Consulted, consult, type Proposals } from '../../triage/ladder/consult.ts';
import type { Replayed } from '../replay.ts';

/** The one model that is asked about past tickets, and where its answers are kept. */
export interface HearPorts {
  readonly model: Model;
  readonly answers: AnswerBook;
  readonly clock: Clock;
  readonly finder: PiiFinder | null;
  /** For prompts that look for past tickets once more; null: they do not. */
  readonly embedder: Embedder | null;
}

/** What came of asking a model about a past ticket. */
export interface Hearing {
  readonly replayed: Replayed;
  /** With what the model says; the local ones where it gave no answer. */
  readonly proposals: Proposals;
  /** Null: there was nothing to ask, or it must not leave this house. */
  readonly asked: Asked | null;
  /** Why there is no answer; null when there is one, or nothing was to be asked. */
  readonly why: string | null;
  /** Of all replies, those known from before included: what this ticket costs whoever asks for the first time. */
  readonly tokens: Tokens;
  /** Questions that were sent now, and what their replies cost. */
  readonly requests: number;
  readonly paid: Tokens;
}

/** Asks as the service would have when the ticket was new, but for its budgets. What was answered before is free. */
export async function hear(replayed: Replayed, playbook: Playbook, ports: HearPorts): Promise<Hearing> {
  const { issue, evidence, proposals, from } = replayed;
  const meter = openMeter(ports);
  const consulted = await consult({ issue, evidence, proposals }, unlimited(playbook), {
    ...ports,
    memory: from.memory,
    endpoints: [meter.model],
    answers: meter.answers,
  });
  const { asked } = consulted;
  return { replayed, proposals: consulted.proposals, asked, why: whyNot(consulted), ...meter.read() };
}

/** Measuring is paid for once and on purpose; the budgets are for what comes in. */
function unlimited(playbook: Playbook): Playbook {
  if (!playbook.model) return playbook;
  return { ...playbook, model: { ...playbook.model, budget: { perDay: {}, perProject: {} } } };
}

function whyNot({ asked, degradedBecause }: Consulted): string | null {
  if (asked?.endpoint) return null;
  return asked?.troubles.at(-1)?.why ?? degradedBecause;
}

/** Counts the replies to one ticket's questions on their way. */
function openMeter({ model, answers }: HearPorts) {
  let [tokens, paid, requests]: [Tokens, Tokens, number] = [NOTHING, NOTHING, 0];
  return {
    answers: {
      ...answers,
      claim: async (claim) => {
        const claimed = await answers.claim(claim);
        if (typeof claimed === 'object') tokens = sumOf([tokens, claimed.tokens]);
        return claimed;
      },
    } satisfies AnswerBook,
    model: {
      ...model,
      complete: async (question) => {
        requests++;
        const reply = await model.complete(question);
        tokens = sumOf([tokens, reply.tokens]);
        paid = sumOf([paid, reply.tokens]);
        return reply;
      },
    } satisfies Model,
    read: () => ({ tokens, paid, requests }),
  };
}

const NOTHING: Tokens = { input: 0, output: 0 };

/** Tokens in all of these together. */
export function sumOf(tokens: readonly Tokens[]): Tokens {
  return tokens.reduce(
    (sum, { input, output }) => ({ input: sum.input + input, output: sum.output + output }),
    NOTHING,
  );
}
