/** Header labels as mail programs write them when they quote: from whom, and everything else. */
const FROM = /^[\s>*]{0,20}(?:from|von|de|da|van|от|发件人|寄件者|寄件人|差出人|보낸 사람)\*?\s{0,3}[:：]/iu;
const OTHER =
  /^[\s>*]{0,20}(?:sent|date|to|cc|subject|gesendet(?: am)?|datum|an|betreff|envoyé(?: le)?|à|objet|enviado(?: el)?|fecha|para|asunto|inviato|oggetto|发送时间|发送日期|收件人|抄送|主题|日期|傳送時間|收件者|主旨|送信日時|宛先|件名)\*?\s{0,3}[:：]/iu;
/** A header has this many other labels in the lines right after From. */
const MIN_OTHERS = 2;
const HEADER_LINES = 6;

const SEPARATOR =
  /^[\s>]{0,20}(?:[-_]{2,20}\s?(?:original message|original appointment|ursprüngliche nachricht|forwarded message|weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|原始邮件|邮件原件|转发邮件|转发的邮件|原始郵件|元のメッセージ)|begin forwarded message:|anfang der weitergeleiteten nachricht:)/iu;

/** The end of "On Mon, 3 Mar 2025 at 10:00, A B <a@example.org> wrote:". */
const ATTRIBUTION =
  /(?:\bwrote|a écrit|\bescribió|\bescreveu|\bha scritto|\bschrieb\b.{0,120}|写道|寫道|のメール)\s?[:：]\s{0,5}$/iu;
const MAX_ATTRIBUTION = 250;

/** Every kind of header has one of these. */
const HEADER_SIGN = /[:：]|--|__/;

const QUOTE = /^\s{0,3}>/;
/** Fewer lines with `>` may be a shell's or a formula's. */
const MIN_QUOTES = 3;

/** With fewer letters of its own above the first quoted mail, a ticket only forwards that mail. */
const MIN_OWN_LETTERS = 200;

/** The lines of mail that the writer answered or forwarded; of a ticket that only forwards one, the mails before it. */
export function historyIn(lines: readonly string[]): ReadonlySet<number> {
  const history = quotesIn(lines);
  let own = 0;
  for (let at = 0; at < lines.length; ) {
    const header = headerLength(lines, at);
    if (header === 0) {
      if (own < MIN_OWN_LETTERS && !history.has(at)) own += lettersIn(lines[at] ?? '');
      at++;
    } else if (own >= MIN_OWN_LETTERS && !QUOTE.test(lines[at + header] ?? '')) {
      return new Set([...history, ...[...lines.keys()].slice(at)]);
    } else {
      at += header;
    }
  }
  return history;
}

/** About how much a text says: a Chinese character as much as three letters. */
export function lettersIn(text: string): number {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const ideographs = text.match(/[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]/gu)?.length ?? 0;
  return letters + 2 * ideographs;
}

/** How many lines the header of a quoted mail takes that begins here; 0 when none does. */
function headerLength(lines: readonly string[], at: number): number {
  const line = lines[at] ?? '';
  if (!HEADER_SIGN.test(line)) return 0;
  if (SEPARATOR.test(line)) return 1 + headerLength(lines, at + 1);
  if (isAttribution(line, lines[at - 1] ?? '')) return 1;
  if (!FROM.test(line)) return 0;
  const others = lines.slice(at + 1, at + HEADER_LINES).map((other) => OTHER.test(other));
  return others.filter(Boolean).length < MIN_OTHERS ? 0 : others.lastIndexOf(true) + 2;
}

function isAttribution(line: string, before: string): boolean {
  return line.length <= MAX_ATTRIBUTION && ATTRIBUTION.test(line) && /[\d@]/.test(`${before.slice(-200)} ${line}`);
}

function quotesIn(lines: readonly string[]): Set<number> {
  const quotes = new Set<number>();
  for (let at = 0; at < lines.length; ) {
    let end = at;
    while (end < lines.length && QUOTE.test(lines[end] ?? '')) end++;
    if (end - at >= MIN_QUOTES) for (let quoted = at; quoted < end; quoted++) quotes.add(quoted);
    at = Math.max(end, at + 1);
  }
  return quotes;
}
