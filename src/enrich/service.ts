/** A letter or digit of a script that puts spaces between words. */
const SPACED = String.raw`[[\p{L}\p{N}]--[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}]]`;

/** A mention in the title counts as much as this many in the text. */
const TITLE_WEIGHT = 2;

type Services = Readonly<Record<string, readonly string[]>>;

/**
 * The service a ticket mentions most, by the words that give it away; of words that overlap the longest counts, of
 * services mentioned alike the first. Whole words only, save in scripts without spaces.
 */
export function serviceOf(
  ticket: { readonly title: string; readonly body: string },
  services: Services,
): string | undefined {
  const { words, pattern } = lexiconOf(services);
  if (!pattern) return undefined;
  const mentions = new Map(Object.keys(services).map((service) => [service, 0]));
  for (const [text, weight] of [[ticket.title, TITLE_WEIGHT] as const, [ticket.body, 1] as const]) {
    for (const [mention] of text.matchAll(pattern)) {
      const service = words.get(keyOf(mention));
      if (service !== undefined) mentions.set(service, (mentions.get(service) ?? 0) + weight);
    }
  }
  const most = Math.max(...mentions.values());
  return most === 0 ? undefined : [...mentions].find(([, count]) => count === most)?.[0];
}

interface Lexicon {
  /** Service by word. */
  readonly words: ReadonlyMap<string, string>;
  /** Null when there are no words. */
  readonly pattern: RegExp | null;
}

/** A playbook's services stay the same object as long as it is in force. */
const lexicons = new WeakMap<Services, Lexicon>();

function lexiconOf(services: Services): Lexicon {
  const known = lexicons.get(services);
  if (known) return known;
  const words = new Map<string, string>();
  for (const [service, names] of Object.entries(services)) {
    for (const name of [service, ...names].map(keyOf)) if (name !== '' && !words.has(name)) words.set(name, service);
  }
  const longestFirst = [...words.keys()].toSorted((one, other) => other.length - one.length);
  const pattern = longestFirst.length === 0 ? null : new RegExp(longestFirst.map(bounded).join('|'), 'giv');
  const lexicon = { words, pattern };
  lexicons.set(services, lexicon);
  return lexicon;
}

function keyOf(word: string): string {
  return word.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

const STARTS_SPACED = new RegExp(`^${SPACED}`, 'v');
const ENDS_SPACED = new RegExp(`${SPACED}$`, 'v');

/** The word as a pattern; where it begins or ends with a spaced script's letter, no other may touch it. */
function bounded(word: string): string {
  const literal = word.split(' ').map(RegExp.escape).join(String.raw`\s{1,3}`);
  const before = STARTS_SPACED.test(word) ? `(?<!${SPACED})` : '';
  const after = ENDS_SPACED.test(word) ? `(?!${SPACED})` : '';
  return `${before}${literal}${after}`;
}
