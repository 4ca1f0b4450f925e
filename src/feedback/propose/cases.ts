import type { Target } from '../../domain/playbook/target.ts';
import type { Burst } from '../../domain/ticket/burst.ts';
import { olderFirst, type PastTicket } from '../../domain/ticket/issue.ts';
import { independent } from './independent.ts';
import type { Override } from './overrides.ts';

/** One mistake that people keep correcting. */
export interface Case {
  readonly target: Target;
  /** '' where a value was only added to others. */
  readonly ours: string;
  readonly theirs: string;
  /** All that were corrected, newest first. */
  readonly corrected: readonly PastTicket[];
  /** One of each group of tickets that tell the same, newest first. */
  readonly tickets: readonly PastTicket[];
  /** How many different people corrected it. */
  readonly people: number;
  /** What is missing before it is learnt from, in words for people; null: nothing. */
  readonly lacks: string | null;
}

export interface Bar {
  /** Independent corrections it takes, and people behind them. */
  readonly min: number;
  readonly people: number;
}

/** Corrections by what was replaced by what, the most frequent first. */
export function casesOf(
  overrides: readonly Override[],
  { bursts, ...bar }: Bar & { readonly bursts: readonly Burst[] },
): readonly Case[] {
  const groups = Map.groupBy(overrides, ({ target, ours, theirs }) => JSON.stringify([target.name, ours, theirs]));
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      return first ? [caseOf(first, group, { bursts, ...bar })] : [];
    })
    .sort((one, other) => other.tickets.length - one.tickets.length || other.corrected.length - one.corrected.length);
}

function caseOf(
  { target, ours, theirs }: Override,
  group: readonly Override[],
  { bursts, ...bar }: Bar & { readonly bursts: readonly Burst[] },
): Case {
  const corrected = group.map(({ ticket }) => ticket).sort((one, other) => olderFirst(other, one));
  const tickets = independent(corrected, bursts).map(([newest]) => newest);
  const people = new Set(group.flatMap(({ by }) => by ?? [])).size;
  const counted = { corrected, tickets, people };
  return { target, ours, theirs, ...counted, lacks: lacking(counted, bar) };
}

function lacking({ tickets, people }: Pick<Case, 'tickets' | 'people'>, bar: Bar): string | null {
  const missing = bar.min - tickets.length;
  if (missing > 0) return `${missing} more independent ${missing === 1 ? 'correction' : 'corrections'}`;
  return people < bar.people ? `${bar.people - people} more of ${bar.people} people who correct it` : null;
}
