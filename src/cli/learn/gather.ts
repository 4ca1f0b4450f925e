import type { Context } from '../../compose.ts';
import { MisconfiguredError } from '../../domain/errors.ts';
import { sinceOf } from '../../domain/since.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { type Bar, type Case, casesOf } from '../../feedback/propose/cases.ts';
import { type LeftOut, sift } from '../../feedback/propose/overrides.ts';
import { veil } from '../../privacy/veil.ts';
import { historyOf } from '../calibrate.ts';

/** What people keep correcting, and all of memory to hold it against. */
export interface Gathered {
  readonly cases: readonly Case[];
  readonly leftOut: ReadonlyMap<LeftOut, number>;
  readonly history: readonly PastTicket[];
}

export interface Wanted extends Bar {
  readonly since: string;
  readonly target?: string;
}

/** More bursts than these are none that a ticket of the last months was in. */
const MAX_BURSTS = 1_000;

/** Throws `MisconfiguredError` for a time that is none. */
export async function gather(wanted: Wanted, { ledger, memory, clock, playbook }: Context): Promise<Gathered> {
  const since = sinceOf(wanted.since, clock.now());
  if (since === null) throw new MisconfiguredError([`--since ${wanted.since} is no time: say 30d, 12h, or 2026-05-01`]);
  const history = await historyOf(memory);
  const tickets = new Map(history.map((ticket) => [ticket.id, ticket]));
  const all = await ledger.overridden(since);
  const outcomes = all.filter(({ target }) => wanted.target === undefined || target === wanted.target);
  const { overrides, leftOut } = sift(outcomes, { playbook: playbook(), tickets });
  const cases = casesOf(overrides, { ...wanted, bursts: await ledger.bursts(MAX_BURSTS) });
  return { cases, leftOut, history };
}

/** Strict whatever the playbook says, with the names of everybody in memory: what is committed stays for ever. */
export function redaction(
  cases: readonly Case[],
  history: readonly PastTicket[],
  { playbook, finder }: Context,
): Promise<(text: string) => string> {
  const texts = cases.flatMap(({ tickets }) => tickets.flatMap(({ summary, text }) => [summary, text]));
  const people = [...new Set(history.flatMap((ticket) => ticket.people))];
  return veil(texts, people, { privacy: { ...playbook().privacy, redaction: 'strict' }, finder });
}
