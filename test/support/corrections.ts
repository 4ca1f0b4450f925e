import type { Outcome } from '../../src/domain/decision/outcome.ts';
import type { PastTicket } from '../../src/domain/ticket/issue.ts';
import { freshId, pastTicketWith } from './fixtures.ts';
import { outcomeWith } from './outcomes.ts';

/** A mistake of ours, on a ticket that is finished and in memory. */
export interface CorrectionDraft {
  readonly summary: string;
  readonly text?: string;
  readonly ours?: string;
  readonly theirs?: string;
  readonly by?: string;
  readonly ticket?: Partial<PastTicket>;
  readonly outcome?: Partial<Outcome>;
}

/** The ticket as memory keeps it, and the outcome as the ledger does. */
export function correctionWith({
  summary,
  text = '',
  ours = 'network',
  theirs = 'hardware',
  ...draft
}: CorrectionDraft) {
  const id = freshId();
  const ticket = pastTicketWith({
    id,
    summary,
    text,
    isTreated: true,
    created: `2026-04-01T00:00:00.${id.slice(-3)}Z`,
    values: { category: { value: theirs, by: 'human', insteadOf: ours } },
    ...draft.ticket,
  });
  const outcome = outcomeWith({
    issueId: ticket.id,
    issueKey: ticket.key,
    project: ticket.project,
    value: ours,
    to: theirs,
    by: draft.by ?? `agent-${Number(id) % 3}`,
    result: 'overridden',
    isExplicit: true,
    ...draft.outcome,
  });
  return { ticket, outcome };
}

/** Seven ways to say that a docking station is broken, which a desk's machine takes for the network. */
export const DOCKING = [
  ['Docking station dead', 'No internet at my desk, the docking station has no light at all.'],
  ['LAN gone after moving desks', 'My docking station does not pass the cable on, notebook alone works.'],
  ['No connection on the second floor', 'It comes and goes since the docking station was swapped yesterday.'],
  ['Internet drops', 'Whenever I undock from the docking station and come back the cable is not seen.'],
  ['Screens and network off', 'Both screens stay black, the docking station was warm and smells burnt.'],
  ['Cable not recognised', 'Windows says unplugged; docking station firmware is from 2021.'],
  ['Slow LAN', 'Only 100 Mbit through the docking station, a colleague next to me has more.'],
] as const;

/** Tickets of other kinds, which people decided by themselves. */
export const ORDINARY = [
  ['network', 'WLAN is slow in building C', 'The internet is slow at my desk since Monday, all of us notice.'],
  ['network', 'No LAN in the meeting room', 'The cable in the wall gives no connection, internet is gone.'],
  ['network', 'Switch on floor two', 'Nobody on the second floor has a connection, please look at the switch.'],
  ['network', 'DNS does not answer', 'Names are not found, only addresses work since yesterday.'],
  ['network', 'WLAN password', 'Which password is it for guests in the meeting room?'],
  ['hardware', 'Notebook battery', 'It lasts for ten minutes only, please swap the battery.'],
  ['hardware', 'New mouse', 'The wheel of my mouse is broken.'],
  ['access', 'Password forgotten', 'I cannot sign in since yesterday, please reset it.'],
  ['access', 'Locked out', 'My account is locked after three tries.'],
  ['email', 'Mailbox full', 'Outlook says that my mailbox is full and sends nothing.'],
  ['email', 'Shared mailbox', 'Please let a colleague read the shared mailbox.'],
] as const;

/** Those tickets, so many times over with a number of their own. */
export function ordinaryTickets(times: number): readonly PastTicket[] {
  return Array.from({ length: times }, (_, round) =>
    ORDINARY.map(([value, summary, text], index) =>
      pastTicketWith({
        summary: `${summary} (${round * 31 + index})`,
        text: `${text} Reported ${round + 1} days ago by team ${(round * 7) % 13}.`,
        created: new Date(Date.UTC(2026, 0, 1) + (round * ORDINARY.length + index) * 3_600_000).toISOString(),
        values: { category: { value, by: 'human' } },
      }),
    ),
  ).flat();
}
