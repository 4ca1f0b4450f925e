import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cleanText } from '../../../src/domain/ticket/text.ts';
import { redactor } from '../../../src/privacy/redact.ts';

const STANDARD = ['secret', 'email', 'phone', 'ip', 'mac', 'card', 'iban', 'person'] as const;
const STRICT = ['name', 'user', 'host', 'number', 'address', 'birth'] as const;
const STRUCTURED = ['email', 'phone', 'ip', 'mac', 'card', 'iban'] as const;
const Ticket = z.strictObject({
  id: z.string(),
  lang: z.enum(['en', 'de', 'zh', 'fr', 'es']),
  people: z.array(z.string()),
  text: z.string(),
  gone: z.array(z.strictObject({ kind: z.enum([...STANDARD, ...STRICT]), text: z.string().min(1) })),
  stay: z.array(z.string().min(1)),
  heldOut: z.boolean().default(false),
});
type Ticket = z.infer<typeof Ticket>;
type Level = 'standard' | 'strict';

/** In tokens and keys, so that no scanner finds them in this repository. */
const MARK = '‸';
const tickets = readFileSync(new URL('../../fixtures/privacy/tickets.jsonl', import.meta.url), 'utf8')
  .replaceAll(MARK, '')
  .trimEnd()
  .split('\n')
  .map((line) => Ticket.parse(JSON.parse(line)));

interface Share {
  readonly good: number;
  readonly of: number;
}

/** Shares of what went by kind, and of the words that stayed as `words`. */
function measure(all: readonly Ticket[], level: Level, prepare = (text: string) => text): Map<string, Share> {
  const shares = new Map<string, Share>();
  const count = (kind: string, isGood: boolean) => {
    const { good, of } = shares.get(kind) ?? { good: 0, of: 0 };
    shares.set(kind, { good: good + (isGood ? 1 : 0), of: of + 1 });
  };
  for (const ticket of all) {
    const text = prepare(ticket.text);
    const gone = ticket.gone
      .filter(({ kind }) => level === 'strict' || STANDARD.some((known) => known === kind))
      .map(({ kind, text: thing }) => ({ kind, thing: prepare(thing) }));
    const wanted = gone
      .toSorted((one, other) => other.thing.length - one.thing.length)
      .reduce((rest, { thing }) => rest.replace(thing, '\0'), text);
    const redacted = redactor({ level, people: ticket.people, patterns: [] }).redact(text);
    for (const { kind, thing } of gone)
      count(
        kind,
        piecesOf(kind, thing).every((piece) => timesIn(redacted, piece) <= timesIn(wanted, piece)),
      );
    for (const word of ticket.stay.map(prepare)) count('words', timesIn(redacted, word) >= timesIn(wanted, word));
  }
  return shares;
}

const PIECE = 8;

/** Of a secret no part may be left that is long enough to guess the rest. */
function piecesOf(kind: string, thing: string): string[] {
  if (kind !== 'secret' || thing.length <= PIECE) return [thing];
  return Array.from({ length: thing.length - PIECE + 1 }, (_, start) => thing.slice(start, start + PIECE));
}

function timesIn(text: string, part: string): number {
  return text.split(part).length - 1;
}

function shareOf(shares: ReadonlyMap<string, Share>, kinds: readonly string[]): number {
  const all = kinds.map((kind) => shares.get(kind) ?? { good: 0, of: 0 });
  return all.reduce((sum, { good }) => sum + good, 0) / all.reduce((sum, { of }) => sum + of, 0);
}

function tableOf(columns: Readonly<Record<string, ReadonlyMap<string, Share>>>): string {
  const rows = [...STANDARD, ...STRICT, 'words'].map((kind) => {
    const cells = Object.values(columns).map((shares) => {
      const share = shares.get(kind);
      return (share ? `${share.good}/${share.of}` : '–').padStart(18);
    });
    return `${kind.padEnd(8)}${cells.join('')}`;
  });
  return [
    ' '.repeat(8) +
      Object.keys(columns)
        .map((name) => name.padStart(18))
        .join(''),
    ...rows,
  ].join('\n');
}

const known = tickets.filter(({ heldOut }) => !heldOut);
const heldOut = tickets.filter(({ heldOut: isHeldOut }) => isHeldOut);

describe('of the tickets written for this', () => {
  test('there are enough, in every language, a third of them held out', () => {
    expect(tickets.length).toBeGreaterThanOrEqual(120);
    expect(tickets.flatMap(({ stay }) => stay).length).toBeGreaterThanOrEqual(400);
    expect(heldOut.length).toBeGreaterThanOrEqual(tickets.length / 3);
    for (const { id, text, gone, stay } of tickets)
      for (const part of [...gone.map((thing) => thing.text), ...stay]) expect(text, id).toContain(part);
  });

  test('the shares are told', () => {
    console.log(
      tableOf({
        'standard, known': measure(known, 'standard'),
        'standard, held out': measure(heldOut, 'standard'),
        'strict, known': measure(known, 'strict'),
        'strict, held out': measure(heldOut, 'strict'),
      }),
    );
  });

  describe.each([
    ['as they were written', (text: string) => text],
    ['as they come out of Jira', cleanText],
  ])('%s', (_how, prepare) => {
    describe.each([
      ['known', known],
      ['held out', heldOut],
    ])('and %s', (_which, some) => {
      test.each(['standard', 'strict'] as const)('enough goes and enough stays at level %s', (level) => {
        const shares = measure(some, level, prepare);
        expect(shareOf(shares, ['secret'])).toBe(1);
        for (const kind of STRUCTURED) expect(shareOf(shares, [kind]), kind).toBeGreaterThanOrEqual(0.95);
        expect(shareOf(shares, ['person'])).toBeGreaterThanOrEqual(0.95);
        expect(shareOf(shares, ['words'])).toBeGreaterThanOrEqual(level === 'standard' ? 0.99 : 0.97);
      });

      test('of what only strict takes, most goes', () => {
        const shares = measure(some, 'strict', prepare);
        expect(shareOf(shares, ['user', 'host', 'number', 'address', 'birth'])).toBeGreaterThanOrEqual(0.95);
        expect(shareOf(shares, ['name'])).toBeGreaterThanOrEqual(0.7);
      });
    });
  });
});
