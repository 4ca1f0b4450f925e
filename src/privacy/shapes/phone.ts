import { CJK, type Span, WORDY } from '../span.ts';

/** Digits as people group them. What stands directly before must not be part of the same word or number. */
const CANDIDATE = new RegExp(
  String.raw`(?<!${WORDY}|${WORDY}[.,\/\\#=\-]|[#$€£¥@])(?:\+|\()?\(?\d(?:[ .\-\/\(\)–\u00a0]{0,3}\d){5,17}(?![\d%€£$]|[.,]\d|${WORDY})`,
  'gv',
);
const LABELLED =
  /(?:(?<!\p{L})(?:(?:mobil|dienst|privat|smart)?(?:tel|tél|fon|phone)|mobile?|móvil|movil|cell|handy|fax|call|dial|ring|(?:rück|an)?ruf|festnetz|appele[rz]?|rappele[rz]?|llamar)|电话|手机|座机|传真|号码|致电|拨打|電話|携帯)[\p{L}]{0,8}[.:：)]{0,2}[^\p{L}\p{N}]{0,4}(?:(?:is|me|us|on|at|under|unter|au|le|al|mich|auf|ist|number|no\.|nr\.|nummer|numéro|número|为|是)[ :]{1,2}){0,3}$/iu;
/** Numbers of other things. */
const NUMBERED = /(?:nr|no|nummer|number|id|code|ref|号)[.:#：]{0,2}\s?$/iu;
const BEFORE = 32;
const DIGITS = { min: 7, max: 15 } as const;

/** Shapes that are phone numbers wherever they stand. */
const CERTAIN = [
  // international; +49 (0)30 …
  /^\+\d[\d ().\-/–]{7,}$/,
  // 0049 171 5550123
  /^00[1-9]\d{0,2}[ \-/.(]\d[\d ().\-/–]{6,}$/,
  // North America
  /^(?:1[-. ])?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}$/,
  // 06 12 34 56 78
  /^0\d(?:[ .-]\d{2}){4}$/,
  // mobiles written in one go: Germany, France, Britain
  /^(?:01[567]\d{8,9}|0[67]\d{8}|07\d{9})$/,
  // 0171 5550188, (030) 555 01-99, 089/5550-177, 020 7946 0958, 021-5555 0123
  /^(?:\(0 ?|0)[1-9]\d{0,4}\)?(?: ?[/–-] ?| |\.)\(?\d{2,8}\)?(?:[ /–-]{1,3}\d{1,6}){0,4}$/,
  // Spain
  /^[6-9]\d{2}(?: \d{2}){3}$/,
  /^9\d \d{3} \d{2} \d{2}$/,
  // Chinese mobiles in groups
  /^1[3-9]\d[ -]\d{4}[ -]\d{4}$/,
  /^[48]00-\d{3,4}-\d{3,4}$/,
];
const CHINESE_MOBILE = /^1[3-9]\d{9}$/;
const DATE =
  /^(?:(?:0?[1-9]|[12]\d|3[01])[./-](?:0?[1-9]|[12]\d|3[01])[./-](?:\d{2}|\d{4})|\d{4}[./-][01]?\d[./-][0-3]?\d)(?![.\d])/;
const IS_CJK = new RegExp(CJK, 'v');

export function* phonesIn(text: string): Generator<Span> {
  const isCjk = IS_CJK.test(text);
  for (const { index, 0: candidate } of text.matchAll(CANDIDATE)) {
    const start = index + unclosed(candidate);
    const end = index + candidate.length;
    const raw = withoutTime(text.slice(start, end), text.slice(end, end + 2));
    const before = text.slice(Math.max(0, start - BEFORE), start);
    const isLabelled = LABELLED.test(before);
    if (!isLabelled && !raw.startsWith('+') && NUMBERED.test(before)) continue;
    if (!isPhone(raw, { isLabelled, isCjk })) continue;
    yield { start, end: start + raw.length, kind: 'PHONE', key: raw.replace(/\D/g, '') };
  }
}

/** How many brackets at the beginning belong to the sentence: (0171 5550188). */
function unclosed(candidate: string): number {
  const opened = candidate.split('(').length - candidate.split(')').length;
  return Math.min(Math.max(0, opened), /^\(*/.exec(candidate)?.[0].length ?? 0);
}

/** `0171 5550123 14` before `:30` ends at the space. */
function withoutTime(raw: string, after: string): string {
  return /^:\d/.test(after) ? raw.replace(/[ ]\d{1,2}$/, '') : raw;
}

function isPhone(
  raw: string,
  { isLabelled, isCjk }: { readonly isLabelled: boolean; readonly isCjk: boolean },
): boolean {
  const digits = raw.replace(/\D/g, '').length;
  if (digits < (isLabelled ? DIGITS.min - 1 : DIGITS.min) || digits > DIGITS.max || DATE.test(raw)) return false;
  if (isLabelled) return true;
  if (raw.startsWith('0') && !raw.startsWith('00') && digits < 9) return false;
  return CERTAIN.some((shape) => shape.test(raw)) || (isCjk && CHINESE_MOBILE.test(raw));
}
