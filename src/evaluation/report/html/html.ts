import { oneLine } from './words.ts';

/** Text that is markup already. Only `html` and `stylesheet` make it, so nothing from data can pass for it. */
export interface Markup {
  readonly markup: string;
}

export type Part = string | number | Markup | null | readonly Part[];

/** A template whose every text and number is escaped; markup and lists of it go in as they are, null as nothing. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const markup = texts.map((text, index) => text + render(parts[index] ?? null)).join('');
  return { markup };
}

/** A text from data, kept apart from the reading direction of what surrounds it. */
export function data(text: string): Markup {
  return html`<bdi>${text}</bdi>`;
}

/** A coordinate with one decimal: the same picture on every machine, and never a broken one. */
export function at(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : 0;
}

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return Number.isFinite(part) ? String(part) : '–';
  return 'markup' in part ? part.markup : part.map(render).join('');
}

const ENTITIES = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
  ['`', '&#96;'],
]);

function escapeText(text: string): string {
  return oneLine(text).replace(/[&<>"'`]/g, (character) => ENTITIES.get(character) ?? '');
}
