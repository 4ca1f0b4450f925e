import type { WriteRecord } from '../../domain/decision/delivery.ts';
import { TransientError } from '../../domain/errors.ts';
import { changesOf, partsIn } from '../../domain/playbook/owner.ts';
import type { Playbook } from '../../domain/playbook/playbook.ts';
import { editOf, type FieldEdit, readValue, type Target } from '../../domain/playbook/target.ts';
import type { Tracker } from '../../domain/ports/tracker.ts';
import type { FieldChange, Issue } from '../../domain/ticket/issue.ts';
import { merge } from '../plan.ts';

/** How often a person may come in between one after the other before the job starts over. */
const TRIES = 5;

export interface GiveWayPorts {
  readonly tracker: Tracker;
  readonly assertStillOurs: () => Promise<void>;
}

/**
 * Jira has no conditional edit: what a person sets between our look and our edit lies under ours. Looks again, puts what
 * people had set back, and returns the write without the targets it had to give up. That is an edit more than one, and
 * the only one there is. Says so in `reason` when Jira refuses it. Safe to run again at any point.
 */
export async function giveWay(record: WriteRecord, playbook: Playbook, ports: GiveWayPorts): Promise<WriteRecord> {
  const us = (await ports.tracker.myself()).accountId;
  const targets = playbook.targets.filter(({ name }) => Object.hasOwn(record.changes, name));
  const given = new Set<string>();
  for (let tries = 0; tries < TRIES; tries++) {
    const issue = await ports.tracker.issue(record.issueId, 'brief');
    if (!issue?.mark) return without(given, record);
    const covered = targets.flatMap((target) => coveredBy(us, target, issue));
    for (const { target } of covered) given.add(target.name);
    const edits = covered.flatMap(putBack);
    if (edits.length === 0) return without(given, record);
    const values = Object.fromEntries(Object.entries(issue.mark.values).filter(([name]) => !given.has(name)));
    const mark = { ...issue.mark, values };
    const result = await ports.tracker.edit(issue.id, {
      ...merge(edits),
      mark,
      notifyUsers: playbook.writeBack.notifyUsers,
      goAhead: ports.assertStillOurs,
    });
    if (result.kind === 'refused' || result.kind === 'dry-run') {
      const why = result.kind === 'refused' ? result.reason : 'writes are off';
      return { ...record, reason: `a value that a person set meanwhile could not be put back: ${why}` };
    }
  }
  throw new TransientError(`people are editing ${record.issueKey} right now`);
}

/** A target where our newest changes lie on a person's. */
interface Covered {
  readonly target: Target;
  readonly now: readonly string[];
  /** What the person had left. */
  readonly former: readonly string[];
}

/**
 * A value that we may write was never touched by a person before; so where one stands right below us in the changelog,
 * they came in between.
 */
function coveredBy(us: string, target: Target, issue: Issue): readonly Covered[] {
  const changes = changesOf(target, issue);
  const theirs = changes.findIndex(({ by }) => by !== us);
  if (theirs <= 0) return [];
  const now = held(target, issue);
  return [
    { target, now, former: changes.slice(0, theirs).reduce((values, change) => rewound(values, change, target), now) },
  ];
}

function rewound(values: readonly string[], { from, to }: FieldChange, target: Target): readonly string[] {
  const added = partsIn(target, to);
  return [...values.filter((value) => !added.includes(value)), ...partsIn(target, from)];
}

function held(target: Target, issue: Issue): readonly string[] {
  if (target.kind === 'label') return partsIn(target, issue.labels.join(' '));
  if (target.kind === 'component') return issue.components;
  const value = readValue(target, issue);
  return value === null ? [] : [value];
}

function putBack({ target, now, former }: Covered): readonly FieldEdit[] {
  const tooMany = now.filter((value) => !former.includes(value));
  const missing = former.filter((value) => !now.includes(value));
  if (target.kind === 'label' || target.kind === 'component')
    return [
      ...tooMany.map((value) => editOf(target, value, null)),
      ...missing.map((value) => editOf(target, null, value)),
    ];
  return tooMany.length + missing.length === 0 ? [] : [editOf(target, now[0] ?? null, former[0] ?? null)];
}

function without(given: ReadonlySet<string>, record: WriteRecord): WriteRecord {
  if (given.size === 0) return record;
  return {
    ...record,
    changes: Object.fromEntries(Object.entries(record.changes).filter(([name]) => !given.has(name))),
    heldBack: {
      ...record.heldBack,
      ...Object.fromEntries([...given].map((name) => [name, 'set-meanwhile-by-a-person'])),
    },
  };
}
