import { CJK, type Span, spansOf } from '../span.ts';

/** What people call a password, in the languages we meet; also inside of longer names, such as DB_PASSWORD. */
const PASSWORD =
  'passwor[dt]|passwörter|passwd|passphrase|passcode|pwd|kennwort|losungswort|mot de passe|mdp|contraseña|contrasena|' +
  '(?<!palabras? )clave(?: api)?|senha|wachtwoord|hasło|heslo|пароль|密码|密碼|口令|パスワード|비밀번호|암호|' +
  String.raw`(?:client|app|shared|consumer)?[_ \-]?secret(?:[_ \-]?(?:access[_ \-]?)?key)?`;
/** What programs and their people call a key; such words also have other uses, so the value must look like one. */
const KEY =
  String.raw`(?:api|access|account|auth|private|encryption|subscription|license|primary|sharedaccess|product|wifi|wlan)[_ \-]?key|token|` +
  String.raw`api[ \-_]?schlüssel|(?:zugriffs|wlan-?|lizenz|produkt|netzwerk)schlüssel|clé (?:d['’]api|api|secrète)|jeton|credentials?|community|` +
  '密钥|密鑰|秘钥|令牌|アクセスキー|トークン|토큰|токен';
/** Too short to be looked for inside of other words. */
const SHORT_PASSWORD = String.raw`(?<![\p{L}\p{N}])(?:pw|psw|pin|puk)`;
const SHORT_KEY = String.raw`(?<![\p{L}\p{N}])(?:key|pass|auth|sig)`;

/** The rest of a name in a program: `password_prod`, `tokens`. */
const REST = String.raw`(?:[_.\-][\w.\-]{1,24}|\d{1,2}|s|Value|Text)?`;
/** `: `, ` = `, `=>`, after the closing quote or bracket of the name. */
const SETS = String.raw`["'\]\)*]{0,3}\s{0,3}(?:=>|->|[:=：＝])[^\S\n]{0,3}`;
const FILLERS = String.raw`(?:\s(?:now|still|set|changed|reset|to|jetzt|nun|noch|immer|aktuell|auf|again|wieder)){0,3}`;
const SAYS =
  String.raw`(?:\s{1,3}(?:is|was|war|ist|lautet|lautete|est|es|era)${FILLERS}\s{1,3}|` +
  String.raw`\s{0,2}(?:是|为|為|は)\s{0,2}|${FILLERS}\s{1,3}|(?<=${CJK})(?=[\x21-\x7e]))`;
const QUOTED = String.raw`"[^"\n]{1,4000}|'[^'\n]{1,4000}|„[^“”"\n]{1,4000}|“[^”"\n]{1,4000}|«[^»\n]{1,4000}|‚[^‘\n]{1,4000}|「[^」\n]{1,4000}|\x60[^\x60\n]{1,4000}`;
const STOPS = String.raw`\s，。；、！？（）【】「」『』“”„«»`;
const BARE = String.raw`[[^${STOPS}"'\x60<>\|=:]--${CJK}][[^${STOPS}]--${CJK}]+`;
const VALUE = `(?<gone>${QUOTED}|${BARE})`;

const SET_PASSWORD = new RegExp(`(?:${PASSWORD}|${SHORT_PASSWORD})${REST}${SETS}${VALUE}`, 'giv');
const SET_KEY = new RegExp(`(?:${KEY}|${SHORT_KEY})${REST}${SETS}${VALUE}`, 'giv');
const SAID = new RegExp(String.raw`(?:${PASSWORD}|${KEY}|(?<![\p{L}\p{N}])pw)${SAYS}${VALUE}`, 'giv');
/** Password for the scanner: x; also with x in another line. */
const SAID_FOR = new RegExp(
  String.raw`(?:${PASSWORD}|${KEY}|(?<!\p{L})(?:schlüssel|key))(?:\s[\p{L}\p{N}.\-]{1,24}){0,4}${REST}${SETS}\s{0,3}${VALUE}`,
  'giv',
);
const WIRELESS = String.raw`(?:wi-?fi|wlan)[ \-](?:code|key|schlüssel)|(?:code|clé|clave|key) (?:du |del |de la )?(?:wi-?fi|wlan)`;
/** I have set the password of the scanner to x. */
const SAID_LATER = new RegExp(
  String.raw`(?:${PASSWORD}|(?<![\p{L}\p{N}])(?:pw|${WIRELESS}))(?:\s[\p{L}\p{N}.\-]{1,24}){0,7}\s(?:auf|to|as|is|was|war|mit|with|lautet|est|es|era|por)\s${VALUE}`,
  'giv',
);

/** A number that opens something once. */
const CODE =
  String.raw`(?:einmal|bestätigungs|sicherheits|freischalt|entsperr)[ \-]?(?:code|pin|passwort)|` +
  String.raw`(?:verification|backup|recovery|security|one-time|activation|unlock|mfa|2fa|otp|sms)[ \-](?:code|key|pin)|` +
  'code de (?:vérification|secours)|código de (?:verificación|seguridad)|otp|m?tan|pin|puk|验证码|动态码|認証コード|인증번호';
const CODED = new RegExp(
  String.raw`(?<![\p{L}\p{N}])(?:${CODE})(?:\s{0,2}[:=：是为]\s{0,2}|\s(?:is|ist|lautet|war|was|est|es)\s|\s)(?<gone>\d(?:[ \-]?\d){3,11})(?![\p{L}\p{N}])`,
  'giv',
);
const IN_TAG =
  /<[\w:.-]{0,30}(?:password|passwd|pwd|secret|token|api-?key)[\w:.-]{0,30}>(?<gone>[^<>\n]{1,4000})(?=<)/gi;
/** Some words. */
const PHRASE = /passphrase\s{0,2}[:=]\s{0,2}(?<gone>[^\n"'<>]{4,160})/gi;
/** Login: name / password. */
const PAIR =
  /(?:log-?in|zugangsdaten|credentials|identifiants|账号密码|user\/pass(?:word)?)\s{0,2}[:：]\s{0,2}[^\s/]{1,60}\s?\/\s?(?<gone>[^\s/]{4,100})/giu;

/** Secrets that only their label gives away: `Passwort: x`, `api_key=x`, 密码：x. */
export function* labelledSecretsIn(text: string): Generator<Span> {
  for (const span of spansOf(text, SET_PASSWORD, 'SECRET')) yield* valueIn(span, isAbout);
  for (const span of spansOf(text, SET_KEY, 'SECRET')) yield* valueIn(span, isNoKey);
  for (const pattern of [SAID, SAID_FOR, SAID_LATER]) {
    for (const span of spansOf(text, pattern, 'SECRET')) yield* valueIn(span, isProse);
  }
  yield* spansOf(text, CODED, 'SECRET');
  if (text.includes('<')) yield* spansOf(text, IN_TAG, 'SECRET');
  for (const pattern of [PAIR, PHRASE]) yield* spansOf(text, pattern, 'SECRET');
}

const OPENING = /^["'„“«‚「`]\s?/u;
/** Where the next setting of a connection string, a query or an object begins. */
const NEXT_SETTING = /[;&,]\s?["']?[\w. ]{1,30}["']?[=:]|<\//;
const TRAILING = /[.,;:)\]}"'`>|]+$/;
/** A value that only says where the secret is: `${DB_PASSWORD}`, `***`. */
const REFERENCE =
  /^(?:\$\{.*|\$\(.*|\$[A-Z_][A-Z0-9_]*|\$(?:password|passwd|pwd|pass|secret|token|key)|\$env:.*|\{\{.*|%\w+%|[*•.…_-]+|x{3,}|process\.env.*|env\..*|os\.environ.*|vault:.*)$/;

/** The value without its quotes or what a sentence puts behind it. */
function* valueIn(span: Span, isHarmless: (value: string, isQuoted: boolean) => boolean): Generator<Span> {
  const opening = OPENING.exec(span.key)?.[0].length ?? 0;
  const inside = span.key.slice(opening);
  const value = opening > 0 ? inside : bare(inside);
  if (value === '' || REFERENCE.test(value) || isHarmless(value, opening > 0)) return;
  const start = span.start + opening;
  yield { ...span, start, end: start + value.length, key: value };
}

function bare(value: string): string {
  const next = NEXT_SETTING.exec(value)?.index ?? value.length;
  return value.slice(0, next === 0 ? value.length : next).replace(TRAILING, '');
}

/** What follows `password:` where somebody writes about it instead of telling it. */
const ABOUT = new Set(
  (
    'see siehe vgl voir ver the das der die den dem a an is ist not nicht no kein keine none null nil true false yes ja nein reset expired ' +
    'abgelaufen vergessen forgotten forgot oublié olvidada wrong falsch invalid ungültig unknown unbekannt missing fehlt required leer ' +
    'empty policy changed geändert locked gesperrt was wird wurde und and or oder for für in im via per bei with mit string int boolean ' +
    'varchar n/a tbd authentication failed fail passed ok error fehler i ich we wir it es'
  ).split(' '),
);
function isAbout(value: string, isQuoted: boolean): boolean {
  return !isQuoted && ABOUT.has(value.toLowerCase());
}

const HAS_DIGIT = /\d/;
const HAS_LETTER = /\p{L}/u;
const HAS_SIGN = /[!#$%&*@?+^~]/;
/** Error codes, patches, ticket keys, versions, times, dates, amounts, handles, calls, registry keys. */
const TECHNICAL = /^(?:0x[\da-fA-F]+|\p{Lu}{1,10}-?\d+|[vV]?[\d.,:/-]+\p{L}{0,3}|@.*|#\d+|HK.*|.*\(\)?)$/u;
/** The next line of a file of settings. */
const ASSIGNS = /^\w+=/;
const MANY_DIGITS = /^\d{5,}$/;
const MIN_KEY = 6;
/** From here on a value is a key though it has neither digit nor sign. */
const MIN_PLAIN_KEY = 16;
const MIN_SAID = 5;

function isMixed(value: string): boolean {
  return (HAS_DIGIT.test(value) && HAS_LETTER.test(value)) || HAS_SIGN.test(value.slice(0, -1));
}

function isNoKey(value: string, isQuoted: boolean): boolean {
  if (value.length < MIN_KEY || value.includes(' ')) return true;
  if (/^\d+$/.test(value)) return false;
  return TECHNICAL.test(value) || (!isQuoted && !isMixed(value) && value.length < MIN_PLAIN_KEY);
}

/** Whether a word after `password` without a colon is likelier a word than the password. */
function isProse(value: string, isQuoted: boolean): boolean {
  if (isQuoted) return (value.includes(' ') && !isMixed(value)) || ABOUT.has(value.toLowerCase());
  if (MANY_DIGITS.test(value)) return false;
  return value.length < MIN_SAID || !isMixed(value) || TECHNICAL.test(value) || ASSIGNS.test(value);
}
