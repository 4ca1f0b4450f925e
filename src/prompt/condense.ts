import { clip } from './condense/cut.ts';
import { historyIn, lettersIn } from './condense/history.ts';
import { type Piece, piecesOf } from './condense/pieces.ts';
import { render } from './condense/render.ts';
import { signaturesIn } from './condense/signature.ts';
import { collapse, isLogLine, type Line, linesOf, masked, shown } from './condense/tidy.ts';
import { wishList } from './condense/worth.ts';
import { tokensIn } from './tokens.ts';

/** With fewer letters outside of quoted mail and signatures, these are the matter. */
const MIN_MATTER = 40;

/** Share of the wishes kept when together they cost more than their sum. */
const SHRINK = 0.9;

/**
 * A ticket's text in at most `maxTokens` (as `tokensIn` counts): its head, its end and the lines that tell errors, in
 * their order, with what is left out marked. A text that fits is returned whole, but for runs of blank or repeated
 * lines and encoded data. The same text always gives the same.
 */
export function condense(text: string, maxTokens: number): string {
  if (!(maxTokens >= 1)) return '';
  const lines = collapse(linesOf(text), (line) => (isLogLine(line) ? masked(line) : line), { minTimes: 3 });
  const whole = shown(lines);
  if (tokensIn(whole) <= maxTokens) return whole;

  const fewer = collapse(lines, masked, { minTimes: 2 });
  return chosen(piecesOf(fewer), ballastIn(fewer), maxTokens);
}

/** Quoted mail, signatures and disclaimers, by line: left out before anything else, unless they are all there is. */
function ballastIn(lines: readonly Line[]): ReadonlySet<number> {
  const ballast = historyIn(lines.map(({ text }) => text)).union(signaturesIn(lines));
  let matter = 0;
  for (const [index, { text }] of lines.entries()) {
    if (!ballast.has(index)) matter += lettersIn(text);
    if (matter >= MIN_MATTER) return ballast;
  }
  return new Set();
}

function chosen(pieces: readonly Piece[], ballast: ReadonlySet<number>, maxTokens: number): string {
  const wanted = [...pieces.keys()].filter((index) => !ballast.has(pieces[index]?.line ?? -1));
  let wishes = wishList(pieces, wanted, maxTokens);
  while (wishes.length > 0) {
    const result = render(pieces, new Set(wishes));
    if (tokensIn(result) <= maxTokens) return result;
    wishes = wishes.slice(0, Math.floor(wishes.length * SHRINK));
  }
  return clip(pieces[wanted[0] ?? 0]?.text ?? '', maxTokens);
}
