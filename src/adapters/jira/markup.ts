import jira2md from 'jira2md';
import { z } from 'zod';

/** Deeper documents are hostile or broken; what lies below is left out. */
const MAX_DEPTH = 100;
const MAX_TEXT = 60_000;

/** More nodes than people write; the text ends there. */
const MAX_NODES = 20_000;

/** jira2md takes cubic time on hostile markup, so it gets single lines of bounded length; longer ones stay as they are. */
const MAX_WIKI_LINE = 400;
const MAX_WIKI_LINES = 500;
/** From each of these it looks for a bar, and from there for the end. */
const MAX_BRACKETS = 30;

const Node = z.looseObject({
  type: z.string().optional().catch(undefined),
  text: z.string().optional().catch(undefined),
  attrs: z.record(z.string(), z.unknown()).catch({}).default({}),
  content: z.array(z.unknown()).optional().catch(undefined),
});

const BLOCKS = new Set([
  'paragraph',
  'heading',
  'codeBlock',
  'blockquote',
  'listItem',
  'tableRow',
  'panel',
  'rule',
  'taskItem',
  'decisionItem',
  'expand',
  'nestedExpand',
]);

/** Plain text of what Jira holds in a rich-text field: an Atlassian document, wiki markup, or nothing. */
export function plainText(value: unknown): string {
  if (typeof value === 'string') return wikiToText(value);
  const page: Page = { parts: [], room: MAX_TEXT, nodes: MAX_NODES };
  walk(value, page, 0);
  return tidy(page.parts.join(''));
}

/** Marks of blocks that span lines, which converting line by line leaves standing. */
const BLOCK_MARKS = /\{(?:code|noformat|quote|panel|color)(?::[^}\n]{0,200})?\}/g;

/** jira2md takes exponential time on heads of tables, and on code that is opened with a title and never closed. */
const BARS = /\|{2,}/g;
const OPENED_CODE = /\{code/g;

/** Wiki markup, as Data Center, CSV exports and webhook bodies hold it, to plain text. */
export function wikiToText(wiki: string): string {
  const bounded = wiki.slice(0, MAX_TEXT).replace(BLOCK_MARKS, '').replace(OPENED_CODE, '').replace(BARS, '|');
  const lines = bounded.split('\n');
  const isPlain = (line: string, index: number) =>
    line.length > MAX_WIKI_LINE || index >= MAX_WIKI_LINES || line.split('[').length > MAX_BRACKETS;
  return tidy(lines.map((line, index) => (isPlain(line, index) ? line : jira2md.to_markdown(line))).join('\n'));
}

/** An Atlassian document of plain paragraphs; nothing in them is read as markup, mention or link. */
export function documentOf(paragraphs: readonly string[]) {
  return {
    type: 'doc',
    version: 1,
    content: paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
  };
}

interface Page {
  readonly parts: string[];
  /** Characters that may still be written. */
  room: number;
  /** Nodes that may still be looked at. */
  nodes: number;
}

function walk(value: unknown, page: Page, depth: number): void {
  if (depth > MAX_DEPTH || page.room <= 0 || page.nodes <= 0) return;
  page.nodes -= 1;
  const node = Node.safeParse(value).data;
  if (!node) return;
  write(page, ownText(node));
  for (const child of node.content ?? []) walk(child, page, depth + 1);
  if (node.type && BLOCKS.has(node.type)) write(page, '\n');
  if (node.type === 'tableCell' || node.type === 'tableHeader') write(page, ' ');
}

function write(page: Page, text: string): void {
  page.parts.push(text.slice(0, page.room));
  page.room -= text.length;
}

/** What the node itself says, apart from its children. */
function ownText({ type, text, attrs }: z.infer<typeof Node>): string {
  switch (type) {
    case 'hardBreak':
      return '\n';
    case 'mention':
    case 'status':
    case 'date':
      return attribute(attrs, 'text');
    case 'emoji':
      return attribute(attrs, 'text') || attribute(attrs, 'shortName');
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return attribute(attrs, 'url');
    case 'media':
    case 'mediaInline':
      return '[attachment]';
    case 'expand':
    case 'nestedExpand':
      return `${attribute(attrs, 'title')}\n`;
    default:
      return text ?? '';
  }
}

function attribute(attrs: Readonly<Record<string, unknown>>, name: string): string {
  const value = Object.hasOwn(attrs, name) ? attrs[name] : '';
  return typeof value === 'string' ? value : '';
}

/** No spaces at line ends, no more than one empty line. Line by line, since a pattern would take quadratic time. */
function tidy(text: string): string {
  const lines = text
    .slice(0, MAX_TEXT)
    .split('\n')
    .map((line) => line.trimEnd());
  return lines
    .filter((line, index) => line !== '' || lines[index - 1] !== '')
    .join('\n')
    .trim();
}
