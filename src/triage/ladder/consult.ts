import type { Asked, Evidence, Verdict } from '../../domain/decision/decision.ts';
import type { Question } from '../../domain/decision/question.ts';
import { safeMessageOf, TransientError } from '../../domain/errors.ts';
import { isHumanSet } from '../../domain/playbook/owner.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Prompt } from '../../domain/playbook/prompt.ts';
import type { Target } from '../../domain/playbook/target.ts';
import type { Issue } from '../../domain/ticket/issue.ts';
import { enrich } from '../../enrich/enrich.ts';
import type { PiiFinder } from '../../privacy/finder.ts';
import { veil } from '../../privacy/veil.ts';
import { type Answer, readAnswer } from '../../prompt/answer.ts';
import { type Offer, questionOf, type ShownTicket } from '../../prompt/question.ts';
import type { Proposal } from '../classify.ts';
import { judge } from '../judge.ts';
import { ask, type Bill, type Heard, NO_BILL, together } from './ask.ts';
import { gather, type Matter, showable } from './material.ts';
import { offerOf, protectedValues } from './offers.ts';
import { withOpinion } from './opinion.ts';
import { choose, type StrategyPorts } from './strategy.ts';

export interface ConsultPorts extends StrategyPorts {
  /** Finds personal data that patterns do not; null: patterns alone. */
  readonly finder: PiiFinder | null;
}

export type Proposals = ReadonlyMap<string, Proposal>;

/** What rules and the local classifier have come to. */
export interface Draft {
  readonly issue: Issue;
  readonly evidence: readonly Evidence[];
  readonly proposals: Proposals;
}

export interface Consulted {
  readonly proposals: Proposals;
  /** Null: there was nothing to ask, or nobody. */
  readonly asked: Asked | null;
  /** Why a lower rung had to answer; null when none had. */
  readonly degradedBecause: string | null;
}

/**
 * The middle of the ladder: where rules and the local classifier leave a target open, one question about all open
 * targets goes to the first endpoint, then to the second. Whatever goes wrong there, the local proposals are what is
 * left, and the decision says why.
 */
export async function consult(draft: Draft, playbook: Playbook, ports: ConsultPorts): Promise<Consulted> {
  const silent = { proposals: draft.proposals, asked: null, degradedBecause: null };
  const prompt = playbook.prompts.triage;
  if (!prompt || !playbook.model || ports.endpoints.length === 0) return silent;
  const { issue } = draft;
  const evidence = showable(draft.evidence, playbook);
  const offers = openOffers({ ...draft, evidence }, playbook);
  if (offers.length === 0) return silent;
  if (issue.securityLevel !== null && !playbook.privacy.sendRestricted)
    return { ...silent, degradedBecause: 'tickets with a security level are not shown to a model' };
  try {
    return await inquire({ issue, evidence, offers }, draft.proposals, { playbook, prompt, ports });
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return { ...silent, degradedBecause: safeMessageOf(error) };
  }
}

/** The targets that are still open, with what may be answered. */
export function openOffers({ issue, evidence, proposals }: Draft, playbook: Playbook): Offer[] {
  const verdicts = judge(proposals, issue, playbook);
  return playbook.targets.flatMap((target) => {
    const proposal = proposals.get(target.name);
    const verdict = verdicts.get(target.name);
    // People are never a model's choice: who takes a ticket follows from the team.
    if (!proposal || !verdict || proposal.rung === 'rule' || target.kind === 'assignee') return [];
    if (isHumanSet(target, issue) || !isLeftOpen(target, verdict, playbook)) return [];
    const [first] = proposal.candidates;
    if (first && protectedValues(target, issue, playbook).has(first.value)) return [];
    return offerOf(target, proposal, { issue, playbook, evidence }) ?? [];
  });
}

/** Whether the local verdict is not sure enough to do without a model. Only what was measured is a probability. */
export function isLeftOpen({ name }: Target, verdict: Verdict, { model, calibrations }: Playbook): boolean {
  const isSure = verdict.kind === 'value' && verdict.confidence > (model?.skipModelAbove ?? 1);
  return !(isSure && calibrations.has(name));
}

interface Means {
  readonly playbook: Playbook;
  readonly prompt: Prompt;
  readonly ports: ConsultPorts;
}

async function inquire(matter: Matter, proposals: Proposals, means: Means): Promise<Consulted> {
  const { playbook, prompt, ports } = means;
  const startedAt = performance.now();
  const { question, tickets, bill: before } = await phrase(matter, means);
  const names = matter.offers.map(({ target }) => target.name);
  const read = (reply: Parameters<typeof readAnswer>[0]) => readAnswer(reply, question.answer, names);
  const { heard, bill } = await ask({ question, project: matter.issue.project, read }, playbook, ports);
  const troubles = bill.troubles.map(({ endpoint, why }) => `${endpoint}: ${why}`).join('; ');
  return {
    proposals: heard ? withOpinions(proposals, heard, tickets) : proposals,
    asked: stamp(heard, { bill: together(before, bill), prompt, tickets, ms: performance.now() - startedAt }),
    degradedBecause: troubles || null,
  };
}

/** The question as it leaves: with the past tickets the playbook's strategy chooses, and everything private veiled. */
export async function phrase(
  { issue, evidence, offers }: Matter,
  { playbook, prompt, ports }: Means,
): Promise<{ readonly question: Question; readonly tickets: readonly ShownTicket[]; readonly bill: Bill }> {
  const room = {
    maxTicketTokens: playbook.model?.maxTicketTokens ?? 0,
    maxEvidenceTokens: playbook.retrieval.maxEvidenceTokens,
  };
  const facts = enrich(issue, playbook.plugins, { services: playbook.services });
  const own = [issue.summary, issue.text, ...Object.values(facts)];
  const means = { privacy: playbook.privacy, finder: ports.finder, language: facts['language'] };
  const titles = evidence.map(({ summary }) => summary);
  const hasStrategy = playbook.prompts.hyde !== null || playbook.prompts.rerank !== null;
  const chosen = hasStrategy
    ? await choose(
        { issue, evidence, offers },
        { playbook, ports, manner: { redact: await veil([...own, ...titles], issue.people, means), room } },
      )
    : { evidence, bill: NO_BILL };
  const gathered = await gather({ issue, evidence: chosen.evidence, offers }, playbook, ports);
  const { evidence: tickets, examples, people } = gathered;
  const others = [...tickets, ...examples].flatMap(({ summary, text }) => [summary, text]);
  const redact = await veil([...own, ...others], people, means);
  const question = questionOf({ issue, facts, offers, evidence: tickets, examples }, prompt, { redact, room });
  return { question, tickets, bill: chosen.bill };
}

function withOpinions(
  proposals: Proposals,
  { content: answer, endpoint }: Heard<Answer>,
  evidence: readonly ShownTicket[],
): Proposals {
  return new Map(
    [...proposals].map(([target, local]) => [target, withOpinion(target, local, { endpoint, answer, evidence })]),
  );
}

interface Circumstances {
  readonly bill: Bill;
  readonly prompt: Prompt;
  readonly tickets: readonly ShownTicket[];
  readonly ms: number;
}

function stamp(heard: Heard<Answer> | null, { bill, prompt, tickets, ms }: Circumstances): Asked {
  const refs = heard?.content.cited ?? [];
  return {
    endpoint: heard?.endpoint ?? null,
    model: heard?.model ?? null,
    prompt: prompt.hash,
    key: heard?.key ?? null,
    isCached: heard?.isCached ?? false,
    tokens: bill.tokens,
    money: bill.money,
    ms: Math.round(ms),
    troubles: [...bill.troubles],
    rationale: heard?.content.rationale ?? '',
    cited: tickets.filter(({ ref }) => refs.includes(ref)).map(({ key }) => key),
  };
}
