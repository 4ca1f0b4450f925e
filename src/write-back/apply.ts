import type { PassedOver } from '../domain/decision/decision.ts';
import type { WriteRecord } from '../domain/decision/delivery.ts';
import { PermanentError } from '../domain/errors.ts';
import { withBrakes } from '../domain/playbook/brake.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import type { Clock } from '../domain/ports/model.ts';
import type { Tracker } from '../domain/ports/tracker.ts';
import { canBeAccount } from '../domain/ticket/account.ts';
import { giveWay } from './after/give-way.ts';
import { tell } from './after/note.ts';
import { type EditPorts, editOnce } from './edit-once.ts';
import { markFor, type Subject, suggestsMore, withKnownMark } from './mark.ts';
import { type Plan, plan } from './plan.ts';
import { isOutdated } from './rounds.ts';

export interface ApplyPorts extends EditPorts {
  readonly clock: Clock;
}

/**
 * Brings one decision into Jira with at most one edit, and records before and after. `superseded`: people rewrote the
 * ticket or the playbook since, so it is to be decided again. Safe to run again at any point: a finished write stands, an edit that
 * landed just before a crash is recognised by its mark, a plan is made anew.
 */
export async function apply(decisionId: string, playbook: Playbook, ports: ApplyPorts): Promise<WriteRecord> {
  const { ledger, tracker } = ports;
  // The issue is claimed before it is read: a plan from a look before another decision's edit would add to that edit.
  const claim = await ledger.claimWrite(decisionId);
  if (!claim) throw new PermanentError(`decision ${decisionId} is not in the ledger`);
  const { decision } = claim;
  const { at: _, undoneBy: __, ...claimed } = claim.write;
  if (claimed.state !== 'planned') return claimed;
  const issue = await tracker.issue(decision.issueId);
  if (!issue) return ledger.recordWrite({ ...claimed, state: 'refused', reason: 'issue-gone' });
  const subject = { decision, issue, playbook: withBrakes(playbook, await ledger.brakes()) };
  if (issue.mark?.decisionId === decisionId) return complete(claimed, subject, ports);
  const end = (await endByUndo(subject, ports)) ?? endBefore(subject);
  if (end) return ledger.recordWrite({ ...claimed, ...end });
  return write(claimed, { ...subject, issue: await withKnownMark(issue, ports) }, ports);
}

/**
 * Ends a planned write that is given up, so that it no longer holds the issue, and returns what stands; null when there
 * is no write. What had landed counts as applied, for only so can it be taken back.
 */
export async function abandon(
  decisionId: string,
  reason: string,
  { ledger, tracker }: Pick<ApplyPorts, 'ledger' | 'tracker'>,
): Promise<WriteRecord | null> {
  const record = await ledger.write(decisionId);
  if (record?.state !== 'planned') return record;
  const hasLanded = await landed(record, tracker);
  const doubt = hasLanded === null ? ', the edit may have landed' : '';
  return ledger.recordWrite(
    hasLanded
      ? { ...record, state: 'applied', reason: `given up after the edit: ${reason}` }
      : { ...record, state: 'refused', reason: `given up${doubt}: ${reason}` },
  );
}

/** Null when Jira does not tell, which may be the very reason for giving up. */
async function landed({ decisionId, issueId }: WriteRecord, tracker: Tracker): Promise<boolean | null> {
  try {
    return (await tracker.issue(issueId, 'brief'))?.mark?.decisionId === decisionId;
  } catch {
    return null;
  }
}

type End = Pick<WriteRecord, 'state' | 'reason'>;

/** Who took back what we had written on this ticket does not want it again from a decision that was made before. */
async function endByUndo({ decision, issue: { mark } }: Subject, { ledger }: ApplyPorts): Promise<End | null> {
  const isLater = mark !== null && Date.parse(mark.at) > Date.parse(decision.decidedAt);
  const last = isLater ? await ledger.write(mark.decisionId) : null;
  return last && last.undoes !== null ? { state: 'refused', reason: 'taken-back-since' } : null;
}

/** What ends a write before anything is planned. */
function endBefore({ decision, issue, playbook }: Subject): End | null {
  if (!playbook.projects.includes(issue.project)) return { state: 'refused', reason: 'moved' };
  return isOutdated(decision, issue, playbook) ? { state: 'superseded', reason: null } : null;
}

/**
 * Plans, keeps the plan, and makes the edit; what says nothing new is no edit. Jira refuses an edit as a whole when
 * somebody cannot be assigned, so who is assigned is asked for only then: it lets few such questions through.
 */
async function write(
  claimed: WriteRecord,
  { unassignable = [], ...subject }: Subject & { readonly unassignable?: readonly string[] },
  ports: ApplyPorts,
): Promise<WriteRecord> {
  const { issue, playbook } = subject;
  const { changes, suggestions, heldBack, edit, passedOver } = await planLive(subject, unassignable, ports);
  const draft = { ...claimed, issueKey: issue.key, changes, suggestions, heldBack, passedOver };
  const mark = markFor(subject, draft, ports.clock);
  const isEmpty = Object.keys(changes).length === 0 && !suggestsMore(suggestions, issue);
  const { notifyUsers } = playbook.writeBack;
  const instead = async () => {
    const person = personIn(changes, playbook);
    if (person === null || (await ports.tracker.isAssignable(issue.key, person))) return null;
    return write(claimed, { ...subject, unassignable: [...unassignable, person] }, ports);
  };
  const standing = await editOnce({ draft, edit, mark, notifyUsers, isEmpty, instead }, ports);
  return standing ?? complete(draft, subject, ports);
}

/**
 * What follows the edit: people who came in between get their values back, and the note tells what stands. It comes
 * last, so that it never tells of an edit that was refused; a crash before it comes back here.
 */
async function complete(record: WriteRecord, subject: Subject, ports: ApplyPorts): Promise<WriteRecord> {
  const mayCoverPeople = Object.keys(record.changes).length > 0 && !subject.decision.overridesHumans;
  const stood = mayCoverPeople ? await giveWay(record, subject.playbook, ports) : record;
  const told = await tell(stood, subject, ports);
  const reason = told?.kind === 'refused' ? `the note was refused: ${told.reason}` : stood.reason;
  return ports.ledger.recordWrite({ ...stood, state: 'applied', reason });
}

/**
 * The plan; whom it only suggests is checked against Jira, for no edit will tell. Who cannot be assigned is passed over, and
 * so is what is no account: an edit would give the issue to somebody else.
 */
async function planLive(
  { decision, issue, playbook }: Subject,
  known: readonly string[],
  { tracker }: ApplyPorts,
): Promise<Plan & { readonly passedOver: readonly PassedOver[] }> {
  const ourAccountId = (await tracker.myself()).accountId;
  const unassignable = [...known];
  for (;;) {
    const planned = plan(decision, issue, { playbook, ourAccountId, unassignable });
    const assigned = personIn(planned.changes, playbook);
    const person = assigned ?? personIn(planned.suggestions, playbook);
    const mayBe =
      person === null || (assigned === null ? await tracker.isAssignable(issue.key, person) : canBeAccount(person));
    if (mayBe) return { ...planned, passedOver: unassignable.map((accountId) => ({ accountId, why: NOT_ASSIGNABLE })) };
    unassignable.push(person);
  }
}

const NOT_ASSIGNABLE = 'could not be assigned when it was written';

/** Whom changes or suggestions give the issue to. */
function personIn(values: Plan['changes'] | Plan['suggestions'], { targets }: Playbook): string | null {
  const people = targets.filter(({ kind }) => kind === 'assignee').map(({ name }) => values[name]);
  return (
    people
      .map((value) => (typeof value === 'object' ? value.after : value))
      .find((person) => typeof person === 'string') ?? null
  );
}
