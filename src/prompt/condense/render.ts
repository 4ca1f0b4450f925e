import { CUT } from './cut.ts';
import type { Piece } from './pieces.ts';

/** Most that the marks around one gap add, in tokens. */
export const MARK_TOKENS = 12;

/** The kept pieces in their order; lines left out are counted, parts of a line marked. */
export function render(pieces: readonly Piece[], kept: ReadonlySet<number>): string {
  const keptLines = new Set([...kept].map((index) => pieces[index]?.line));
  const parts: string[] = [];
  let gap: Gap = NO_GAP;
  let lastLine = -1;
  for (const [index, piece] of pieces.entries()) {
    if (kept.has(index)) {
      parts.push(seam(piece, gap, lastLine), piece.text);
      gap = NO_GAP;
      lastLine = piece.line;
    } else if (piece.line === lastLine) {
      gap = { ...gap, isLineCut: true };
    } else if (piece.lead !== '' && !keptLines.has(piece.line)) {
      gap = { ...gap, missing: gap.missing + piece.stands };
    }
  }
  return [...parts, gap.isLineCut ? ` ${CUT}` : '', gap.missing > 0 ? `\n${markOf(gap.missing)}` : ''].join('');
}

interface Gap {
  /** Whole lines left out. */
  readonly missing: number;
  /** Whether the line before lost its end. */
  readonly isLineCut: boolean;
}

const NO_GAP: Gap = { missing: 0, isLineCut: false };

/** What comes before a kept piece; `lastLine` is the line of the last kept one, -1 when there is none. */
function seam({ line, lead }: Piece, { missing, isLineCut }: Gap, lastLine: number): string {
  if (line === lastLine) return isLineCut ? ` ${CUT} ` : '';
  const isFirst = lastLine < 0;
  const isBeginCut = lead === '';
  if (missing === 0 && !isLineCut && !isBeginCut) return isFirst ? '' : lead;
  return [
    isLineCut ? ` ${CUT}` : '',
    isFirst ? '' : '\n',
    missing > 0 ? `${markOf(missing)}\n` : '',
    isBeginCut ? `${CUT} ` : '',
  ].join('');
}

function markOf(lines: number): string {
  return lines === 1 ? '[… 1 line left out]' : `[… ${lines} lines left out]`;
}
