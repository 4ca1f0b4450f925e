import type { Decision } from '../domain/decision.ts';
import type { WriteRecord } from '../domain/delivery.ts';
import { PermanentError } from '../domain/errors.ts';
import type { Issue } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Clock, EditResult, Ledger, Tracker } from '../domain/ports.ts';
import { readValue } from '../domain/target.ts';
import { noteFor } from './note.ts';
import { type Plan, plan } from './plan.ts';

export interface ApplyPorts {
  readonly tracker: Tracker;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Throws when another worker took this job over, which is the last moment not to write twice. */
  readonly assertStillOurs: () => Promise<void>;
}

/**
 * Brings one decision into Jira with at most one edit, and records before and after. Safe to run again at any point:
 * a finished write stands, an edit that landed just before a crash is recognised by its mark, a plan is made anew.
 */
export async function apply(decisionId: string, playbook: Playbook, ports: ApplyPorts): Promise<WriteRecord> {
  const decision = await ports.ledger.decision(decisionId);
  if (!decision) throw new PermanentError(`decision ${decisionId} is not in the ledger`);
  // The issue is claimed before it is read: a plan from a look before another decision's edit would add to that edit.
  const claimed = (await ports.ledger.write(decisionId)) ?? (await ports.ledger.recordWrite(claimOf(decision)));
  if (claimed.state !== 'planned') return claimed;
  const issue = await ports.tracker.issue(decision.issueId);
  if (!issue) return finish({ ...claimed, state: 'refused', reason: 'issue-gone' }, ports);
  if (issue.mark?.decisionId === decisionId) return finish({ ...claimed, state: 'applied' }, ports);
  if (!playbook.projects.includes(issue.project))
    return finish({ ...claimed, state: 'refused', reason: 'moved' }, ports);
  const planned = await planLive({ decision, issue, playbook }, ports);
  const draft = { ...claimed, issueKey: issue.key, changes: planned.changes, heldBack: heldBackBy(planned) };
  if (isEmpty(planned)) return finish({ ...draft, state: 'unchanged' }, ports);
  const standing = await ports.ledger.recordWrite(draft);
  if (standing.state !== 'planned') return standing;
  await ports.assertStillOurs();
  const result = await write({ decision, issue, playbook }, planned, ports);
  return finish({ ...draft, ...stateOf(result) }, ports);
}

/** Marks a planned write as given up, so that it no longer holds the issue. */
export async function abandon(
  decisionId: string,
  reason: string,
  { ledger }: { readonly ledger: Ledger },
): Promise<void> {
  const record = await ledger.write(decisionId);
  if (record?.state === 'planned')
    await ledger.recordWrite({ ...record, state: 'refused', reason: `given up, the edit may have landed: ${reason}` });
}

/** One decision about one issue as it is now. */
interface Subject {
  readonly decision: Decision;
  readonly issue: Issue;
  readonly playbook: Playbook;
}

/** The plan, with the assignee checked against Jira when there is one to write. */
async function planLive({ decision, issue, playbook }: Subject, { tracker }: ApplyPorts): Promise<Plan> {
  const context = { playbook, ourAccountId: (await tracker.myself()).accountId };
  const first = plan(decision, issue, context);
  const target = playbook.targets.find(
    ({ kind, name }) => kind === 'assignee' && (first.changes[name] || first.suggestions[name]),
  );
  const person = target && (first.changes[target.name]?.after ?? first.suggestions[target.name]);
  if (!person || (await tracker.isAssignable(issue.key, person))) return first;
  return plan(decision, issue, { ...context, unassignable: [person] });
}

function isEmpty({ changes, suggestions }: Plan): boolean {
  return Object.keys(changes).length === 0 && Object.keys(suggestions).length === 0;
}

async function write(
  { decision, issue, playbook }: Subject,
  planned: Plan,
  { tracker, clock }: ApplyPorts,
): Promise<EditResult> {
  if (Object.keys(planned.suggestions).length > 0) {
    const noted = await tracker.addInternalNote(issue.id, noteFor(planned.suggestions, decision, issue));
    if (noted.kind !== 'done' || Object.keys(planned.changes).length === 0) return noted;
  }
  const values = ourValues(issue, planned, playbook);
  const mark = { decisionId: decision.id, revision: decision.revision, at: clock.now().toISOString(), values };
  return tracker.edit(issue.id, { ...planned.edit, mark, notifyUsers: playbook.writeBack.notifyUsers });
}

/** All values on the issue that are ours after this edit: the new ones, and earlier ones that still stand. */
function ourValues(issue: Issue, planned: Plan, playbook: Playbook): Record<string, string> {
  const standing = playbook.targets.flatMap((target) => {
    const value = issue.mark?.values[target.name];
    return value !== undefined && readValue(target, issue) === value ? [[target.name, value] as const] : [];
  });
  const written = Object.entries(planned.changes).flatMap(([name, { after }]) =>
    after === null ? [] : [[name, after] as const],
  );
  return Object.fromEntries([...standing, ...written]);
}

function stateOf(result: EditResult): Pick<WriteRecord, 'state' | 'reason'> {
  switch (result.kind) {
    case 'done':
      return { state: 'applied', reason: null };
    case 'dry-run':
      return { state: 'dry-run', reason: null };
    case 'gone':
      return { state: 'refused', reason: 'issue-gone' };
    case 'refused':
      return { state: 'refused', reason: result.reason };
    default:
      return result satisfies never;
  }
}

function claimOf({ id, issueId, issueKey }: Decision): WriteRecord {
  return { decisionId: id, issueId, issueKey, state: 'planned', reason: null, changes: {}, heldBack: {} };
}

/** Why each decided target is not written; for suggestions, what was suggested. */
function heldBackBy({ heldBack, suggestions }: Plan): Record<string, string> {
  const suggested = Object.entries(suggestions).map(([target, value]) => [target, `suggested ${value}`] as const);
  return { ...heldBack, ...Object.fromEntries(suggested) };
}

async function finish(record: WriteRecord, { ledger }: ApplyPorts): Promise<WriteRecord> {
  return ledger.recordWrite(record);
}
