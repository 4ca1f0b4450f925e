import { isRecord, listIn, recordIn, textIn } from '../json.ts';
import type { AdfDocument, RichText } from '../model.ts';

const CODE = /\{(?:code|noformat)(?::[^}]*)?\}\n?([\s\S]*?)\n?\{(?:code|noformat)\}/g;

/** How v3 shows rich text: always an Atlassian Document, or null. */
export function richTextToAdf(text: RichText): AdfDocument | null {
  if (typeof text !== 'string') return text;
  return text.trim() === '' ? null : { type: 'doc', version: 1, content: wikiBlocks(text) };
}

/** How v2, webhooks and changelogs show rich text: always wiki markup, or null. */
export function richTextToWiki(text: RichText): string | null {
  return text === null || typeof text === 'string' ? text : blocksToWiki(listIn(text, 'content'));
}

function wikiBlocks(text: string): object[] {
  const blocks: object[] = [];
  let from = 0;
  for (const match of text.matchAll(CODE)) {
    blocks.push(...paragraphs(text.slice(from, match.index)), codeBlock(match[1] ?? ''));
    from = match.index + match[0].length;
  }
  return [...blocks, ...paragraphs(text.slice(from))];
}

function codeBlock(code: string): object {
  return code === '' ? { type: 'codeBlock' } : { type: 'codeBlock', content: [{ type: 'text', text: code }] };
}

function paragraphs(text: string): object[] {
  const parts = text.split(/\n\s*\n/).map((part) => part.replace(/^\n+|\n+$/g, ''));
  return parts.filter((part) => part.trim() !== '').map(block);
}

function block(part: string): object {
  const heading = /^h([1-6])\.\s+(.+)$/.exec(part);
  if (heading) return { type: 'heading', attrs: { level: Number(heading[1]) }, content: inline(heading[2] ?? '') };
  const lines = part.split('\n');
  if (!lines.every((line) => /^[*-] \S/.test(line))) return { type: 'paragraph', content: inline(part) };
  const items = lines.map((line) => ({
    type: 'listItem',
    content: [{ type: 'paragraph', content: inline(line.slice(2)) }],
  }));
  return { type: 'bulletList', content: items };
}

function inline(text: string): object[] {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, index) => [
    ...(index === 0 ? [] : [{ type: 'hardBreak' }]),
    ...(line === '' ? [] : [{ type: 'text', text: line }]),
  ]);
}

function blocksToWiki(blocks: readonly unknown[]): string {
  return blocks.map(blockToWiki).join('\n\n');
}

function blockToWiki(node: unknown): string {
  if (!isRecord(node)) return '';
  const content = listIn(node, 'content');
  if (node['type'] === 'codeBlock') return `{code}\n${inlineToWiki(content)}\n{code}`;
  if (node['type'] === 'heading') return `h${recordIn(node, 'attrs')['level'] ?? 1}. ${inlineToWiki(content)}`;
  if (node['type'] === 'bulletList') return listToWiki(content, '*');
  if (node['type'] === 'orderedList') return listToWiki(content, '#');
  if (node['type'] === 'rule') return '----';
  const holdsBlocks = content.some((child) => isRecord(child) && Array.isArray(child['content']));
  return holdsBlocks ? blocksToWiki(content) : inlineToWiki(content);
}

function listToWiki(items: readonly unknown[], mark: string): string {
  return items.map((entry) => `${mark} ${isRecord(entry) ? blocksToWiki(listIn(entry, 'content')) : ''}`).join('\n');
}

function inlineToWiki(nodes: readonly unknown[]): string {
  return nodes.map((node) => (isRecord(node) ? leafToWiki(node) : '')).join('');
}

function leafToWiki(node: Readonly<Record<string, unknown>>): string {
  const attrs = recordIn(node, 'attrs');
  if (node['type'] === 'text') return textIn(node, 'text') ?? '';
  if (node['type'] === 'hardBreak') return '\n';
  if (node['type'] === 'mention') return `[~accountid:${textIn(attrs, 'id') ?? ''}]`;
  if (node['type'] === 'emoji') return textIn(attrs, 'shortName') ?? '';
  if (node['type'] === 'inlineCard') return `[${textIn(attrs, 'url') ?? ''}]`;
  return '';
}
