import type { FewShots } from '../../domain/playbook/prompt.ts';
import { joinParts, partsOf, type Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { tokensIn } from '../../prompt/tokens.ts';
import { type Change, type Ground, type Proposed, type Studied, titleOf } from './change.ts';
import { humanValue } from './overrides.ts';
import { withItem } from './text/edit.ts';
import { saysSomething } from './text/words.ts';

/** Examples of one case in a prompt, those that stand there already included. */
const PER_CASE = 2;
/** As many as a prompt file may hold. */
const MAX_EXAMPLES = 20;
/** Characters of an example. */
const [MAX_TITLE, MAX_TEXT] = [120, 280] as const;
/** The most typical ticket of a hundred is as typical as that of a thousand. */
const LOOKED_AT = 100;

type Shot = Extract<FewShots, readonly unknown[]>[number];

/** Adds the most typical tickets of each case, short and without private things, as long as the prompt has room. */
export function exemplify(studied: readonly Studied[], ground: Ground): Proposed {
  const { model, prompts, retrieval } = ground.playbook;
  const shots = prompts.triage?.few_shot;
  if (!model || !prompts.triage || shots === undefined) return { changes: [], notes: [] };
  if ('from' in shots)
    return { changes: [], notes: [`${model.prompt} takes its examples from corrections by itself: none is added`] };
  if (!/\bexamples\b/.test(prompts.triage.user))
    return { changes: [], notes: [`${model.prompt} shows no examples: none is added`] };
  const shown = [...shots];
  const changes: Change[] = [];
  const room = () => retrieval.maxEvidenceTokens - shown.reduce((sum, shot) => sum + costOf(shot), 0);
  for (const one of studied) {
    for (const { ticket, shot } of typicalOf(one, shown, ground)) {
      if (shown.length >= MAX_EXAMPLES || costOf(shot) > room()) return { changes, notes: [full(model.prompt)] };
      shown.push(shot);
      changes.push(changeOf(one, ticket, { shot, file: model.prompt }));
    }
  }
  return { changes, notes: [] };
}

function full(file: string): string {
  return `${file} has no room for more examples: take out old ones, or raise retrieval.maxEvidenceTokens`;
}

function changeOf(
  { case: of }: Studied,
  ticket: PastTicket,
  { shot, file }: { readonly shot: Shot; readonly file: string },
): Change {
  return {
    id: JSON.stringify([file, shot]),
    kind: 'example',
    of,
    file,
    what: `example for ${titleOf(of)}: ${shot.summary}`,
    keys: [ticket.key],
    apply: (source) => withItem(source, ['few_shot'], shot),
  };
}

interface Example {
  readonly ticket: PastTicket;
  readonly shot: Shot;
}

/** As many typical tickets as the case may still have. */
function typicalOf({ case: of, lines }: Studied, shown: readonly Shot[], ground: Ground): readonly Example[] {
  const candidates = of.tickets.slice(0, LOOKED_AT).flatMap((ticket, index) => {
    const words = new Set((lines[index] ?? []).flat().map(({ key }) => key));
    const shot = shotOf(ticket, of.target, ground);
    return shot.summary !== '' && [...words].some(saysSomething) ? [{ ticket, words, shot }] : [];
  });
  const isShown = ({ shot }: Example) =>
    shown.some(({ summary, text }) => summary === shot.summary && text === shot.text);
  const fresh = candidates.filter((candidate) => !isShown(candidate));
  return medoids(fresh, PER_CASE - (candidates.length - fresh.length));
}

function shotOf(ticket: PastTicket, target: Target, { redact }: Ground): Shot {
  const renumber = renumbering();
  const summary = renumber(oneLine(redact(ticket.summary)));
  const text = renumber(oneLine(redact(ticket.text)));
  const answer = joinParts(partsOf(target, humanValue(ticket, target.name)));
  return { summary: cut(summary, MAX_TITLE), text: cut(text, MAX_TEXT), answer: { [target.name]: answer } };
}

/**
 * The candidates that are together the most like all the others: each next one adds the most likeness to what is not
 * covered yet (greedy k-medoids, as in the first phase of PAM: Kaufman & Rousseeuw 1990).
 */
function medoids<One extends { readonly words: ReadonlySet<string> }>(
  all: readonly One[],
  count: number,
): readonly One[] {
  const chosen: One[] = [];
  const covered = new Map<One, number>();
  const gainOf = (candidate: One) =>
    all.reduce((sum, other) => {
      const more = other === candidate ? 0 : alike(candidate.words, other.words) - (covered.get(other) ?? 0);
      return sum + Math.max(0, more);
    }, 0);
  while (chosen.length < Math.min(count, all.length)) {
    const [best] = all
      .filter((candidate) => !chosen.includes(candidate))
      .map((candidate) => ({ candidate, gain: gainOf(candidate) }))
      .sort((one, other) => other.gain - one.gain);
    if (!best) break;
    chosen.push(best.candidate);
    for (const other of all)
      covered.set(other, Math.max(covered.get(other) ?? 0, alike(best.candidate.words, other.words)));
  }
  return chosen;
}

/** Shared words of all words. */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const shared = one.intersection(other).size;
  return shared / Math.max(1, one.size + other.size - shared);
}

function costOf({ summary, text, answer }: Shot): number {
  return tokensIn(`* ${summary} ${text} → ${Object.entries(answer).flat().join(': ')}`);
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const space = text.lastIndexOf(' ', length);
  return `${text.slice(0, space > length / 2 ? space : length).toWellFormed()}…`;
}

/** Placeholders of one example count from 1, whatever else was redacted with it. */
function renumbering(): (text: string) => string {
  const given = new Map<string, string>();
  const counts = new Map<string, number>();
  return (text) =>
    text.replace(/\[([A-Z0-9_]{1,60})_\d{1,4}\]/g, (placeholder, kind: string) => {
      const known = given.get(placeholder);
      if (known !== undefined) return known;
      const next = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, next);
      given.set(placeholder, `[${kind}_${next}]`);
      return `[${kind}_${next}]`;
    });
}
