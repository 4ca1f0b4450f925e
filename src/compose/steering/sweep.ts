import { actorOf, type SweepAnswer, type SweepRequest } from '../../admin/steering.ts';
import type { Delivery, Receipt } from '../../domain/decision/delivery.ts';
import { RateLimitedError, RejectedError, TransientError } from '../../domain/errors.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Clock } from '../../domain/ports/model.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import { sinceOf } from '../../domain/since.ts';
import { later, remembersFrom } from '../../upkeep/sweep/state.ts';
import { type SweepPorts, sweepSince, sweepTickets } from '../../upkeep/sweep/sweep.ts';

/** A rehearsal keeps nothing, so it has to come to its end in one call; 30,000 issues are most of what people wait for. */
const REHEARSED_PAGES = 300;

export interface SweepParts {
  readonly site: string;
  readonly tracker: Tracker;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly playbook: () => Playbook;
  readonly retentionDays: number;
  readonly receive: (delivery: Delivery) => Promise<Receipt>;
}

/** One run of a sweep for whoever asks. Throws `RejectedError` for a time that means nothing, `TransientError` while Jira wants us to wait. */
export async function sweepAsAsked(request: SweepRequest, parts: SweepParts): Promise<SweepAnswer> {
  const { retentionDays } = parts;
  const settle = request.settleSeconds === undefined ? {} : { settleMs: request.settleSeconds * 1000 };
  const ports = request.dryRun ? rehearsing(parts) : parts;
  const pages = request.dryRun ? { pages: REHEARSED_PAGES } : {};
  try {
    const from = request.since === undefined ? null : await lookBack(request.since, ports, parts);
    if (from !== null && !request.dryRun) await audit(request, parts);
    const report = await sweepTickets(parts.playbook(), ports, { retentionDays, ...settle, ...pages });
    return { ...report, missing: request.dryRun ? 0 : report.missing, from };
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    throw new TransientError('Jira asks us to slow down; try again in a moment', { cause: error });
  }
}

/** Has it look back to then, or as far as the ledger remembers; Jira's time, as an ISO time. */
async function lookBack(since: string, { ledger, tracker }: SweepPorts, parts: SweepParts): Promise<string> {
  const now = await tracker.serverTime();
  const wanted = sinceOf(since, new Date(now));
  if (wanted === null)
    throw new RejectedError(400, 'since: must be like 90m, 2h or 7d, or a time such as 2026-05-01T08:00:00Z');
  const from = later(wanted, remembersFrom(now, parts.retentionDays));
  await sweepSince(from, parts.playbook(), ledger);
  return from;
}

/** Tickets from before the service are triaged by this, so whoever wanted it is on record. */
async function audit(request: SweepRequest, { ledger, clock }: SweepParts): Promise<void> {
  const entry = { action: 'sweep', actor: actorOf(request), detail: `since ${request.since}` };
  await ledger.audit({ at: clock.now().toISOString(), ...entry });
}

/** The same ports, with nothing kept and nothing handed over; what is found by both of its dates counts once. */
function rehearsing({ site, tracker, clock, ledger }: SweepParts): SweepPorts {
  let kept: Promise<string | null> | null = null;
  const found = new Set<string>();
  return {
    site,
    tracker,
    clock,
    ledger: {
      knownIssues: ledger.knownIssues,
      lastWritten: ledger.lastWritten,
      cursor: (name) => kept ?? ledger.cursor(name),
      setCursor: async (_, value) => {
        kept = Promise.resolve(value);
      },
    },
    receive: async ({ contentHash }) => {
      const isNew = !found.has(contentHash);
      found.add(contentHash);
      return { id: contentHash, status: isNew ? 'new' : 'done', attempt: 1 };
    },
  };
}
