import type { Line } from './tidy.ts';

const CLOSING =
  /^\s{0,9}(?:(?:(?:many|kind|best|warm|with kind|with best) )?(?:regards|greetings)|sincerely|cheers|(?:mit )?(?:freundlichen?|besten?|vielen?|herzlichen?|schönen?|liebe) (?:grü(?:ß|ss)en?|gru(?:ß|ss))|mfg|vg|lg|cordialement|bien à vous|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|atenciosamente|cordiali saluti|此致|敬礼|祝好|顺颂商祺|よろしくお願い(?:いた)?します|敬具)[\s,.!，。！]{0,9}$/iu;
const MAX_CLOSING = 60;
const DASHES = /^--\s?$/;

/** A name, a title, a company, a telephone: a signature's lines are few and short. */
const MAX_LINES = 9;
const MAX_LINE = 90;
/** What says something about the matter: failures, times, code, postscripts and labels but those of an address. */
const MATTER =
  /error|exception|fail|fehler|错误|失败|\d:\d\d:\d\d|^\s{0,9}at\s|[{};?？]$|^p\.?\s?s\b|^(?!\s{0,9}(?:t|tel|phone|telefon|mobile?|mobil|handy|fax|e-?mail|mail|web|www|http|direct|office|电话|手机|邮箱|传真|地址)\b)[^:：]{1,40}[:：]/iu;

const DISCLAIMER =
  /\b(?:this|diese[rs]?|ce|este|esta)\s(?:e-?mail|message|communication|nachricht|courriel|correo|mensaje)\b.{0,160}(?:confidential|privileged|intended|vertraulich|bestimmt|confidentiel|confidencial|destin)|本(?:电子)?邮件.{0,60}(?:保密|机密|仅供|仅限)|originated (?:from )?outside|consider the environment|handelsregister|registergericht|amtsgericht.{0,40}hrb/iu;
/** Disclaimers name themselves at their beginning. */
const DISCLAIMER_HEAD = 400;
const MIN_DISCLAIMER = 15;

/** The lines of signatures, from the closing formula on, and of what companies put under every mail. */
export function signaturesIn(lines: readonly Line[]): ReadonlySet<number> {
  const signatures = new Set<number>();
  for (const [at, { text }] of lines.entries()) {
    if (text.length >= MIN_DISCLAIMER && DISCLAIMER.test(text.slice(0, DISCLAIMER_HEAD))) signatures.add(at);
    if (text.length > MAX_CLOSING || !(CLOSING.test(text) || DASHES.test(text))) continue;
    for (let line = at; line < endOfSignature(lines, at); line++) signatures.add(line);
  }
  return signatures;
}

function endOfSignature(lines: readonly Line[], closing: number): number {
  let end = closing + 1;
  while (end <= closing + MAX_LINES && isOfSignature(lines[end])) end++;
  return end;
}

function isOfSignature(line: Line | undefined): boolean {
  return line !== undefined && line.text.length <= MAX_LINE && !MATTER.test(line.text);
}
