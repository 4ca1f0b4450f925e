import { randomUUID } from 'node:crypto';
import type { Delivery } from '../domain/decision/delivery.ts';
import { RateLimitedError, TransientError } from '../domain/errors.ts';
import type { AuditLedger } from '../domain/ports/ledger.ts';
import type { Clock } from '../domain/ports/model.ts';
import type { Tracker } from '../domain/ports/tracker.ts';

export interface ReclassifyPorts {
  readonly site: string;
  readonly receive: (delivery: Delivery) => Promise<unknown>;
  readonly ledger: AuditLedger;
  readonly clock: Clock;
}

export interface ReclassifyHow {
  /** Leave tickets alone whose text did not change since the same playbook decided on them. */
  readonly onlyChanged: boolean;
  /** Even people's values may be replaced. */
  readonly overrideHumans: boolean;
  /** Who asked. */
  readonly actor: string;
}

/** A ticket by key, with its id where that is known. */
export interface Reclassifiable {
  readonly id: string;
  readonly key: string;
}

/**
 * Queues tickets for a new decision by the current playbook, before new ones, for a person waits. Who lets people's
 * values be replaced is on record before anything is queued. Running it again queues them again, which only costs time.
 */
export function reclassify(
  issues: readonly Reclassifiable[],
  how: ReclassifyHow,
  ports: ReclassifyPorts,
): Promise<void> {
  return queue(issues, { ...how, isBulk: false }, ports);
}

async function queue(
  issues: readonly Reclassifiable[],
  { onlyChanged, overrideHumans, actor, isBulk }: ReclassifyHow & { readonly isBulk: boolean },
  { site, receive, ledger, clock }: ReclassifyPorts,
): Promise<void> {
  if (issues.length === 0) return;
  if (overrideHumans) {
    const detail = issues.map(({ key }) => key).join(' ');
    await ledger.audit({ at: clock.now().toISOString(), actor, action: 'override-humans', detail });
  }
  const plan = {
    kind: 'do' as const,
    intent: 'triage' as const,
    isForced: !onlyChanged,
    overridesHumans: overrideHumans,
    ...(isBulk ? { isBulk } : {}),
  };
  const deliveries = issues.map(({ id, key }) => ({
    site,
    door: 'admin' as const,
    identifier: null,
    contentHash: `reclassify-${randomUUID()}`,
    event: 'reclassify',
    issueId: id,
    issueKey: key,
    plan,
  }));
  await Promise.all(deliveries.map((delivery) => receive(delivery)));
}

export interface ReclassifyQuery {
  readonly jql: string;
  /** Where an earlier walk stopped; null begins. */
  readonly page: string | null;
  /** Others are left out. */
  readonly projects: readonly string[];
}

export interface ReclassifyWalk {
  readonly queued: number;
  /** Found, but of projects that the playbook does not name. */
  readonly foreign: number;
  /** Where to go on; null at the end. */
  readonly next: string | null;
  /** Jira asks to wait so long before going on. */
  readonly retryAfterMs: number;
}

/** Tickets queued by one call, about; a walk goes on from there. */
const STRETCH = 1_000;

/** Queues what a query finds, behind new tickets, page by page, up to about 1,000 tickets. Throws `PermanentError` for JQL Jira refuses. */
export async function reclassifyQuery(
  { jql, page, projects }: ReclassifyQuery,
  how: ReclassifyHow,
  ports: ReclassifyPorts & { readonly tracker: Tracker },
): Promise<ReclassifyWalk> {
  let walk: ReclassifyWalk = { queued: 0, foreign: 0, next: page, retryAfterMs: 0 };
  do {
    const found = await pageOf(jql, walk.next, ports);
    if (typeof found === 'number') return { ...walk, retryAfterMs: found };
    const ours = found.issues.filter(({ project }) => projects.includes(project));
    await queue(ours, { ...how, isBulk: true }, ports);
    walk = {
      queued: walk.queued + ours.length,
      foreign: walk.foreign + found.issues.length - ours.length,
      next: found.next,
      retryAfterMs: 0,
    };
  } while (walk.next !== null && walk.queued + walk.foreign < STRETCH);
  return walk;
}

/** A page, or the milliseconds that Jira wants us to wait for it. */
async function pageOf(jql: string, page: string | null, { tracker }: { readonly tracker: Tracker }) {
  try {
    return await tracker.search(jql, page);
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    if (page === null) throw new TransientError('Jira asks us to slow down; try again in a moment', { cause: error });
    return error.retryAfterMs;
  }
}
