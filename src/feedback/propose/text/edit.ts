import { isDeepStrictEqual } from 'node:util';
import { Document, isScalar, isSeq, parseDocument, visit } from 'yaml';

type Path = readonly (string | number)[];

/** Nothing is folded, and quotes are single where there is a choice. */
const STYLE = { lineWidth: 0, singleQuote: true } as const;

/**
 * YAML with another string at a path. What is not the string stays byte for byte, comments and formatting included.
 * Throws where the path holds no string.
 */
export function withText(source: string, path: Path, change: (text: string) => string): string {
  const document = parseDocument(source);
  const node = document.getIn(path, true);
  if (!isScalar(node) || !node.range || typeof node.value !== 'string') throw new Error(`no text at ${path.join('.')}`);
  const text = change(node.value);
  const [start, end] = node.range;
  const isBlock = source.slice(start, end).endsWith('\n');
  const spliced = `${source.slice(0, start)}${quoted(text)}${isBlock ? '\n' : ''}${source.slice(end)}`;
  document.setIn(path, text);
  return checked(spliced, document);
}

/** YAML with one more item at the end of the list at a path, which is begun at the end of the file where there is none. */
export function withItem(source: string, path: readonly [string], item: unknown): string {
  const document = parseDocument(source);
  const list = document.getIn(path, true);
  const place = placeFor(source, list);
  append(document, path, item);
  if (!place) return document.toString(STYLE);
  const head = source.slice(0, place.at);
  const gap = head === '' || head.endsWith('\n') ? '' : '\n';
  const key = isSeq(list) ? '' : `\n${path[0]}:\n`;
  return checked(`${head}${gap}${key}${block(item, place.indent)}${source.slice(place.at)}`, document);
}

function append(document: Document, path: readonly [string], item: unknown): void {
  const list = document.getIn(path, true);
  if (isSeq(list)) {
    if (list.items.length === 0) list.flow = false;
    document.addIn(path, item);
    return;
  }
  document.setIn(path, [item]);
}

interface Place {
  readonly at: number;
  readonly indent: number;
}

/** Behind the last item of a list in block style, or behind everything; null for a list in flow style. */
function placeFor(source: string, list: unknown): Place | null {
  if (list === undefined) return { at: source.length, indent: 2 };
  if (!isSeq(list) || list.flow || !list.range) return null;
  const [start, end] = list.range;
  const next = source.indexOf('\n', end - 1);
  return {
    at: next === -1 ? source.length : next + 1,
    indent: start - (source.lastIndexOf('\n', start - 1) + 1),
  };
}

/** What was put in by hand must say what it was meant to; else the whole file is written anew, comments included. */
function checked(spliced: string, meant: Document): string {
  const read = parseDocument(spliced);
  const isMeant = read.errors.length === 0 && isDeepStrictEqual(read.toJS(), meant.toJS());
  return isMeant ? spliced : meant.toString(STYLE);
}

/** One string on one line, in quotes. */
function quoted(text: string): string {
  return /[\p{Cc}\u0085\u2028\u2029]/u.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}

/** A list of one item, its inner maps on one line each, as people write rules. */
function block(item: unknown, indent: number): string {
  const document = new Document([item]);
  visit(document, {
    Map: (_, map, path) => {
      if (path.length > 2) map.flow = true;
    },
  });
  const lines = document.toString(STYLE).trimEnd().split('\n');
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}
