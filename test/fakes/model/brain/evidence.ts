/** A field with the values it may have. */
export interface Field {
  readonly name: string;
  readonly values: readonly string[];
}

/** What a prompt's evidence says: for each field the weight of each value, and which entries spoke for it. */
export interface Evidence {
  /** References of the entries shown, in order. */
  readonly keys: readonly string[];
  readonly weights: ReadonlyMap<string, ReadonlyMap<string, number>>;
  keysFor(field: string, value: string): readonly string[];
}

/** `[E3] …` at the start of a line. */
export const MARK = /^\s{0,20}(?:[-*]\s{0,5})?\[([\p{L}][\p{L}\p{N}_-]{0,30})\]/u;
/** After these stands a value, or a list of them. */
const POINTER = /[:→=：]/g;
/** A field's name, before a pointer, reaches back to one of these. */
const EDGES = new Set(';；,，、→|([{"\'<>:：=');
const MAX_LABEL = 60;
const OPENING = /[\s"'“„「[(]/;
const CLOSING = /[\s"'”“」\])]/;
const JOINT = /[,，、|/]/;
const LETTER = /[\p{L}\p{N}_]/u;
/** A line that ends an entry: a delimiter or a heading. */
const END = /^\s{0,3}(?:<|#|---|```)/;
/** What is mentioned outside of an entry hardly counts. */
const ASIDE = 0.25;
/** A page of colons costs no more than this many looks. */
const MAX_POINTERS = 2_000;

/**
 * Counts how often each allowed value stands after a colon, an arrow or an equals sign. Entries that come first weigh
 * more. A mention that names a field counts for that field alone.
 */
export function evidenceIn(text: string, fields: readonly Field[]): Evidence {
  const book = bookOf(fields);
  const weights = new Map(fields.map(({ name }) => [name, new Map<string, number>()]));
  const speakers = new Map<string, Set<string>>();
  const ranks = new Map<string, number>();
  let [current, pointers]: [string | null, number] = [null, MAX_POINTERS];
  for (const line of text.split('\n')) {
    if (END.test(line)) current = null;
    const mark = MARK.exec(line)?.[1];
    if (mark !== undefined) {
      if (!ranks.has(mark)) ranks.set(mark, ranks.size);
      current = mark;
    }
    const weight = current === null ? ASIDE : 1 / (1 + 0.2 * (ranks.get(current) ?? 0));
    const found = mentionsIn(line.toLowerCase(), book, pointers);
    pointers -= found.pointers;
    for (const { field, value } of found.mentions) {
      const known = weights.get(field);
      known?.set(value, (known.get(value) ?? 0) + weight);
      if (current !== null) spokenBy(speakers, `${field}\n${value}`).add(current);
    }
  }
  return {
    keys: [...ranks.keys()],
    weights,
    keysFor: (field, value) => [...(speakers.get(`${field}\n${value}`) ?? [])],
  };
}

function spokenBy(speakers: Map<string, Set<string>>, what: string): Set<string> {
  const known = speakers.get(what) ?? new Set<string>();
  speakers.set(what, known);
  return known;
}

interface Book {
  /** By value in lower case: the fields that have it. */
  readonly values: ReadonlyMap<string, readonly Mention[]>;
  /** Lengths of values, longest first. */
  readonly lengths: readonly number[];
  readonly names: ReadonlyMap<string, string>;
}

interface Mention {
  readonly field: string;
  readonly value: string;
}

function bookOf(fields: readonly Field[]): Book {
  const values = new Map<string, Mention[]>();
  for (const { name: field, values: allowed } of fields)
    for (const value of allowed) {
      const known = values.get(value.toLowerCase());
      if (known) known.push({ field, value });
      else values.set(value.toLowerCase(), [{ field, value }]);
    }
  const lengths = [...new Set([...values.keys()].map(({ length }) => length))].toSorted((one, other) => other - one);
  return { values, lengths, names: new Map(fields.map(({ name }) => [plain(name), name])) };
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_-]/g, '');
}

function mentionsIn(line: string, book: Book, most: number) {
  const mentions: Mention[] = [];
  let pointers = 0;
  for (const { index } of line.matchAll(POINTER)) {
    if (pointers >= most) break;
    pointers += 1;
    const found = listAt(line, index + 1, book);
    if (found.length === 0) continue;
    const field = fieldNamed(line, index, book);
    mentions.push(...found.filter((mention) => field === undefined || mention.field === field));
  }
  return { mentions, pointers };
}

/** The field whose name stands right before a place: all the words up to an edge, or the last of them. */
function fieldNamed(line: string, end: number, { names }: Book): string | undefined {
  let from = end;
  while (from > 0 && end - from < MAX_LABEL && !EDGES.has(line[from - 1] ?? '')) from -= 1;
  const label = line.slice(from, end).trim();
  return names.get(plain(label)) ?? names.get(plain(label.slice(label.lastIndexOf(' ') + 1)));
}

/** The values at a place, and those that follow after commas. */
function listAt(line: string, start: number, book: Book): Mention[] {
  const found: Mention[] = [];
  let at = skip(line, start, OPENING);
  for (let value = valueAt(line, at, book); value; value = valueAt(line, at, book)) {
    found.push(...value.mentions);
    const next = skip(line, at + value.length, CLOSING);
    if (!JOINT.test(line[next] ?? '')) break;
    at = skip(line, next + 1, OPENING);
  }
  return found;
}

function skip(line: string, start: number, what: RegExp): number {
  let at = start;
  while (at < start + 5 && what.test(line[at] ?? '')) at += 1;
  return at;
}

function valueAt(line: string, at: number, { values, lengths }: Book) {
  for (const length of lengths) {
    const mentions = values.get(line.slice(at, at + length));
    if (mentions && !LETTER.test(line[at + length] ?? '')) return { mentions, length };
  }
  return null;
}
