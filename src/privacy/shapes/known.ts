import type { Finder, Span } from '../span.ts';

/** What was a secret once is one wherever it stands: `PIN 55210 … mine is 55210`. */
export interface KnownSecrets {
  note(spans: readonly Span[]): void;
  readonly find: Finder;
}

const MIN_LENGTH = 5;
/** More than a person puts into one ticket. */
const MAX_KNOWN = 40;
/** A password that is a plain word is also the word. */
const IS_NO_WORD = /[\d!#$%&*@?+^~_=]/;
const WORDY = /[\p{L}\p{N}]/u;

export function knownSecrets(): KnownSecrets {
  const known = new Set<string>();
  return {
    note: (spans) => {
      for (const { kind, key } of spans) {
        const isTelling = kind === 'SECRET' && key.length >= MIN_LENGTH && IS_NO_WORD.test(key);
        if (isTelling && known.size < MAX_KNOWN) known.add(key);
      }
    },
    find: function* (text) {
      for (const secret of known) yield* wholeIn(text, secret);
    },
  };
}

/** Where it stands by itself, not within a longer word or number. */
function* wholeIn(text: string, secret: string): Generator<Span> {
  for (let start = text.indexOf(secret); start !== -1; start = text.indexOf(secret, start + secret.length)) {
    const end = start + secret.length;
    if (!WORDY.test(text.charAt(start - 1)) && !WORDY.test(text.charAt(end)))
      yield { start, end, kind: 'SECRET', key: secret };
  }
}
