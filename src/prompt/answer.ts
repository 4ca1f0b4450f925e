import { z } from 'zod';
import type { AnswerField, BookedReply, Reply } from '../domain/decision/question.ts';
import { cleanText } from '../domain/ticket/text.ts';
import { certaintyField, NONE } from './question.ts';

/** What a model says about one target. Values were offered to it; anything else it said does not come this far. */
export interface Choice {
  /** Empty: none of these. */
  readonly values: readonly string[];
  /** What it says itself, 0 to 1; null when it did not. */
  readonly certainty: number | null;
  /** Natural logarithm of the probability of the value, null where not offered. */
  readonly logprob: number | null;
}

export interface Answer {
  /** By target; one with an answer outside of what was offered is missing. */
  readonly choices: ReadonlyMap<string, Choice>;
  /** Plain words: no markup, link, address or mention survives. */
  readonly rationale: string;
  /** References of past tickets; only ones that were shown. */
  readonly cited: readonly string[];
}

/** Reads a reply by the fields that were asked for. Null when nothing in it can be used; never throws. */
export function readAnswer(
  { end, text, fieldLogprobs }: BookedReply,
  fields: readonly AnswerField[],
  targets: readonly string[],
): Answer | null {
  const said = end === 'whole' ? parsed(text) : null;
  if (!said) return null;
  const known = new Map(fields.map((field) => [field.name, field]));
  const choices = new Map<string, Choice>();
  for (const target of targets) {
    const values = chosen(said.get(target), known.get(target));
    if (values === null) continue;
    choices.set(target, {
      values: values.filter((value) => value !== NONE),
      certainty: certaintyOf(said.get(certaintyField(target))),
      logprob: new Map(Object.entries(fieldLogprobs)).get(target) ?? null,
    });
  }
  if (choices.size === 0) return null;
  const refs = chosen(asList(said.get('evidence')), known.get('evidence'), 'some');
  return { choices, rationale: plainWords(said.get('rationale')), cited: refs ?? [] };
}

/** One text of a reply as it was written; null when there is none. */
export function readText({ end, text }: BookedReply, field: string): string | null {
  const said = end === 'whole' ? parsed(text)?.get(field) : null;
  return typeof said === 'string' && said.trim() !== '' ? cleanText(said) : null;
}

/** One list of a reply: those of the offered values that it names, each once; null when it names none. */
export function readList({ end, text }: BookedReply, field: string, offered: readonly string[]): string[] | null {
  const said = end === 'whole' ? parsed(text)?.get(field) : null;
  const fit = chosen(asList(said), { name: field, kind: 'choices', values: offered }, 'some') ?? [];
  return fit.length > 0 ? fit : null;
}

const Said = z.record(z.string(), z.unknown());

/** The JSON object in a text; models that know no structured answers wrap it in prose or fences. */
function parsed(text: string): ReadonlyMap<string, unknown> | null {
  const from = text.indexOf('{');
  const until = text.lastIndexOf('}');
  if (from < 0 || until < from) return null;
  try {
    const said = Said.safeParse(JSON.parse(text.slice(from, until + 1)));
    return said.success ? new Map(Object.entries(said.data)) : null;
  } catch {
    // Not JSON: the caller asks somebody else.
    return null;
  }
}

/** The values said, null when one was not offered; `some` drops such ones instead. */
function chosen(said: unknown, field: AnswerField | undefined, strictness: 'all' | 'some' = 'all'): string[] | null {
  if (!field || field.kind === 'text') return null;
  const values: unknown = field.kind === 'choice' ? [said] : said;
  if (!Array.isArray(values)) return null;
  const offered = new Set(field.values);
  const fit = [...new Set<unknown>(values)]
    .filter((value) => typeof value === 'string')
    .filter((value) => offered.has(value));
  if (strictness === 'all' && fit.length < new Set(values).size) return null;
  return fit;
}

function asList(said: unknown): readonly unknown[] {
  return Array.isArray(said) ? said : [];
}

const CERTAINTIES = new Map([
  ['low', 0],
  ['medium', 0.5],
  ['high', 1],
]);

function certaintyOf(said: unknown): number | null {
  return typeof said === 'string' ? (CERTAINTIES.get(said) ?? null) : null;
}

const MAX_RATIONALE = 300;
const ADDRESS = /\b(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)\S+|\S+@\S+/giu;
const MARKUP = /[^\p{L}\p{M}\p{N}\s.,;:'"()%+?–—…’“”„«»、。，；：？（）「」-]/gu;
/** A dot between letters makes an address of them, in some places the ideographic one too. */
const DOTTED = /(?<=[\p{L}\p{N}])[.。](?=\p{L})/gu;

/** Words and punctuation alone: what is left can be shown anywhere and links to nothing. */
export function plainWords(said: unknown): string {
  if (typeof said !== 'string') return '';
  return cleanText(said.slice(0, MAX_RATIONALE * 4))
    .replace(ADDRESS, ' ')
    .replace(MARKUP, ' ')
    .replace(DOTTED, '$& ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_RATIONALE)
    .toWellFormed();
}

/**
 * The log-probability of each `choice` field's value: the sum over the tokens that overlap its characters. Empty when the
 * tokens do not make up the text.
 */
export function fieldLogprobs({ text, logprobs }: Reply, fields: readonly AnswerField[]): Record<string, number> {
  if (!logprobs || logprobs.map(({ token }) => token).join('') !== text) return {};
  const sums: Record<string, number> = {};
  for (const { name, kind } of fields) {
    const place = kind === 'choice' ? placeOf(name, text) : null;
    if (place) sums[name] = sumBetween(logprobs, place);
  }
  return sums;
}

interface Place {
  readonly from: number;
  readonly until: number;
}

/** Where the value of a field stands in a JSON text, quotes left out. */
function placeOf(name: string, text: string): Place | null {
  const key = text.indexOf(JSON.stringify(name));
  if (key < 0) return null;
  const colon = text.indexOf(':', key + JSON.stringify(name).length);
  const from = text.indexOf('"', colon) + 1;
  const until = text.indexOf('"', from);
  return colon < 0 || from === 0 || until < 0 ? null : { from, until };
}

function sumBetween(logprobs: NonNullable<Reply['logprobs']>, { from, until }: Place): number {
  let at = 0;
  let sum = 0;
  for (const { token, logprob } of logprobs) {
    if (at < until && at + token.length > from) sum += logprob;
    at += token.length;
  }
  return Math.round(sum * 10_000) / 10_000;
}
