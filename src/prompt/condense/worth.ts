import { weigh } from '../tokens.ts';
import type { Piece } from './pieces.ts';
import { MARK_TOKENS } from './render.ts';
import { masked } from './tidy.ts';

/** Up to which share of the budget each kind may fill what is taken so far. People put the matter first. */
const SHARES = { head: 0.4, tail: 0.55, errors: 0.85, rest: 1 } as const;

/** A line end costs a token at most. */
const LINE_END_TOKENS = 1.1;

/** In the rest, this many pieces in a row may be too big before nothing more is tried. */
const MAX_MISSES = 4;

/**
 * Which of the wanted pieces to keep, the most telling first: the head, the end, the lines that tell errors, then more
 * of the head; deep stack frames and dumps last. Together they cost about `maxTokens`; empty when not even the first
 * fits.
 */
export function wishList(pieces: readonly Piece[], wanted: readonly number[], maxTokens: number): number[] {
  const lows = lowPieces(pieces);
  const telling = wanted.filter((index) => !lows.has(index));
  const basket = emptyBasket(pieces);
  const first = telling[0] ?? wanted[0];
  if (first === undefined || !take(basket, first, maxTokens)) return [];

  takeWhile(basket, telling, { limit: SHARES.head * maxTokens, misses: 0 });
  takeWhile(basket, telling.toReversed(), { limit: SHARES.tail * maxTokens, misses: 0 });
  takeWhile(basket, errorsAmong(pieces, telling), { limit: SHARES.errors * maxTokens, misses: MAX_MISSES });
  takeWhile(basket, telling, { limit: SHARES.rest * maxTokens, misses: MAX_MISSES });
  takeWhile(basket, wanted, { limit: SHARES.rest * maxTokens, misses: MAX_MISSES });
  fillGaps(basket, wanted);
  return [...basket.taken];
}

interface Basket {
  readonly pieces: readonly Piece[];
  /** In the order taken. */
  readonly taken: Set<number>;
  spent: number;
}

function emptyBasket(pieces: readonly Piece[]): Basket {
  return { pieces, taken: new Set(), spent: MARK_TOKENS };
}

function takeWhile(basket: Basket, indices: readonly number[], { limit, misses }: { limit: number; misses: number }) {
  let missed = 0;
  for (const index of indices) {
    if (take(basket, index, limit)) missed = 0;
    else if (++missed > misses) return;
  }
}

/** Whether the piece is in the basket now; it is not when that would cost more than the limit. */
function take(basket: Basket, index: number, limit: number): boolean {
  if (basket.taken.has(index)) return true;
  const { pieces, taken } = basket;
  const neighbours = [index - 1, index + 1].filter((at) => at < 0 || at >= pieces.length || taken.has(at)).length;
  const cost = weigh(pieces[index]?.text ?? '') + LINE_END_TOKENS + (1 - neighbours) * MARK_TOKENS;
  if (basket.spent + cost > limit) return false;
  basket.spent += cost;
  taken.add(index);
  return true;
}

/** A mark costs about this; what costs less is shown instead. */
const GAP_TOKENS = 8;
const GAP_PIECES = 3;

/** Takes what lies between two taken pieces when it costs no more than the mark in its place. */
function fillGaps({ pieces, taken }: Basket, wanted: readonly number[]): void {
  const fitting = new Set(wanted);
  for (const start of [...taken]) {
    const gap: number[] = [];
    let tokens = 0;
    for (let at = start + 1; fitting.has(at) && !taken.has(at) && gap.length <= GAP_PIECES; at++) {
      gap.push(at);
      tokens += weigh(pieces[at]?.text ?? '') + LINE_END_TOKENS;
    }
    if (tokens <= GAP_TOKENS && taken.has(start + gap.length + 1)) for (const at of gap) taken.add(at);
  }
}

/** As Java, JavaScript, Python and .NET in several languages write them; prose such as "in SAP (VA01)" is none. */
const FRAME =
  /^\s{0,40}(?:\[\w{1,20}\]\s{0,4}(?:\d?>\s{0,4})?)?(?:\((?:[\w$]{1,100}\.\w{1,10}:\d+|Unknown Source|Native Method)\)$|at [\w$<>]{1,100}\.[\w$.<>]{1,200}$|(?:at|bei|in|à|en|в)\s(?=\S{0,200}[.<]\w|[^()]{0,200}\([^()]{0,300}:\d)(?:async\s|new\s)?[\w$.<>`[\]@/+~:-]{3,300}\s?\(|(?:at|bei)\s\S{3,300}:\d+|在\s?[\w$.<>`[\]@/+~:-]{3,300}\(|File "[^"]{1,300}", line \d|\.{3} \d+ (?:more|common frames))/;

const MIN_FRAME = 8;

function isFrame(text: string): boolean {
  return text.length >= MIN_FRAME && FRAME.test(text);
}

/** Frames of a trace that are shown before the others count as deep. */
const SHALLOW_FRAMES = 2;

/** Deep stack frames and lines of hardly any letters: separators, dumps. */
function lowPieces(pieces: readonly Piece[]): ReadonlySet<number> {
  const lows = new Set<number>();
  let frames = 0;
  for (const [index, { text }] of pieces.entries()) {
    frames = isFrame(text) ? frames + 1 : 0;
    if (frames > SHALLOW_FRAMES || isNoise(text)) lows.add(index);
  }
  return lows;
}

const MIN_NOISE = 5;
/** Dumps and tables of numbers have fewer letters than this among what is not a space. */
const MIN_LETTERS = 0.35;

function isNoise(text: string): boolean {
  let letters = 0;
  let others = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x20 || code === 0x09) continue;
    if (code > 0x7f || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)) letters++;
    else others++;
  }
  return letters + others >= MIN_NOISE && letters < MIN_LETTERS * (letters + others);
}

const CAUSES =
  /caused by|exception|fatal|panic|traceback|segmentation fault|\bORA-\d{4,5}|exit (?:code|status)\W{0,3}[1-9-]|(?:http(?:\/\d\.\d)?|status|code)\D{0,12}\b[45]\d\d\b|\b0x8[0-9a-f]{7}\b|verursacht durch|ausnahme|异常|錯誤碼|错误代码|例外/iu;
const FAILURES =
  /error|fail(?!-?over)|denied|refused|rejected|time[d-]?\s?out|unable to|cannot|unauthori[sz]ed|forbidden|expired|crash|corrupt|unreachable|abort|fehler|fehlgeschlagen|abgelehnt|verweigert|gesperrt|abgelaufen|zeitüberschreitung|abgestürzt|abgebrochen|erreur|échec|échou|refusé|fallo|falló|denegad|rechazad|caducad|falha|erro\b|errore|ошибк|отказ|错误|失败|报错|拒绝|超时|崩溃|无法|錯誤|失敗|異常|拒絕|逾時|エラー|拒否|タイムアウト|오류|실패/iu;
const NONE_FAILED = /\b(?:0|no|keine?|ohne|without)\s(?:error|exception|fehler|fail)/i;

/** What `collapse` adds. */
const REPEATED = / \((?:these \d+ lines )?×\d+\)$/;

/** Pieces that tell an error, causes first, each wording once. */
function errorsAmong(pieces: readonly Piece[], telling: readonly number[]): number[] {
  const causes: number[] = [];
  const failures: number[] = [];
  const seen = new Set<string>();
  for (const index of telling) {
    const { text } = pieces[index] ?? { text: '' };
    const isCause = CAUSES.test(text);
    if ((!isCause && !FAILURES.test(text)) || isFrame(text) || NONE_FAILED.test(text)) continue;
    const wording = masked(text.replace(REPEATED, ''));
    if (!seen.has(wording)) (isCause ? causes : failures).push(index);
    seen.add(wording);
  }
  return [...causes, ...failures];
}
