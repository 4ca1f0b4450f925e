import { isRecord, type Json } from '../../jira/json.ts';
import type { Asked, Said } from '../brain/brain.ts';
import { constrained } from '../brain/shape/schema.ts';
import { notSimulated } from '../gate/fault.ts';
import type { GrammarShape } from './grammar/shape.ts';
import { jsonPieces, type Odds, type Piece } from './tokens.ts';
import type { Wanted } from './wanted.ts';

/** How a model that is not made to answer in JSON presents the JSON it was asked for. */
export type Wrapping = 'bare' | 'fenced' | 'prose';

export interface Manner {
  readonly wanted: Wanted;
  readonly asked: Asked;
  readonly odds: Odds;
  readonly wrapping: Wrapping | undefined;
}

/** What the brain said, in the form that was wanted. */
export function uttered(said: Said, { wanted, asked, odds, wrapping }: Manner): Piece[] {
  if (wanted.kind === 'text') return spoken(said, { asked, wrapping });
  const schema = wanted.kind === 'json' ? null : wanted.schema;
  const isKept = wanted.kind !== 'json' && wanted.isKept;
  const answer = schema && isKept ? constrained(said, schema) : said;
  if (wanted.kind === 'schema' && wanted.grammar && isRecord(answer) && isKept)
    return grammatical(answer, wanted.grammar, odds);
  if (typeof answer !== 'string') return jsonPieces(answer, odds);
  // Whoever promises JSON keeps it, whatever the model wanted to say.
  return wanted.kind === 'json' && !isJson(answer) ? jsonPieces({ answer }, odds) : [{ text: answer }];
}

function grammatical(answer: Json, grammar: GrammarShape, odds: Odds): Piece[] {
  const pieces = jsonPieces(grammar.tidied(answer), odds, grammar.style);
  if (!grammar.accepts(pieces.map(({ text }) => text).join(''))) throw notSimulated('a grammar of this form');
  return pieces;
}

function spoken(said: Said, { asked, wrapping }: { asked: Asked; wrapping: Wrapping | undefined }): Piece[] {
  if (typeof said === 'string') return [{ text: said }];
  if (!asked.wantsJson) return [{ text: inWords(said) }];
  const json = JSON.stringify(said, null, 2);
  switch (wrapping ?? wrappingFor(asked.user)) {
    case 'bare':
      return [{ text: json }];
    case 'fenced':
      return [{ text: `\`\`\`json\n${json}\n\`\`\`` }];
    case 'prose':
      return [
        { text: `Here is what I make of it:\n\n\`\`\`json\n${json}\n\`\`\`\n\nLet me know if you need anything else!` },
      ];
  }
}

const WRAPPINGS = ['bare', 'fenced', 'prose'] as const;

/** Now this way, now that, always the same for the same prompt. */
function wrappingFor(text: string): Wrapping {
  let hash = 7;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) % 65_537;
  return WRAPPINGS[hash % WRAPPINGS.length] ?? 'bare';
}

function inWords(said: Json): string {
  const sentences = Object.entries(said).map(([name, value]) => {
    const text = Array.isArray(value) ? value.join(', ') : String(value);
    return `${name.replaceAll('_', ' ')}: ${text}.`;
  });
  return `I would say ${sentences.join(' ')}`;
}

function isJson(text: string): boolean {
  try {
    return isRecord(JSON.parse(text));
  } catch {
    // Then it is not.
    return false;
  }
}
