import { type Span, WORDY } from '../span.ts';

/** How long an IBAN is, by country. */
const IBAN_LENGTHS = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 ' +
    'GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 ' +
    'MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const IBAN_BEGINS = new RegExp(String.raw`(?<!${WORDY})[a-z]{2}[ ]?\d{2}(?=[ \-.]?[a-z\d])`, 'giv');
const CONTINUES = /[a-z\d]/i;
const JOINT = /[ \-.\u00a0]/;

/** International bank account numbers: right length for their country, right check digits; mostly digits, or VA01 … is one. */
export function* ibansIn(text: string): Generator<Span> {
  for (const { index, 0: begin } of text.matchAll(IBAN_BEGINS)) {
    const length = IBAN_LENGTHS.get(begin.slice(0, 2).toUpperCase());
    const end = length === undefined ? null : endOf(text, index, { length, isPart: CONTINUES });
    if (end === null) continue;
    const key = text
      .slice(index, end)
      .replace(/[^a-z\d]/gi, '')
      .toUpperCase();
    const isMostlyDigits = key.replace(/\D/g, '').length * 2 > key.length;
    if (isMostlyDigits && remainder97(key) === 1) yield { start: index, end, kind: 'IBAN', key };
  }
}

/** Where so many characters from `start` on end, single joints between them not counted; null when they do not. */
function endOf(
  text: string,
  start: number,
  { length, isPart }: { readonly length: number; readonly isPart: RegExp },
): number | null {
  let count = 0;
  let wasJoint = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isPart.test(character)) {
      count += 1;
      wasJoint = false;
    } else if (wasJoint || !JOINT.test(character)) {
      return null;
    } else {
      wasJoint = true;
    }
    if (count === length) return isPart.test(text.charAt(at + 1)) ? null : at + 1;
  }
  return null;
}

/** ISO 7064: the country and check digits go last, letters count from 10. */
function remainder97(iban: string): number {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder;
}

/** First digits of the card brands and how long their numbers are. */
const BRANDS = [
  { begins: /^4/, lengths: [16, 13, 19] },
  { begins: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { begins: /^3[47]/, lengths: [15] },
  { begins: /^62/, lengths: [16, 17, 18, 19] },
  { begins: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { begins: /^(?:6011|65|64[4-9])/, lengths: [16, 19] },
  { begins: /^(?:5[06-9]|6)/, lengths: [16, 19] },
  { begins: /^3(?:0[0-5]|[689])/, lengths: [14] },
] as const;
const CARD_BEGINS = new RegExp(String.raw`(?<!${WORDY}|\d[.,]|[#$€£¥+])[2-6]\d{3}(?=[ \-.\u00a0]?\d)`, 'gv');
const IS_DIGIT = /\d/;

/** Card numbers: a known brand's first digits and length, right check digit. */
export function* cardsIn(text: string): Generator<Span> {
  for (const { index, 0: begin } of text.matchAll(CARD_BEGINS)) {
    const lengths = BRANDS.find(({ begins }) => begins.test(begin))?.lengths ?? [];
    for (const length of lengths) {
      const end = endOf(text, index, { length, isPart: IS_DIGIT });
      const key = end === null ? '' : text.slice(index, end).replace(/\D/g, '');
      if (end === null || !hasCheckDigit(key)) continue;
      yield { start: index, end, kind: 'CARD', key };
      break;
    }
  }
}

/** Luhn: every second digit from the right counts double. */
function hasCheckDigit(digits: string): boolean {
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
