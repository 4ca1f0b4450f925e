import { tokensIn } from '../tokens.ts';

/** Stands where a part of a line is left out. */
export const CUT = '[…]';

/** The index itself, or one less where it would halve a surrogate pair. */
export function cutAt(text: string, index: number): number {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(Math.max(0, index - 1), index + 1)) ? index - 1 : index;
}

/** The longest beginning of a text that costs no more than this, marked when it is not all and there is room. */
export function clip(text: string, maxTokens: number): string {
  for (const mark of [` ${CUT}`, '']) {
    const kept = text.slice(0, fittingLength(text, mark, maxTokens)).trimEnd();
    if (kept !== '' && tokensIn(`${kept}${mark}`) <= maxTokens) return `${kept}${mark}`;
  }
  return '';
}

function fittingLength(text: string, mark: string, maxTokens: number): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (tokensIn(`${text.slice(0, cutAt(text, middle))}${mark}`) <= maxTokens) low = middle;
    else high = middle - 1;
  }
  return cutAt(text, low);
}
