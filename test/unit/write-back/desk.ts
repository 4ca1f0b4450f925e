import type { Decision } from '../../../src/domain/decision/decision.ts';
import type { Ledger } from '../../../src/domain/ports/ledger.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { inputHash } from '../../../src/domain/ticket/input-hash.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import type { ApplyPorts } from '../../../src/write-back/apply.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { decisionWith, issueWith } from '../../support/fixtures.ts';
import { deskWith } from '../support/tracker.ts';

type DecisionDraft = Parameters<typeof decisionWith>[0];

/** A desk with one issue, and a ledger that holds one decision about it as it was then. */
export async function openDesk(issue: Issue = issueWith(), parts: DecisionDraft = { values: { category: 'access' } }) {
  const tracker = deskWith(issue);
  const ledger = ledgerFake();
  const about = { issueId: issue.id, issueKey: issue.key, inputHash: inputHash(issue) };
  const decide = (more: DecisionDraft): Promise<Decision> => ledger.recordDecision(decisionWith({ ...about, ...more }));
  const decision = await decide(parts);
  return {
    tracker,
    ledger,
    decide,
    decision,
    ports: portsWith({ tracker, ledger }),
    issue,
    now: () => tracker.now(issue.id),
  };
}

export function portsWith(parts: { readonly tracker: Tracker; readonly ledger: Ledger }): ApplyPorts {
  return { clock: { now: () => new Date('2026-05-01T09:00:00Z') }, assertStillOurs: async () => {}, ...parts };
}

export async function lockLost(): Promise<void> {
  throw new Error('the lock was lost');
}
