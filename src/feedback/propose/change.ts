import type { Playbook } from '../../domain/playbook/playbook.ts';
import { partsOf } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import type { Case } from './cases.ts';
import { humanValue } from './overrides.ts';
import { type Lines, type Survey, survey } from './text/survey.ts';

/** One edit of one file of `config/`, with what speaks for it. */
export interface Change {
  /** Two changes with the same one do the same. */
  readonly id: string;
  readonly kind: 'example' | 'description' | 'rule';
  readonly of: Case;
  /** Inside `config/`. */
  readonly file: string;
  /** What it adds, in words for people. */
  readonly what: string;
  /** Keys of the tickets it was made from. */
  readonly keys: readonly string[];
  /** The file's text with the edit made. */
  readonly apply: (source: string) => string;
}

/** A case with the words of its tickets, without what is private. */
export interface Studied {
  readonly case: Case;
  /** By ticket, in the order of the case. */
  readonly lines: readonly Lines[];
  readonly survey: Survey;
}

/** What changes are made from. */
export interface Ground {
  readonly playbook: Playbook;
  /** All of memory. */
  readonly history: readonly PastTicket[];
  /** Takes out what is private, strictly. */
  readonly redact: (text: string) => string;
  /** Independent corrections that a change takes. */
  readonly min: number;
}

/** Changes, and why one that might be expected is none. */
export interface Proposed {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** `network → hardware` */
export function titleOf({ ours, theirs }: Pick<Case, 'ours' | 'theirs'>): string {
  return `${ours === '' ? '(nothing)' : ours} → ${theirs}`;
}

export function keysOf(tickets: readonly PastTicket[]): readonly string[] {
  return tickets.map(({ key }) => key);
}

export function wholeTextOf({ summary, text }: PastTicket): string {
  return `${summary}\n${text}`;
}

/** Whether a ticket has another value. One that we wrote and nobody touched proves nothing right, but may be right. */
export function contradicts({ values }: PastTicket, { target, theirs }: Case): boolean {
  const value = Object.hasOwn(values, target.name) ? values[target.name]?.value : undefined;
  return value !== undefined && value !== theirs;
}

/** What memory holds of these words and phrases, by the values that people gave a target. */
export function surveyOf(of: Case, { history }: Ground, looked: Parameters<typeof survey>[1]): Survey {
  const labelled = history.flatMap((ticket) => {
    const values = partsOf(of.target, humanValue(ticket, of.target.name));
    return values.length > 0 || contradicts(ticket, of) ? [{ text: wholeTextOf(ticket), values }] : [];
  });
  return survey(labelled, looked);
}
