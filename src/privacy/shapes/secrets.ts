import { type Span, spansOf } from '../span.ts';

/** Tokens that tell by their first letters whose they are. */
const PREFIXED = [
  // clouds
  '(?:AKIA|ASIA|AROA|AIDA|ABIA|ACCA)[A-Z0-9]{16}',
  'LTAI[A-Za-z0-9]{12,30}',
  'AKID[A-Za-z0-9]{13,40}',
  String.raw`AIza[\w\-]{30,40}`,
  String.raw`ya29\.[\w\-]{20,}`,
  String.raw`GOCSPX-[\w\-]{20,}`,
  String.raw`[\w~.\-]{3}8Q~[\w~.\-]{30,40}`,
  'do[opr]_v1_[a-f0-9]{32,}',
  // code and packages
  'gh[pousr]_[A-Za-z0-9]{20,}',
  String.raw`github_pat_\w{20,}`,
  String.raw`gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|oas|soat|ffct)-[\w\-]{16,}`,
  'npm_[A-Za-z0-9]{30,}',
  String.raw`pypi-[\w\-]{30,}`,
  String.raw`dckr_(?:pat|oat)_[\w\-]{20,}`,
  String.raw`hvs\.[\w\-]{20,}`,
  String.raw`glsa_\w{20,}`,
  // chat, mail, money, tickets
  String.raw`xox[a-z]-[\w\-]{10,}`,
  String.raw`xapp-[\w\-]{10,}`,
  String.raw`SG\.[\w\-]{16,}\.[\w\-]{16,}`,
  '(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}',
  'whsec_[A-Za-z0-9]{20,}',
  String.raw`AT(?:ATT|CTT)3[\w\-=]{20,}`,
  'ATBB[A-Za-z0-9]{24,}',
  'shp(?:at|ca|pa|ss)_[a-f0-9]{32}',
  // models
  String.raw`sk-(?=[\w\-]{0,40}\d)[\w\-]{20,}`,
  'hf_[A-Za-z]{30,}',
  'gsk_[A-Za-z0-9]{40,}',
  // JSON web tokens
  String.raw`eyJ[\w\-]{6,}(?:\.[\w\-]*){1,4}`,
];

const TOKEN = new RegExp(`(?<![A-Za-z0-9_])(?:${PREFIXED.join('|')})`, 'g');

const IN_ADDRESS = [
  // https://user:password@host and scott/tiger@host
  /(?<![a-z])[a-z][a-z0-9+.-]{1,24}:\/\/[^\s/:@]{0,64}:(?<gone>[^\s/@]{1,200})(?=@)/gi,
  /(?<![a-z])(?:thin:|sqlplus |sqlldr |impdp |expdp )[^\s/@]{1,64}\/(?<gone>[^\s@]{1,200})(?=@)/gi,
  /hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/(?<gone>[A-Za-z0-9/]{10,200})/g,
  /webhook\.office\.com\/webhookb2\/(?<gone>[\w@/-]{20,300})/g,
  /[?&](?:sig|signature|token|access_token|api_key|apikey|key|code)=(?<gone>[\w%.~+/=-]{12,2000})/gi,
];

const IN_HEADER = [
  /\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?(?:[a-z]{2,20} )?(?!(?:bearer|basic|token|apikey|digest|negotiate)\b)(?<gone>[\w+/.~=:-]{6,4000})/gi,
  /\b(?:bearer|basic|apikey)\s{1,3}(?=[a-z+/_.~-]{0,200}[\d=])(?<gone>[\w+/.~=-]{8,4000})/gi,
  /(?<![\w-])(?:-u|--user)[ =]["']?[^\s:"']{1,64}:(?<gone>[^\s"']{1,200})/g,
  /\b[a-z_.-]{0,20}(?:sess(?:ion)?(?:_?id)?|connect\.sid|(?:xsrf|csrf)[_-]?token)=(?<gone>[\w%.~+/=:-]{8,4000})/gi,
  // Windows and Office
  /(?<![\w-])(?:[A-Z0-9]{5}-){4}[A-Z0-9]{5}(?![\w-])/g,
  // BitLocker
  /(?<![\d-])\d{6}(?:-\d{6}){7}(?![\d-])/g,
];

/** Secrets that show by their shape alone. */
export function* secretsIn(text: string): Generator<Span> {
  yield* privateKeysIn(text);
  for (const pattern of [TOKEN, ...IN_HEADER]) yield* spansOf(text, pattern, 'SECRET');
  if (text.includes('@') || text.includes('=') || text.includes('hook'))
    for (const pattern of IN_ADDRESS) yield* spansOf(text, pattern, 'SECRET');
  for (const span of spansOf(text, LONG_RUN, 'SECRET')) if (looksRandom(span.key)) yield span;
}

const KEY_BEGINS = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_ENDS = /-----END [A-Z0-9 ]{1,50}-----/g;
/** Lines of base64, for a key whose end was cut off; in source text line ends may be written as `\n`. */
const KEY_BODY = /(?:(?:\s|\\[nr]|["'+])*[A-Za-z0-9+/=]{16,})*/y;

function* privateKeysIn(text: string): Generator<Span> {
  const ends = [...text.matchAll(KEY_ENDS)].map((match) => match.index + match[0].length);
  const begins = [...text.matchAll(KEY_BEGINS)];
  let at = 0;
  for (const [index, begin] of begins.entries()) {
    const inside = begin.index + begin[0].length;
    while ((ends[at] ?? Number.POSITIVE_INFINITY) <= inside) at += 1;
    const nextBegin = begins[index + 1]?.index ?? text.length;
    const closed = ends[at];
    const end = closed !== undefined && closed <= nextBegin ? closed : inside + bodyLength(text, inside);
    yield { start: begin.index, end, kind: 'SECRET', key: text.slice(begin.index, end) };
  }
}

function bodyLength(text: string, from: number): number {
  KEY_BODY.lastIndex = from;
  return KEY_BODY.exec(text)?.[0].length ?? 0;
}

const LONG_RUN = /(?<![\w+/=-])[A-Za-z0-9+/_-]{40,}={0,2}/g;
const MIN_LETTERS = 5;
const MIN_DIGITS = 3;
/** How often the kind of character changes, per character: base64 has about 0.6, words and paths below 0.3. */
const MIN_CHANGES = 0.42;

/** Whether a long run is more likely a key than a path, a class name or a checksum. */
function looksRandom(run: string): boolean {
  const counts = { upper: 0, lower: 0, digit: 0, other: 0 };
  let changes = 0;
  let before: keyof typeof counts | null = null;
  for (const character of run) {
    const now = kindOf(character);
    counts[now] += 1;
    if (before !== null && now !== before) changes += 1;
    before = now;
  }
  const isMixed = counts.upper >= MIN_LETTERS && counts.lower >= MIN_LETTERS && counts.digit >= MIN_DIGITS;
  return isMixed && changes / run.length >= MIN_CHANGES;
}

function kindOf(character: string): 'upper' | 'lower' | 'digit' | 'other' {
  if (character >= 'a' && character <= 'z') return 'lower';
  if (character >= 'A' && character <= 'Z') return 'upper';
  return character >= '0' && character <= '9' ? 'digit' : 'other';
}
