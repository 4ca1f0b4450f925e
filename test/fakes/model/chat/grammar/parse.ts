/** A GBNF grammar, as llama.cpp's `grammars/README.md` describes it. */
export type Rules = ReadonlyMap<string, Node>;

export type Node =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'class'; readonly has: (letter: string) => boolean }
  | { readonly kind: 'rule'; readonly name: string }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'repeat'; readonly item: Node; readonly min: number; readonly max: number };

/** What llama.cpp answers 400 to; says where. */
export class GrammarError extends Error {
  override readonly name = 'GrammarError';
}

interface Cursor {
  readonly text: string;
  at: number;
}

/** Throws `GrammarError` for what llama.cpp's own parser does not take. */
export function parseGrammar(text: string): Rules {
  const cursor = { text, at: 0 };
  const rules = new Map<string, Node>();
  for (skip(cursor, true); cursor.at < text.length; skip(cursor, true)) {
    const name = word(cursor);
    skip(cursor, false);
    take(cursor, '::=');
    skip(cursor, true);
    rules.set(name, choice(cursor, false));
    if (cursor.at < text.length && !/[\r\n]/.test(here(cursor))) throw wrong(cursor, 'a new line');
  }
  if (!rules.has('root')) throw new GrammarError('there is no rule "root"');
  for (const node of rules.values()) checkRules(node, rules);
  return rules;
}

function checkRules(node: Node, rules: Rules): void {
  if (node.kind === 'rule' && !rules.has(node.name)) throw new GrammarError(`undefined rule identifier '${node.name}'`);
  for (const part of partsOf(node)) checkRules(part, rules);
}

export function partsOf(node: Node): readonly Node[] {
  if (node.kind === 'sequence') return node.items;
  if (node.kind === 'choice') return node.options;
  return node.kind === 'repeat' ? [node.item] : [];
}

function choice(cursor: Cursor, isNested: boolean): Node {
  const options = [sequence(cursor, isNested)];
  while (here(cursor) === '|') {
    cursor.at += 1;
    skip(cursor, true);
    options.push(sequence(cursor, isNested));
  }
  const [only] = options;
  return only && options.length === 1 ? only : { kind: 'choice', options };
}

function sequence(cursor: Cursor, isNested: boolean): Node {
  const items: Node[] = [];
  for (let item = symbol(cursor); item; item = symbol(cursor)) {
    items.push(repeated(cursor, item));
    skip(cursor, isNested);
  }
  return { kind: 'sequence', items };
}

function symbol(cursor: Cursor): Node | null {
  const letter = here(cursor);
  if (letter === '"') return { kind: 'literal', text: quoted(cursor) };
  if (letter === '[') return { kind: 'class', has: letters(cursor) };
  if (letter === '.') {
    cursor.at += 1;
    return { kind: 'class', has: () => true };
  }
  if (/[a-zA-Z0-9-]/.test(letter)) return { kind: 'rule', name: word(cursor) };
  if (letter !== '(') return null;
  cursor.at += 1;
  skip(cursor, true);
  const inside = choice(cursor, true);
  take(cursor, ')');
  return inside;
}

const COUNTS = new Map([
  ['*', [0, Number.POSITIVE_INFINITY]],
  ['+', [1, Number.POSITIVE_INFINITY]],
  ['?', [0, 1]],
] as const);

function repeated(cursor: Cursor, item: Node): Node {
  const letter = here(cursor);
  const counts = letter === '*' || letter === '+' || letter === '?' ? COUNTS.get(letter) : undefined;
  if (counts) {
    cursor.at += 1;
    return { kind: 'repeat', item, min: counts[0], max: counts[1] };
  }
  if (letter !== '{') return item;
  const found = /^\{\s{0,5}(\d{1,6})\s{0,5}(,?)\s{0,5}(\d{0,6})\s{0,5}\}/.exec(
    cursor.text.slice(cursor.at, cursor.at + 40),
  );
  if (!found) throw wrong(cursor, 'a count');
  const [whole, min = '0', comma, max] = found;
  cursor.at += whole.length;
  const most = max ? Number(max) : Number.POSITIVE_INFINITY;
  return { kind: 'repeat', item, min: Number(min), max: comma ? most : Number(min) };
}

function quoted(cursor: Cursor): string {
  take(cursor, '"');
  let text = '';
  while (here(cursor) !== '"') text += letter(cursor);
  take(cursor, '"');
  return text;
}

function letters(cursor: Cursor): (letter: string) => boolean {
  take(cursor, '[');
  const isNegated = here(cursor) === '^';
  if (isNegated) cursor.at += 1;
  const ranges: (readonly [from: string, until: string])[] = [];
  while (here(cursor) !== ']') {
    const from = letter(cursor);
    const isRange = here(cursor) === '-' && cursor.text[cursor.at + 1] !== ']';
    if (isRange) cursor.at += 1;
    ranges.push([from, isRange ? letter(cursor) : from]);
  }
  take(cursor, ']');
  return (one) =>
    ranges.some(([from, until]) => codeOf(one) >= codeOf(from) && codeOf(one) <= codeOf(until)) !== isNegated;
}

const ESCAPES = new Map([
  ['t', '\t'],
  ['r', '\r'],
  ['n', '\n'],
  ['\\', '\\'],
  ['"', '"'],
  ['[', '['],
  [']', ']'],
]);
const CODES = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function letter(cursor: Cursor): string {
  const one = String.fromCodePoint(cursor.text.codePointAt(cursor.at) ?? 0);
  if (cursor.at >= cursor.text.length) throw wrong(cursor, 'more');
  cursor.at += one.length;
  if (one !== '\\') return one;
  const kind = here(cursor);
  cursor.at += 1;
  const digits = CODES.get(kind);
  if (digits === undefined) {
    const escaped = ESCAPES.get(kind);
    if (escaped === undefined) throw wrong(cursor, 'a known escape');
    return escaped;
  }
  const code = cursor.text.slice(cursor.at, cursor.at + digits);
  if (code.length < digits || !/^[0-9a-f]{1,8}$/i.test(code)) throw wrong(cursor, `${digits} hexadecimal digits`);
  cursor.at += digits;
  return String.fromCodePoint(Number.parseInt(code, 16));
}

function word(cursor: Cursor): string {
  const name = /^[a-zA-Z0-9-]{1,200}/.exec(cursor.text.slice(cursor.at, cursor.at + 200))?.[0];
  if (name === undefined) throw wrong(cursor, 'a name');
  cursor.at += name.length;
  return name;
}

/** Spaces and comments; new lines only where a rule cannot end. */
function skip(cursor: Cursor, newLines: boolean): void {
  for (let one = here(cursor); one !== ''; one = here(cursor)) {
    if (one === '#') while (here(cursor) !== '' && here(cursor) !== '\n') cursor.at += 1;
    else if (one === ' ' || one === '\t' || (newLines && (one === '\n' || one === '\r'))) cursor.at += 1;
    else return;
  }
}

function here({ text, at }: Cursor): string {
  return text[at] ?? '';
}

function take(cursor: Cursor, what: string): void {
  if (!cursor.text.startsWith(what, cursor.at)) throw wrong(cursor, what);
  cursor.at += what.length;
}

function wrong({ text, at }: Cursor, wanted: string): GrammarError {
  return new GrammarError(`expecting ${wanted} at ${text.slice(at, at + 20)}`);
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) ?? 0;
}
