import type { AnswerField, Question } from '../domain/decision/question.ts';
import type { Prompt } from '../domain/playbook/prompt.ts';
import { holdsSeveral, type Target } from '../domain/playbook/target.ts';
import type { Issue } from '../domain/ticket/issue.ts';
import { visible } from '../domain/ticket/text.ts';
import { condense } from './condense.ts';
import { fillIn, type TemplateScope } from './template.ts';
import { tokensIn } from './tokens.ts';

/** What a model may answer for one target. */
export interface Offer {
  readonly target: Target;
  readonly values: readonly { readonly value: string; readonly description: string }[];
}

/** A past ticket as a model is shown it; `ref` is what it may cite. */
export interface ShownTicket {
  readonly ref: string;
  readonly key: string;
  readonly summary: string;
  readonly text: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface Material {
  readonly issue: Issue;
  /** Found out by enrichers, by name. */
  readonly facts: Readonly<Record<string, string>>;
  readonly offers: readonly Offer[];
  readonly evidence: readonly ShownTicket[];
  readonly examples: readonly Omit<ShownTicket, 'ref' | 'key'>[];
}

/** How much room there is for text, and what it passes before it is shown. */
export interface Manner {
  readonly redact: (text: string) => string;
  readonly room: { readonly maxTicketTokens: number; readonly maxEvidenceTokens: number };
}

/** The answer that says that no value fits. */
export const NONE = 'none_of_these';
const CERTAINTIES = ['low', 'medium', 'high'];
const MAX_RATIONALE = 300;
const MAX_TITLE = 200;
const MAX_EXAMPLE_TOKENS = 120;

/**
 * One question in the words of the prompt file; without `answer`, about all offered targets. What is shown of tickets passes `redact`
 * first: cutting first could leave half a secret that nobody recognises.
 */
export function questionOf(
  material: Material,
  prompt: Prompt,
  { redact, room, answer = answerFields(material) }: Manner & { readonly answer?: readonly AnswerField[] },
): Question {
  const { generation } = prompt;
  return {
    system: prompt.system.trim(),
    user: fillIn(prompt.user, scopeOf(material, { redact, room })),
    answer,
    generation: {
      temperature: generation.temperature,
      maxTokens: generation.max_tokens,
      seed: generation.seed,
      timeoutMs: generation.timeout * 1000,
      extra: generation.extra,
    },
  };
}

/** The name of the field that holds how certain the model says it is of a target. */
export function certaintyField(target: string): string {
  return `${target}_certainty`;
}

/** First what it goes by, then why, then the values: a model that has to give reasons first chooses better. */
function answerFields({ offers, evidence }: Material): AnswerField[] {
  const cited: AnswerField[] =
    evidence.length === 0 ? [] : [{ name: 'evidence', kind: 'choices', values: evidence.map(({ ref }) => ref) }];
  return [
    ...cited,
    { name: 'rationale', kind: 'text', maxLength: MAX_RATIONALE },
    ...offers.flatMap(({ target, values }): AnswerField[] => {
      const names = values.map(({ value }) => value);
      return [
        holdsSeveral(target)
          ? { name: target.name, kind: 'choices', values: names }
          : { name: target.name, kind: 'choice', values: [...names, NONE] },
        { name: certaintyField(target.name), kind: 'choice', values: CERTAINTIES },
      ];
    }),
  ];
}

function scopeOf({ issue, facts, offers, evidence, examples }: Material, { redact, room }: Manner): TemplateScope {
  return {
    issue: {
      key: issue.key,
      project: issue.project,
      type: issue.issueType,
      summary: oneLine(redact(issue.summary)),
      text: condense(redact(issue.text), room.maxTicketTokens),
      facts: Object.entries(facts).map(([name, value]) => ({ name, value: oneLine(redact(value)) })),
    },
    targets: offers.map(({ target, values }) => ({
      name: target.name,
      description: target.description ?? '',
      multiple: holdsSeveral(target),
      values,
    })),
    evidence: fitting(evidence, { redact, room }),
    examples: examples.map(({ summary, text, values }) => ({
      summary: oneLine(redact(summary)),
      text: condense(redact(text), MAX_EXAMPLE_TOKENS),
      values: pairsOf(values),
    })),
  };
}

/** As many past tickets as there is room for, each with an equal share of it; the best come first. */
function fitting(evidence: readonly ShownTicket[], { redact, room }: Manner): TemplateScope['evidence'] {
  const shares = Math.floor(room.maxEvidenceTokens / Math.max(1, evidence.length));
  let left = room.maxEvidenceTokens;
  return evidence.flatMap(({ ref, summary, text, values }) => {
    const title = oneLine(redact(summary));
    const pairs = pairsOf(values);
    const heading = tokensIn(`[${ref}] ${title} ${pairs.map(({ target, value }) => `${target}: ${value}`).join('; ')}`);
    if (heading > left) return [];
    const space = Math.max(0, Math.min(shares, left) - heading);
    const body = excerptOf(redact(text), space);
    left -= heading + (body === '' ? 0 : space);
    return [{ ref, summary: title, text: body, values: pairs }];
  });
}

/** The beginning of a past ticket, for what matters comes first. */
function excerptOf(text: string, maxTokens: number): string {
  const flat = oneLine(text);
  const tokens = tokensIn(flat);
  if (tokens <= maxTokens) return flat;
  const most = Math.floor((flat.length * maxTokens) / tokens) - 1;
  const space = flat.lastIndexOf(' ', most);
  return most < 1 ? '' : `${flat.slice(0, space > most / 2 ? space : most).toWellFormed()}…`;
}

function pairsOf(values: Readonly<Record<string, string>>) {
  return Object.entries(values).map(([target, value]) => ({ target, value: oneLine(visible(value)) }));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, Math.max(MAX_TITLE, text.length));
}
