import type { StoredWrite } from '../../../../src/domain/decision/delivery.ts';
import type { Outcome } from '../../../../src/domain/decision/outcome.ts';
import type { Playbook } from '../../../../src/domain/playbook/playbook.ts';
import type { FieldChange, Issue } from '../../../../src/domain/ticket/issue.ts';
import { compare } from '../../../../src/feedback/compare.ts';
import { BOT, decisionWith, issueWith, playbookWith, says, writeWith } from '../../../support/fixtures.ts';

/** Everything of a story happens on one morning: `at(90)` is 08:01:30. The ticket comes at 0, is decided at 1, written at 60. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 4, 1, 8) + seconds * 1000).toISOString();
}

export const DECIDED = 1;
export const WRITTEN = 60;
export const NOW = new Date(at(86_400));

export interface Plot {
  readonly playbook?: Playbook;
  /** What we decided, by target. */
  readonly values?: Readonly<Record<string, string>>;
  readonly isControl?: boolean;
  readonly team?: string;
  readonly write?: Partial<StoredWrite> | null;
  readonly issue?: Partial<Issue>;
  /** Newest first. */
  readonly changes?: readonly FieldChange[];
}

/** A change of a field; `who` is us unless it says otherwise. */
export function change(
  [fieldId, from, to]: readonly [fieldId: string, from: string | null, to: string | null],
  seconds: number,
  by: string = BOT,
): FieldChange {
  return { fieldId, from, to, by, at: at(seconds) };
}

export function storedWith(parts: Partial<StoredWrite> = {}): StoredWrite {
  return { ...writeWith(), at: at(WRITTEN), undoneBy: null, ...parts };
}

/** What is made of a decision for the category `network`, written into an empty field, unless the plot says otherwise. */
export function judge(plot: Plot): Outcome[] {
  const { playbook = playbookWith(), values = { category: 'network' }, isControl = false, team = null } = plot;
  const verdicts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, says(value, 0.8)]));
  const decision = decisionWith({
    id: 'd-1',
    revision: 'r-1',
    verdicts,
    isControl,
    decidedAt: at(DECIDED),
    routing: { ...decisionWith().routing, team },
  });
  const changes = Object.fromEntries(
    Object.entries(values).map(([name, after]) => [name, { before: null, after }] as const),
  );
  const write = plot.write === null ? null : storedWith({ decisionId: 'd-1', changes, ...plot.write });
  const issue = issueWith({ id: '10001', created: at(0), changes: plot.changes ?? [], ...plot.issue });
  return compare(issue, { decision, write }, { playbook, ourAccountId: BOT, now: NOW });
}

export const unjudged = { result: 'unjudged', isExplicit: false, to: null, by: null, afterMs: null };

/** So many seconds after our write, or after the decision where nothing was written. */
export function overridden(to: string | null, by: string, seconds: number) {
  return { result: 'overridden', isExplicit: true, to, by, afterMs: seconds * 1000 };
}

export function confirmed(isExplicit: boolean, by: string, seconds: number) {
  return { result: 'confirmed', isExplicit, to: null, by, afterMs: seconds * 1000 };
}
