import type { Evidence } from '../../domain/decision/decision.ts';
import type { AnswerField } from '../../domain/decision/question.ts';
import { TransientError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Prompt } from '../../domain/playbook/prompt.ts';
import type { Recall } from '../../domain/ports/memory.ts';
import type { Embedder } from '../../domain/ports/model.ts';
import { readList, readText } from '../../prompt/answer.ts';
import { type Manner, type Material, questionOf } from '../../prompt/question.ts';
import { evidenceFor } from '../retrieval/retrieve.ts';
import { type AskPorts, ask, type Bill, NO_BILL, together } from './ask.ts';
import { type Matter, showable } from './material.ts';

export interface StrategyPorts extends AskPorts {
  readonly memory: Recall;
  readonly embedder: Embedder | null;
}

export interface Chosen {
  readonly evidence: readonly Evidence[];
  readonly bill: Bill;
}

interface Setting {
  readonly playbook: Playbook;
  readonly ports: StrategyPorts;
  readonly manner: Manner;
}

const MAX_IMAGINED = 1_200;

/**
 * Which past tickets the model is shown, as the playbook asks: found once more by what the model would expect to find
 * (HyDE, Gao et al. 2023), then put in order by the model. Both are help for the model alone; the local classifier and the
 * neighbours' votes never depend on them. What fails is left out.
 */
export async function choose(matter: Matter, { playbook, ports, manner }: Setting): Promise<Chosen> {
  const { hyde, rerank } = playbook.prompts;
  const found = hyde ? await imagined(matter, hyde, { playbook, ports, manner }) : { ...matter, bill: NO_BILL };
  if (!rerank || found.evidence.length < 2) return found;
  const ordered = await reranked({ ...matter, evidence: found.evidence }, rerank, { playbook, ports, manner });
  return { evidence: ordered.evidence, bill: together(found.bill, ordered.bill) };
}

/** Looks once more, for the ticket that the model makes up; what is found so comes after what was found before. */
async function imagined(matter: Matter, prompt: Prompt, { playbook, ports, manner }: Setting): Promise<Chosen> {
  const { issue } = matter;
  const { embedder } = ports;
  if (!embedder) return { ...matter, bill: NO_BILL };
  const answer: AnswerField[] = [{ name: 'ticket', kind: 'text', maxLength: MAX_IMAGINED }];
  const question = questionOf(materialOf(matter), prompt, { ...manner, answer });
  const read = (reply: Parameters<typeof readText>[0]) => readText(reply, 'ticket');
  const { heard, bill } = await ask({ question, project: issue.project, read }, playbook, ports);
  const embedding = heard ? await embedded(heard.content, embedder) : null;
  if (!heard || !embedding) return { ...matter, bill };
  const more = showable(await evidenceFor({ issue, text: heard.content, embedding }, playbook, ports), playbook);
  const known = new Set(matter.evidence.map(({ id }) => id));
  return {
    evidence: interleaved(
      matter.evidence,
      more.filter(({ id }) => !known.has(id)),
    ),
    bill,
  };
}

/** By turns, so that both ways of looking are represented however few are shown. */
function interleaved(one: readonly Evidence[], other: readonly Evidence[]): Evidence[] {
  const turns = Array.from({ length: Math.max(one.length, other.length) }, (_, place) => [one[place], other[place]]);
  return turns.flat().flatMap((item) => item ?? []);
}

async function embedded(text: string, embedder: Embedder) {
  try {
    return (await embedder.embed([text]))[0] ?? null;
  } catch (error) {
    if (error instanceof TransientError) return null;
    throw error;
  }
}

/** The found tickets in the model's order; those it does not name follow. */
async function reranked(matter: Matter, prompt: Prompt, { playbook, ports, manner }: Setting): Promise<Chosen> {
  const material = materialOf(matter);
  const refs = material.evidence.map(({ ref }) => ref);
  const answer: AnswerField[] = [{ name: 'order', kind: 'choices', values: refs }];
  const question = questionOf(material, prompt, { ...manner, answer });
  const read = (reply: Parameters<typeof readList>[0]) => readList(reply, 'order', refs);
  const { heard, bill } = await ask({ question, project: matter.issue.project, read }, playbook, ports);
  const first = (heard?.content ?? []).flatMap((ref) => matter.evidence[refs.indexOf(ref)] ?? []);
  return { evidence: [...first, ...matter.evidence.filter((item) => !first.includes(item))], bill };
}

function materialOf({ issue, evidence, offers }: Matter): Material {
  const shown = evidence.map(({ key, summary }, index) => ({
    ref: `E${index + 1}`,
    key,
    summary,
    text: '',
    values: {},
  }));
  return { issue, facts: {}, offers, evidence: shown, examples: [] };
}
