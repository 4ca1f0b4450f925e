import { type Span, spansOf, WORDY } from '../span.ts';

const LOCAL = String.raw`[${WORDY}.%+'’\-]`;
const LABEL = String.raw`${WORDY}[${WORDY}\-]{0,62}`;
// One attempt per run of letters, because nothing of a run may stand before: linear.
const EMAIL = new RegExp(
  // Not the password in ftp://name:password@host.
  String.raw`(?<!${LOCAL}|:\/\/[^\s\/:@]{0,64}:)${LOCAL}+(?:@|\s?[\[\(\{](?:at|ät)[\]\)\}]\s?)(?:${LABEL}(?:\.|\s?[\[\(\{](?:dot|punkt)[\]\)\}]\s?)){1,6}[[\p{L}]--[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}]]{2,24}(?![\d_])`,
  'giv',
);
/** `git@host:group/project` is where code lies, `logo@2x.png` a picture. */
const NO_EMAIL = /^git@|@\dx\./i;

export function* emailsIn(text: string): Generator<Span> {
  if (!text.includes('@') && !/[[({](?:at|ät)[\])}]/i.test(text)) return;
  for (const span of spansOf(text, EMAIL, 'EMAIL')) {
    const opening = /^['’.+%-]+/.exec(span.key)?.[0].length ?? 0;
    const address = span.key.slice(opening);
    if (!NO_EMAIL.test(address)) yield { ...span, start: span.start + opening, key: address.toLowerCase() };
  }
}
