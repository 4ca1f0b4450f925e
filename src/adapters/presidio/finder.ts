import { z } from 'zod';
import { TransientError } from '../../domain/errors.ts';
import type { Found, PiiFinder } from '../../privacy/finder.ts';

export interface PresidioAccess {
  /** Where a Presidio analyzer listens, without `/analyze`. */
  readonly url: string;
  /** It answers 500 for a language without a model; such texts are looked at with the first of these instead. */
  readonly languages?: readonly string[];
  /** For one text, the answer included. */
  readonly timeoutMs?: number;
}

const Answer = z.array(
  z.object({
    entity_type: z.string().min(1),
    start: z.int().min(0),
    end: z.int().min(0),
    score: z.number(),
  }),
);
type Entity = z.infer<typeof Answer>[number];

const TIMEOUT_MS = 5_000;
/** Below this Presidio guesses: any nine digits are a bank account to it. */
const MIN_SCORE = 0.4;
/** What says nothing about who somebody is but much about what is wrong. */
const HARMLESS = new Set(['DATE_TIME', 'URL', 'NRP', 'ORGANIZATION', 'ORG', 'TITLE']);
/** Our own words for Presidio's; whatever else it was taught to find keeps its name. */
const KINDS = new Map([
  ['EMAIL_ADDRESS', 'EMAIL'],
  ['PHONE_NUMBER', 'PHONE'],
  ['IP_ADDRESS', 'IP'],
  ['MAC_ADDRESS', 'MAC'],
  ['IBAN_CODE', 'IBAN'],
  ['CREDIT_CARD', 'CARD'],
  ['LOCATION', 'ADDRESS'],
]);

/** Finds personal data with a Presidio analyzer. Throws `TransientError` whatever goes wrong, without words of the text. */
export function presidioFinder({ url, languages, timeoutMs = TIMEOUT_MS }: PresidioAccess): PiiFinder {
  const address = `${url.replace(/\/+$/, '')}/analyze`;
  return {
    find: async (text, spoken) => {
      const language = languages?.includes(spoken) === false ? (languages[0] ?? spoken) : spoken;
      const answer = Answer.safeParse(await ask(address, { text, language }, timeoutMs));
      // No `cause` here or below: what servers answer may repeat what they were asked.
      if (!answer.success) throw new TransientError('presidio answered something else than a list of entities');
      const telling = answer.data.filter(
        ({ entity_type: type, score }) => score >= MIN_SCORE && !HARMLESS.has(type.toUpperCase()),
      );
      return inUnits(telling, text);
    },
  };
}

async function ask(address: string, question: object, timeoutMs: number): Promise<unknown> {
  const response = await answered(
    fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(question),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    }),
  );
  if (!response.ok) {
    await response.body?.cancel();
    throw new TransientError(`presidio answered ${response.status}`);
  }
  return answered(response.json());
}

async function answered<T>(coming: Promise<T>): Promise<T> {
  try {
    return await coming;
  } catch (error) {
    if (error instanceof SyntaxError) throw new TransientError('presidio answered something else than JSON');
    const isLate = error instanceof Error && error.name === 'TimeoutError';
    throw new TransientError(isLate ? 'presidio did not answer in time' : 'presidio cannot be reached');
  }
}

/** Presidio counts characters as Python does; we count UTF-16 units. */
function inUnits(entities: readonly Entity[], text: string): Found[] {
  const starts = [0];
  for (const character of text) starts.push((starts.at(-1) ?? 0) + character.length);
  return entities.map(({ entity_type: type, start, end }) => {
    const [from, to] = [starts[start], starts[end]];
    if (from === undefined || to === undefined || from >= to)
      throw new TransientError('presidio answered with places outside of the text');
    return { start: from, end: to, kind: KINDS.get(type.toUpperCase()) ?? type.toUpperCase() };
  });
}
