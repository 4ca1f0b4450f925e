import jira2md from 'jira2md';
import { z } from 'zod';

/** Deeper documents are hostile or broken; what lies below is left out. */
const MAX_DEPTH = 100;
const MAX_TEXT = 60_000;

const Node = z.looseObject({
  type: z.string().optional(),
  text: z.string().optional(),
  attrs: z
    .looseObject({
      text: z.string().optional(),
      shortName: z.string().optional(),
      url: z.string().optional(),
      title: z.string().optional(),
    })
    .optional(),
  content: z.array(z.unknown()).optional(),
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
  const parts: string[] = [];
  walk(value, parts, 0);
  return tidy(parts.join(''));
}

/** Wiki markup, as Data Center, CSV exports and webhook bodies hold it, to plain text. */
export function wikiToText(wiki: string): string {
  return tidy(jira2md.to_markdown(wiki.slice(0, MAX_TEXT)));
}

/** An Atlassian document of plain paragraphs; nothing in them is read as markup, mention or link. */
export function documentOf(paragraphs: readonly string[]) {
  return {
    type: 'doc',
    version: 1,
    content: paragraphs.map((text) => ({ type: 'paragraph', content: [{ type: 'text', text }] })),
  };
}

function walk(value: unknown, parts: string[], depth: number): void {
  const node = Node.safeParse(value).data;
  if (!node || depth > MAX_DEPTH) return;
  parts.push(ownText(node));
  for (const child of node.content ?? []) walk(child, parts, depth + 1);
  if (node.type && BLOCKS.has(node.type)) parts.push('\n');
  if (node.type === 'tableCell' || node.type === 'tableHeader') parts.push(' ');
}

/** What the node itself says, apart from its children. */
function ownText({ type, text, attrs }: z.infer<typeof Node>): string {
  switch (type) {
    case 'hardBreak':
      return '\n';
    case 'mention':
    case 'status':
    case 'date':
      return attrs?.text ?? '';
    case 'emoji':
      return attrs?.text ?? attrs?.shortName ?? '';
    case 'inlineCard':
    case 'blockCard':
    case 'embedCard':
      return attrs?.url ?? '';
    case 'media':
    case 'mediaInline':
      return '[attachment]';
    case 'expand':
    case 'nestedExpand':
      return attrs?.title ? `${attrs.title}\n` : '';
    default:
      return text ?? '';
  }
}

function tidy(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(/[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
