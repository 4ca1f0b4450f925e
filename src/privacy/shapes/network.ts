import { isIPv6 } from 'node:net';
import { type Span, spansOf, WORDY } from '../span.ts';

const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(
  String.raw`(?<!${WORDY}|\d\.|\p{L}-|\+)${OCTET}(?:\.${OCTET}){3}(?![\d]|\.\d|-\p{L}|${WORDY})`,
  'gv',
);
const IPV6 = new RegExp(String.raw`(?<![${WORDY}:.])(?:[\da-f]{0,4}:){2,7}[\da-f]{0,4}(?![${WORDY}:])`, 'giv');
const MAC = new RegExp(
  String.raw`(?<![${WORDY}:\-])[\da-f]{2}(?<joint>[:\-])(?:[\da-f]{2}\k<joint>){4}[\da-f]{2}(?![${WORDY}\-]|:\w)`,
  'giv',
);
/** Cisco's way; a letter tells it from a version. */
const MAC_DOTTED = /(?<![\w.])(?=[\d.]{0,13}[a-f])[\da-f]{4}\.[\da-f]{4}\.[\da-f]{4}(?![\w]|\.\w)/gi;
const MAC_PLAIN = /(?<=\b(?:mac|bssid|ethernet)[\s:=-]{1,3}(?:id|address|adresse)?[\s:=-]{0,3})[\da-f]{12}(?!\w)/gi;

const MIN_IPV6 = 6;
/** Bare numbers below this are likelier a version: products count slowly. */
const VERSIONS_BELOW = 32;
const BEFORE = 40;
const SAYS_VERSION =
  /(?:versi[oó]n|(?<!\p{L})(?:vers?\.?|v|fw|rel\.|stand)|build|firmware|release|patch|update|treiber|driver|pilote|software|rule|regel|policy|section|abschnitt|kapitel|clause|版本|固件|驱动|补丁|升级到|バージョン)[\s:=(]{0,3}(?:(?:is|ist|auf|from|von|to|nach|号|为)\s?)?$/iu;
const SAYS_ADDRESS =
  /(?:\bip(?:v4)?\b|addr|adress|dirección|host|server|serveur|servidor|gateway|passerelle|router|switch|dns|proxy|ping|nslookup|tracert|telnet|ssh|subnet|client ip|地址|服务器|网关|主机|サーバ|アドレス)[^.\n]{0,24}$|(?:\b(?:from|von|at|on|auf|to|via|to|between|and|und|desde|depuis|sur|en|an)|\/\/|[([,]|从|到|在)\s?$/iu;
const PORT_OR_MASK = /^(?::\d{2,5}|\/\d{1,2})(?!\d)/;
const PRIVATE = /^(?:10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
/** Nobody's address: everywhere, nowhere, masks, this machine. */
const NOBODY = /^(?:0\.0\.0\.0|127\.0\.0\.1|255\.)/;

export function* addressesIn(text: string): Generator<Span> {
  if (/\d\.\d/.test(text)) for (const span of spansOf(text, IPV4, 'IP')) if (isAddress(span, text)) yield span;
  if (/[\da-f]{2}[:-][\da-f]{2}[:-]/i.test(text)) for (const span of spansOf(text, MAC, 'MAC')) yield named(span);
  if (!/[\da-f]:[:\da-f]/i.test(text)) return;
  for (const span of spansOf(text, IPV6, 'IP')) {
    if (span.key.length >= MIN_IPV6 && /\d/.test(span.key) && isIPv6(span.key)) yield named(span);
  }
}

export function* dottedMacsIn(text: string): Generator<Span> {
  for (const pattern of [MAC_DOTTED, MAC_PLAIN]) for (const span of spansOf(text, pattern, 'MAC')) yield named(span);
}

function named(span: Span): Span {
  return {
    ...span,
    key: span.kind === 'MAC' ? span.key.replace(/[^\da-f]/gi, '').toLowerCase() : span.key.toLowerCase(),
  };
}

/** Four numbers and three points are an address or a version: what stands around them decides. */
function isAddress({ start, end, key }: Span, text: string): boolean {
  if (NOBODY.test(key)) return false;
  const before = text.slice(Math.max(0, start - BEFORE), start);
  if (PORT_OR_MASK.test(text.slice(end, end + 7))) return true;
  if (SAYS_VERSION.test(before)) return false;
  if (PRIVATE.test(key) || Number.parseInt(key, 10) >= VERSIONS_BELOW) return true;
  return SAYS_ADDRESS.test(before) || !/[\p{L}@]\s?$/u.test(before);
}
