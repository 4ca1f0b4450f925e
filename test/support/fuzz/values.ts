import fc from 'fast-check';

/** Pieces that patterns, parsers and databases have stumbled over, each alone or a great many times. */
export const PIECES = [
  '',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\0',
  '\u0007',
  '\ud800',
  '\udc00',
  '\ufeff',
  '\u200b',
  '\u202e',
  '\u0301',
  'ﷺ',
  '🧑‍🤝‍🧑',
  '请求',
  'a',
  'aa ',
  'a@',
  'a.',
  'a:',
  'www.',
  'http://',
  '|',
  '||',
  '||a|',
  '[',
  '[a|',
  '{',
  '{{',
  '{code',
  '{code:title=',
  '{color:red}',
  '{quote}',
  '*',
  '_a',
  '-a ',
  '!',
  '"',
  "'",
  '\\',
  '<data>',
  '</data>',
  '<!--',
  '-----BEGIN PRIVATE KEY-----',
  '__proto__',
  'constructor',
  'toString',
  "'; drop table triage.deliveries; --",
  '../../etc/passwd',
  '{% data %}',
  '{{ issue.text }}',
  '1e999',
  'NaN',
] as const;

const repeated = fc
  .tuple(fc.constantFrom(...PIECES), fc.constantFrom('', ...PIECES), fc.constantFrom(1, 2, 30, 200, 5_000))
  .map(([one, other, times]) => `${one}${other}`.repeat(times));

/** Texts that nobody means well with, up to a few hundred thousand characters. */
export const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  repeated,
  fc.tuple(repeated, fc.constantFrom(...PIECES)).map(([many, end]) => many + end),
);

function nested(depth: number, inside: unknown, isList: boolean): unknown {
  let value = inside;
  for (let level = 0; level < depth; level += 1) value = isList ? [value] : { content: [value], a: value };
  return value;
}

/** Whatever JSON can hold where something else was expected. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileText,
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, [], {}, [[]], [null], ''),
  fc.constantFrom('0', '-1', '9'.repeat(19), '9'.repeat(30), '2026-04-25T18:35:13.605+0530', '+275760-09-13'),
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(12, 90, 500).map((depth) => nested(depth, 'x', true)),
  fc.constantFrom(3, 10).map((depth) => nested(depth, { type: 'text', text: 'x' }, false)),
  fc.constantFrom(100, 2_000).map((length) => Array.from({ length }, (_, index) => index)),
  fc.constantFrom(100, 2_000).map((length) => Object.fromEntries(Array.from({ length }, (_, key) => [`k${key}`, key]))),
);

/** What is done to one place of a value. */
type Change = 'replace' | 'drop' | 'wrap' | 'twice' | 'as text' | 'add';
const CHANGES: readonly Change[] = ['replace', 'drop', 'wrap', 'twice', 'as text', 'add'];

interface Edit {
  readonly change: Change;
  /** Of the places, depth first, counted round and round. */
  readonly at: number;
  readonly by: unknown;
  readonly name: string;
}

const edit: fc.Arbitrary<Edit> = fc.record({
  change: fc.constantFrom(...CHANGES),
  at: fc.nat({ max: 100_000 }),
  by: hostileValue,
  name: fc.constantFrom('toString', 'constructor', 'id', 'key', 'fields', 'content', 'type', '', '\0'),
});

/** One of these values with some of its places changed. */
export function changed(values: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .tuple(fc.constantFrom(...values), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([value, edits]) => edits.reduce<unknown>(edited, value));
}

function edited(value: unknown, how: Edit): unknown {
  let left = how.at % placesIn(value);
  const walk = (node: unknown): unknown => {
    left -= 1;
    if (left < 0 && left > -2) return remade(node, how);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, inside]) => [key, walk(inside)]));
  };
  return walk(value);
}

function placesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inside) => sum + placesIn(inside), 1);
}

function remade(node: unknown, { change, by, name }: Edit): unknown {
  switch (change) {
    case 'replace':
      return by;
    case 'drop':
      return undefined;
    case 'wrap':
      return [node];
    case 'twice':
      return [node, node];
    case 'as text':
      return JSON.stringify(node) ?? '';
    case 'add':
      return typeof node === 'object' && node !== null && !Array.isArray(node) ? { ...node, [name]: by } : by;
    default:
      return change satisfies never;
  }
}
