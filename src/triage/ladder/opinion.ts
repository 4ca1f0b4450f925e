import type { EndpointName } from '../../domain/decision/question.ts';
import { modelSignals } from '../../learning/signals.ts';
import type { Answer, Choice } from '../../prompt/answer.ts';
import type { ShownTicket } from '../../prompt/question.ts';
import type { Proposal } from '../classify.ts';

/** A model's answer with what it was shown. */
export interface Opinion {
  readonly endpoint: EndpointName;
  readonly answer: Answer;
  readonly evidence: readonly ShownTicket[];
}

/**
 * What the model and the local classifier propose between them for one target: both when they disagree, and the judge
 * takes the likelier one. The model's own certainty is one signal among many, never a probability.
 */
export function withOpinion(target: string, local: Proposal, { endpoint, answer, evidence }: Opinion): Proposal {
  const choice = answer.choices.get(target);
  if (!choice) return local;
  const locals = local.proposed.map(({ value }) => value);
  const values = [...new Set([...choice.values, ...locals])];
  const cited = evidence.filter(({ ref }) => answer.cited.includes(ref));
  const { signalsFor } = local;
  const proposed = signalsFor
    ? values.map((value) => ({
        value,
        signals: modelSignals(signalsFor(value), {
          isModels: choice.values.includes(value),
          isLocals: locals.includes(value),
          saidNone: choice.values.length === 0,
          certainty: choice.certainty,
          logprob: choice.logprob,
          citedShare: shareCiting(value, target, cited),
        }),
      }))
    : [];
  return { ...local, rung: 'model', candidates: ranked(choice, local), proposed, model: { endpoint, choice, local } };
}

/** The model's choices first, then the local classifier's ranking. */
function ranked({ values }: Choice, { candidates }: Proposal): Proposal['candidates'] {
  const chosen = values.map((value) => ({
    value,
    confidence: candidates.find((candidate) => candidate.value === value)?.confidence ?? 0,
  }));
  return [...chosen, ...candidates.filter(({ value }) => !values.includes(value))];
}

function shareCiting(value: string, target: string, cited: readonly ShownTicket[]): number {
  if (cited.length === 0) return 0;
  const agreeing = cited.filter(({ values }) => Object.hasOwn(values, target) && values[target] === value);
  return agreeing.length / cited.length;
}
