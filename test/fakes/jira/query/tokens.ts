import { refusal } from '../gate/reply.ts';

export interface Token {
  readonly kind: 'word' | 'text' | 'operator' | 'mark';
  readonly value: string;
  readonly at: number;
}

const PATTERN = /\s+|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|!~|>=|<=|=|~|>|<)|([(),!])|([^\s"'()=<>!~,]+)/gy;

/** Splits JQL into words, quoted texts, operators and marks. */
export function tokensOf(jql: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of jql.matchAll(PATTERN)) {
    if (match.index !== from) break;
    from = match.index + match[0].length;
    const token = tokenOf(match);
    if (token) tokens.push(token);
  }
  if (from < jql.length)
    throw jqlError(`Error in the JQL Query: The character '${jql.charAt(from)}' is a reserved JQL character`, from);
  return tokens;
}

function tokenOf(match: RegExpExecArray): Token | undefined {
  const [, double, single, operator, mark, word] = match;
  const quoted = double ?? single;
  if (quoted !== undefined) return { kind: 'text', value: quoted.replaceAll(/\\(.)/g, '$1'), at: match.index };
  if (operator !== undefined) return { kind: 'operator', value: operator, at: match.index };
  if (mark !== undefined) return { kind: 'mark', value: mark, at: match.index };
  return word === undefined ? undefined : { kind: 'word', value: word, at: match.index };
}

export function jqlError(message: string, at?: number): Error {
  return refusal(400, at === undefined ? message : `${message}. (line 1, character ${at + 1})`);
}
