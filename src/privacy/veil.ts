import { TransientError } from '../domain/errors.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { type TextOf, wholeText } from '../domain/ticket/embedding.ts';
import type { Found, PiiFinder } from './finder.ts';
import { redactor } from './redact.ts';

export interface VeilMeans {
  readonly privacy: Playbook['privacy'];
  /** Null: patterns and known names alone. */
  readonly finder: PiiFinder | null;
  /** ISO 639-1, for the finder; English when nobody knows. */
  readonly language?: string | undefined;
}

/**
 * What takes private things out of these texts, with the same placeholder for the same thing in all of them. Throws
 * `TransientError` when a finder is set up and cannot look: then nothing may leave.
 */
export async function veil(
  texts: readonly string[],
  people: readonly string[],
  { privacy, finder, language = 'en' }: VeilMeans,
): Promise<(text: string) => string> {
  const { redaction: level, patterns } = privacy;
  const { redact } = redactor({ level, people, patterns });
  if (level === 'off') return redact;
  const distinct = [...new Set(texts)].filter((text) => text.trim() !== '');
  if (finder === null) {
    const known = inOneGo(distinct, redact);
    return (text) => known.get(text) ?? redact(text);
  }
  const found = await Promise.all(distinct.map(async (text) => [text, await finder.find(text, language)] as const));
  const byText = new Map<string, readonly Found[]>(found);
  // Once over everything first: what is known for a secret in one text is one in the others.
  for (const text of distinct) redact(text, byText.get(text));
  return (text) => redact(text, byText.get(text));
}

/** No text holds this: control characters are taken out of everything that comes in. */
const SEAM = '\n\u0000\n';

/** Redacts many short texts as one long one, which costs half; by its own text. */
function inOneGo(texts: readonly string[], redact: (text: string) => string): ReadonlyMap<string, string> {
  const parts = redact(texts.join(SEAM)).split(SEAM);
  // Something private that seems to go on from one text into the next has taken the seam with it.
  const isWhole = parts.length === texts.length;
  return new Map(texts.map((text, index) => [text, isWhole ? (parts[index] ?? '') : redact(text)]));
}

/**
 * The words of a ticket that may go to an embeddings endpoint: without what patterns and known names find. None of them
 * where a pattern takes too long, for one hostile ticket must not keep others from being embedded with it.
 */
export function veiledText({ redaction: level, patterns }: Playbook['privacy']): TextOf {
  return (ticket) => {
    try {
      return redactor({ level, people: ticket.people, patterns }).redact(wholeText(ticket));
    } catch (error) {
      if (error instanceof TransientError) return WITHHELD;
      throw error;
    }
  };
}
const WITHHELD = '[WITHHELD]';
