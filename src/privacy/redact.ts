import { MisconfiguredError, messageOf, TransientError } from '../domain/errors.ts';
import { inTime, TOO_SLOW } from '../patterns/in-time.ts';
import { cover } from './cover.ts';
import type { Found } from './finder.ts';
import { addressedIn } from './names/addressed.ts';
import { peopleFinder } from './names/people.ts';
import { placeholders } from './placeholders.ts';
import { emailsIn } from './shapes/contact.ts';
import { knownSecrets } from './shapes/known.ts';
import { labelledSecretsIn } from './shapes/labelled.ts';
import { cardsIn, ibansIn } from './shapes/money.ts';
import { addressesIn, dottedMacsIn } from './shapes/network.ts';
import { phonesIn } from './shapes/phone.ts';
import { secretsIn } from './shapes/secrets.ts';
import { disjoint, type Finder, outside, type Span, spansOf } from './span.ts';
import { accountsIn, birthdaysIn, numbersIn } from './strict/accounts.ts';
import { streetsIn } from './strict/addresses.ts';
import { hostsIn } from './strict/hosts.ts';

export interface RedactionOptions {
  readonly level: 'off' | 'standard' | 'strict';
  /** Display names from the issue's own user fields, and from those of everything shown with it. */
  readonly people: readonly string[];
  /** What this site calls private: each match becomes `[NAME_1]`. */
  readonly patterns: readonly { readonly name: string; readonly pattern: string }[];
}

/** Belongs to one ticket and what is shown with it: there, the same thing has the same placeholder in every text. */
export interface Redactor {
  /**
   * `found`: what a `PiiFinder` saw in this very text. What it has redacted it leaves as it is. Throws `TransientError`
   * when a pattern of the site takes too long on the text: then nothing may leave.
   */
  redact(text: string, found?: readonly Found[]): string;
}

const KINDS = ['SECRET', 'EMAIL', 'IBAN', 'CARD', 'MAC', 'IP', 'PHONE', 'PERSON'] as const;
const STRICT_KINDS = ['USER', 'HOST', 'NUMBER', 'ADDRESS', 'BIRTHDATE'] as const;
/** Taking something out can bring something else to light; more rounds than this only hostile text needs. */
const MAX_ROUNDS = 4;

/** Takes out of text what must not leave for a model. Throws `MisconfiguredError` on a pattern that is none. */
export function redactor(options: RedactionOptions): Redactor {
  if (options.level === 'off') return { redact: (text) => text };
  const secrets = knownSecrets();
  const finders = [...findersOf(options), secrets.find];
  const names = placeholders([...KINDS, ...STRICT_KINDS, ...options.patterns.map(({ name }) => kindOf(name))]);

  function round(text: string, found: readonly Found[]): string {
    const holes = names.in(text);
    const covered = cover(text, holes);
    const own = finders.flatMap((find) => [...find(covered.text)].map(covered.beneath));
    secrets.note(own);
    let done = 0;
    let redacted = '';
    for (const span of outside(disjoint([...own, ...fromOthers(found, text)]), holes, text)) {
      redacted += text.slice(done, span.start) + names.for(span);
      done = span.end;
    }
    return redacted + text.slice(done);
  }

  return {
    redact: (text, found = []) => {
      let redacted = round(text, found);
      let before = text;
      for (let rounds = 1; redacted !== before && rounds < MAX_ROUNDS; rounds += 1) {
        before = redacted;
        redacted = round(before, []);
      }
      return redacted;
    },
  };
}

/** In the order in which they name what they find together: secrets first. */
function findersOf({ level, people, patterns }: RedactionOptions): readonly Finder[] {
  const standard = [
    secretsIn,
    labelledSecretsIn,
    ...patterns.map(siteFinder),
    emailsIn,
    ibansIn,
    cardsIn,
    addressesIn,
    dottedMacsIn,
    phonesIn,
    peopleFinder(people, { givenNames: level === 'strict' }),
  ];
  if (level !== 'strict') return standard;
  return [...standard, accountsIn, hostsIn, birthdaysIn, streetsIn, addressedIn, numbersIn];
}

function siteFinder({ name, pattern }: RedactionOptions['patterns'][number]): Finder {
  try {
    const expression = new RegExp(pattern, 'giu');
    return (text) => {
      const found = inTime([pattern], () => [...spansOf(text, expression, kindOf(name))]);
      if (found === null) throw new TransientError(`the privacy pattern ${name} ${TOO_SLOW}`);
      return found.value;
    };
  } catch (cause) {
    throw new MisconfiguredError([`privacy pattern ${name} is no regular expression: ${messageOf(cause)}`], { cause });
  }
}

function kindOf(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}

/** Offsets from outside are cut to the text. */
function fromOthers(found: readonly Found[], text: string): Span[] {
  return found.flatMap(({ start, end, kind }) => {
    const [from, to] = [Math.max(0, start), Math.min(text.length, end)];
    return from < to ? [{ start: from, end: to, kind: kindOf(kind), key: text.slice(from, to).toLowerCase() }] : [];
  });
}
