import type { WriteRecord } from '../../../../src/domain/decision/delivery.ts';
import type { Playbook } from '../../../../src/domain/playbook/playbook.ts';
import type { Ledger } from '../../../../src/domain/ports/ledger.ts';
import type { Tracker } from '../../../../src/domain/ports/tracker.ts';
import { inputHash } from '../../../../src/domain/ticket/input-hash.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { apply } from '../../../../src/write-back/apply.ts';
import { findUndos } from '../../../../src/write-back/undo/find.ts';
import { undo } from '../../../../src/write-back/undo.ts';
import { ledgerFake } from '../../../fakes/ledger.ts';
import { decisionWith, issueWith, playbookWith } from '../../../support/fixtures.ts';
import { type Desk, deskWith } from '../../support/tracker.ts';

export const playbook = playbookWith();

/** A desk with one issue whose decisions can be written and taken back; each step is a second after the other. */
export function undoDesk(issue: Issue = issueWith(), using: Playbook = playbook) {
  let seconds = Date.parse('2026-05-01T09:00:00Z') / 1000;
  const clock = { now: () => new Date(1000 * seconds++) };
  const desk = deskWith(issue);
  const ledger = ledgerFake(clock);
  const ports = (tracker: Tracker = desk, held: Ledger = ledger) => ({
    tracker,
    ledger: held,
    clock,
    assertStillOurs: async () => {},
  });
  const decide = (
    values: Readonly<Record<string, string>>,
    more: { overridesHumans?: boolean; revision?: string } = {},
  ) => {
    const about = { issueId: issue.id, issueKey: issue.key, inputHash: inputHash(issue) };
    return ledger.recordDecision(decisionWith({ ...about, decidedAt: clock.now().toISOString(), values, ...more }));
  };
  const write = async (...decided: Parameters<typeof decide>) => {
    const made = await decide(...decided);
    return apply(made.id, { ...using, revision: made.revision }, ports());
  };
  /** Takes back the one write that the id names, as the command does. */
  const takeBack = async (decisionId: string): Promise<WriteRecord> => {
    const { undos, why } = await findUndos({ decisionId }, { ledger });
    const [found] = undos;
    if (!found) throw new Error(why ?? 'nothing found');
    return undo({ id: found.id, writeId: decisionId }, using, ports());
  };
  return { desk, ledger, ports, decide, write, takeBack, issue, now: () => desk.now(issue.id) };
}

/** What a person sees of an issue that we may have changed. */
export function faceOf({ labels, components, priority, assignee, custom }: Issue) {
  const set = Object.fromEntries(Object.entries(custom).filter(([, value]) => value !== null));
  return { labels: labels.toSorted(), components, priority, assignee, custom: set };
}

export type { Desk };
