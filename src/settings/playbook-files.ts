import { createHash, hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../domain/errors.ts';
import type { Fault } from '../domain/playbook/fault.ts';

interface Source {
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

/** More than anybody reviews. */
const MAX_BYTES = 2 * 1024 * 1024;
const MAX_DEPTH = 100;
/** Nobody mends more at once, and each is looked up in its file. */
const MAX_FAULTS = 100;

/** Keys are compared here, in linear time; and what is at fault is told with its line by us. */
const YAML = { uniqueKeys: false, prettyErrors: false } as const;

/** Reads, hashes and checks files of one folder, gathering faults instead of stopping at the first. */
export class ConfigFiles {
  readonly faults: string[] = [];
  readonly #folder: string;
  readonly #hash = createHash('sha256');
  readonly #sources = new Map<string, Source>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** What a file holds; null when that is at fault. */
  read<Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | null {
    const text = this.#text(name);
    if (text === null) return null;
    this.#hash.update(`${name}\0${text}\0`);
    const lines = new LineCounter();
    const document = parseDocument(text, { ...YAML, lineCounter: lines });
    this.#sources.set(name, { text, document, lines });
    for (const { pos, message } of document.errors)
      this.#note(() => `${name}:${lines.linePos(pos[0]).line} ${message.split('\n')[0]}`);
    if (document.errors.length > 0) return null;
    const plain = this.#plain(name, document);
    const troubles = unusable(plain);
    for (const { path, why } of troubles) this.add({ file: name, path, why });
    if (troubles.length > 0) return null;
    for (const offset of repeatedKeys(document))
      this.#note(() => `${name}:${lines.linePos(offset).line} keys must be unique; keep one of the two`);
    const parsed = schema.safeParse(plain);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      this.add({ file: name, path: path.map((key) => (typeof key === 'symbol' ? String(key) : key)), why: message });
    }
    return null;
  }

  add(fault: Fault): void {
    this.#note(() => this.tell(fault));
  }

  #note(tell: () => string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(tell());
    else if (this.faults.length === MAX_FAULTS) this.faults.push('and more; mend these first');
  }

  /** A fault as `file:line path: why`. */
  tell({ file, path, why }: Fault): string {
    const source = this.#sources.get(file);
    const where = path.join('.') || 'the file';
    return `${file}:${source ? lineOf(path, source) : 1} ${where}: ${why}`;
  }

  hash(): string {
    return this.#hash.digest('hex').slice(0, 12);
  }

  /** The fingerprint of one file that was read. */
  hashOf(name: string): string {
    return hash('sha256', this.#sources.get(name)?.text ?? '').slice(0, 12);
  }

  /** Aliases are resolved here, and may lead nowhere or far too often. */
  #plain(name: string, document: Document): unknown {
    try {
      return document.toJS();
    } catch (cause) {
      this.add({ file: name, path: [], why: messageOf(cause) });
      return undefined;
    }
  }

  #text(name: string): string | null {
    try {
      const path = join(this.#folder, name);
      if (relative(this.#folder, path).startsWith('..')) throw new Error('it lies outside of the config folder');
      const found = statSync(path);
      // A pipe or a device would be waited for, or never end.
      if (!found.isFile()) throw new Error('it is not a file');
      if (found.size > MAX_BYTES) throw new Error('it is larger than 2 MB');
      return readFileSync(path, 'utf8');
    } catch (cause) {
      this.#note(() => `${name}: cannot be read (${messageOf(cause)})`);
      return null;
    }
  }
}

/**
 * What zod would not notice: keys called `__proto__`, which it drops without a word, and must not vanish from what people
 * reviewed; aliases of what they stand in, which go round for ever; and what is too deep to be walked through.
 */
function unusable(
  plain: unknown,
  path: readonly string[] = [],
  above: readonly unknown[] = [],
): Pick<Fault, 'path' | 'why'>[] {
  if (typeof plain !== 'object' || plain === null) return [];
  if (above.length > MAX_DEPTH) return [{ path: path.slice(0, 3), why: `is nested more than ${MAX_DEPTH} deep` }];
  if (above.includes(plain)) return [{ path, why: 'is an alias of what it stands in; write it out' }];
  return Object.entries(plain).flatMap(([key, value]) => [
    ...(key === '__proto__' ? [{ path: [...path, key], why: 'this name cannot be used here; choose another' }] : []),
    ...unusable(value, [...path, key], [...above, plain]),
  ]);
}

/** Where keys stand that their map has already; the last one would win without a word. */
function repeatedKeys(document: Document): readonly number[] {
  const offsets: number[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (seen.has(name)) offsets.push(key.range?.[0] ?? 0);
        seen.add(name);
      }
    },
  });
  return offsets;
}

/** The line of the key or item at a path, or of the nearest one above it. */
function lineOf(path: Fault['path'], { document, lines }: Source): number {
  for (let length = path.length; length > 0; length--) {
    const offset = offsetOf(path.slice(0, length), document);
    if (offset !== null) return lines.linePos(offset).line;
  }
  return 1;
}

/** Where the key stands, or the item of a list; null where the file has no such place. */
function offsetOf(path: Fault['path'], document: Document): number | null {
  const key = path.at(-1);
  const above: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (isMap(above)) {
    const named = above.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key))?.key;
    return isNode(named) ? (named.range?.[0] ?? null) : null;
  }
  const item: unknown = document.getIn(path, true);
  return isNode(item) ? (item.range?.[0] ?? null) : null;
}
