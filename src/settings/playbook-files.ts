import { createHash, hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { messageOf } from '../domain/errors.ts';
import type { Fault } from '../domain/playbook/fault.ts';

interface Source {
  readonly text: string;
  readonly document: Document;
  readonly lines: LineCounter;
}

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
    const document = parseDocument(text, { lineCounter: lines });
    this.#sources.set(name, { text, document, lines });
    if (document.errors.length > 0) {
      this.faults.push(
        ...document.errors.map(
          (error) => `${name}:${lines.linePos(error.pos[0]).line} ${error.message.split('\n')[0]}`,
        ),
      );
      return null;
    }
    const plain = this.#plain(name, document);
    for (const { path, why } of unusable(plain)) this.add({ file: name, path, why });
    const parsed = schema.safeParse(plain);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) {
      this.add({ file: name, path: path.map((key) => (typeof key === 'symbol' ? String(key) : key)), why: message });
    }
    return null;
  }

  add(fault: Fault): void {
    this.faults.push(this.tell(fault));
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
      return readFileSync(join(this.#folder, name), 'utf8');
    } catch (cause) {
      this.faults.push(`${name}: cannot be read (${messageOf(cause)})`);
      return null;
    }
  }
}

/**
 * What zod would not notice: keys called `__proto__`, which it drops without a word, and must not vanish from what people
 * reviewed; and aliases of what they stand in, which go round for ever.
 */
function unusable(
  plain: unknown,
  path: readonly string[] = [],
  above: readonly unknown[] = [],
): Pick<Fault, 'path' | 'why'>[] {
  if (typeof plain !== 'object' || plain === null) return [];
  if (above.includes(plain)) return [{ path, why: 'is an alias of what it stands in; write it out' }];
  return Object.entries(plain).flatMap(([key, value]) => [
    ...(key === '__proto__' ? [{ path: [...path, key], why: 'this name cannot be used here; choose another' }] : []),
    ...unusable(value, [...path, key], [...above, plain]),
  ]);
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
