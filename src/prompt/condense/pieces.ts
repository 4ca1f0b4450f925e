import { cutAt } from './cut.ts';
import type { Line } from './tidy.ts';

/** What is kept or left out as one: a line, or a sentence or so of a long line. */
export interface Piece {
  readonly text: string;
  /** Index of its line. */
  readonly line: number;
  /** What separates it from the piece before; nothing inside a line. */
  readonly lead: '' | '\n' | '\n\n';
  /** Lines of the ticket that its line stands for. */
  readonly stands: number;
}

const MAX_PIECE = 240;
const MIN_PIECE = 80;

/** Every line as one piece or, when long, as several that joined give the line. */
export function piecesOf(lines: readonly Line[]): Piece[] {
  return lines.flatMap(({ text, stands, isParagraph }, line) =>
    partsOf(text).map(
      (part, index): Piece => ({ text: part, line, stands, lead: index > 0 ? '' : isParagraph ? '\n\n' : '\n' }),
    ),
  );
}

function partsOf(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  while (text.length - start > MAX_PIECE) {
    const end = start + breakIn(text.slice(start, start + MAX_PIECE + 1));
    parts.push(text.slice(start, end));
    start = end;
  }
  return [...parts, text.slice(start)];
}

/** Where to break a stretch that is too long: behind a sentence, else behind a space, else anywhere. */
function breakIn(stretch: string): number {
  let space = -1;
  for (let end = MAX_PIECE; end >= MIN_PIECE; end--) {
    const before = stretch[end - 1] ?? '';
    if ('。！？；'.includes(before) || (before === ' ' && '.!?;:'.includes(stretch[end - 2] ?? ' '))) return end;
    if (before === ' ' && space < 0) space = end;
  }
  return space > 0 ? space : cutAt(stretch, MAX_PIECE);
}
