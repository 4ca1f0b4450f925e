import { isRecord, textIn } from '../json.ts';
import type { AdfDocument } from '../model.ts';

const NODES = new Set(
  [
    'blockCard blockquote blockTaskItem bodiedExtension bulletList caption codeBlock date decisionItem decisionList',
    'doc embedCard emoji expand extension hardBreak heading inlineCard inlineExtension layoutColumn layoutSection',
    'listItem media mediaGroup mediaInline mediaSingle mention nestedExpand orderedList panel paragraph placeholder',
    'rule status table tableCell tableHeader tableRow taskItem taskList text',
  ].flatMap((line) => line.split(' ')),
);

const MARKS = new Set(
  'alignment backgroundColor border code em indentation link strike strong subsup textColor underline'.split(' '),
);

/** Is this a document v3 takes: right root, known nodes, no empty text, no marks where none may be? */
export function isDocument(value: unknown): value is AdfDocument {
  if (!isRecord(value)) return false;
  if (value['type'] !== 'doc' || value['version'] !== 1 || !Array.isArray(value['content'])) return false;
  return value['content'].every((node) => isNode(node, 'doc'));
}

function isNode(node: unknown, parent: string): boolean {
  if (!isRecord(node)) return false;
  const type = textIn(node, 'type');
  if (type === undefined || type === 'doc' || !NODES.has(type)) return false;
  if (type === 'text') return isText(node, parent);
  const { content } = node;
  if (content === undefined) return true;
  return Array.isArray(content) && content.every((child) => isNode(child, type));
}

function isText(node: Readonly<Record<string, unknown>>, parent: string): boolean {
  if (parent === 'doc' || (textIn(node, 'text') ?? '') === '') return false;
  const { marks } = node;
  if (marks === undefined) return true;
  if (!Array.isArray(marks)) return false;
  const types = marks.map((mark) => (isRecord(mark) ? textIn(mark, 'type') : undefined));
  if (types.some((type) => type === undefined || !MARKS.has(type))) return false;
  if (parent === 'codeBlock' && types.length > 0) return false;
  return !types.includes('code') || types.every((type) => type === 'code' || type === 'link');
}
