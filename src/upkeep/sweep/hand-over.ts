import { createHash } from 'node:crypto';
import type { Delivery, Receipt } from '../../domain/decision/delivery.ts';
import type { Ledger } from '../../domain/ports/ledger.ts';
import type { Glimpse } from '../../domain/ports/tracker.ts';
import { type Missed, missedOf, type Scene } from './assess.ts';

/** Jira itself sends again what is not answered for so long; what is found later waits behind what just came in. */
const LATE_MS = 15 * 60_000;

export interface HandOverPorts {
  readonly site: string;
  /** The door that webhooks come through as well. */
  readonly receive: (delivery: Delivery) => Promise<Receipt>;
  readonly ledger: Pick<Ledger, 'knownIssues'>;
}

export interface HandedOver {
  /** What was missed until now. */
  readonly found: readonly Glimpse[];
  /** How many of it are to be triaged. */
  readonly triage: number;
  /** Of those, how many the ledger still knows nothing of. */
  readonly missing: number;
  /** Why some could not be handed over; null: all were. */
  readonly trouble: unknown;
}

/**
 * Hands over what was missed of these issues. What several sweeps find, or a run that came this way before, is the same
 * delivery; a webhook that comes later is told by `precedents`.
 */
export async function handOver(issues: readonly Glimpse[], scene: Scene, ports: HandOverPorts): Promise<HandedOver> {
  const known = await ports.ledger.knownIssues(issues.map(({ id }) => id));
  const wanted = issues.flatMap((issue) => {
    const facts = known.get(issue.id);
    return facts ? missedOf(issue, facts, scene).map((missed) => ({ issue, missed })) : [];
  });
  const receipts = await Promise.allSettled(wanted.map((one) => ports.receive(deliveryOf(one, scene, ports.site))));
  const failed = receipts.find((receipt) => receipt.status === 'rejected');
  const taken = wanted.filter((_, index) => isTaken(receipts[index]));
  const triage = wanted.filter(({ missed }) => missed === 'triage').map(({ issue }) => issue.id);
  const now = await ports.ledger.knownIssues(triage);
  return {
    found: taken.map(({ issue }) => issue),
    triage: taken.filter(({ missed }) => missed === 'triage').length,
    missing: triage.filter((id) => !now.get(id)?.isTold).length,
    trouble: failed?.reason ?? null,
  };
}

/** What was handed over before and has ended is no news, whatever the clocks say. */
function isTaken(receipt: PromiseSettledResult<Receipt> | undefined): boolean {
  return receipt?.status === 'fulfilled' && (receipt.value.status === 'new' || receipt.value.status === 'again');
}

function deliveryOf(
  { issue, missed }: { readonly issue: Glimpse; readonly missed: Missed },
  { now }: Scene,
  site: string,
): Delivery {
  const { id, key, created, updated } = issue;
  // Triaged once, learnt from after each change.
  const news = missed === 'triage' ? [site, id, missed] : [site, id, missed, updated];
  const happenedAt = Date.parse(missed === 'triage' ? created : updated);
  return {
    site,
    door: 'sweep',
    identifier: null,
    contentHash: `sweep-${createHash('sha256').update(JSON.stringify(news)).digest('hex')}`,
    event: missed === 'triage' ? 'jira:issue_created' : 'jira:issue_updated',
    issueId: id,
    issueKey: key,
    plan: { kind: 'do', intent: missed, isForced: false, isBulk: Date.parse(now) - happenedAt > LATE_MS },
  };
}
