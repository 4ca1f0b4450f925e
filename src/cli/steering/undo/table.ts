import type { UndoOutlook } from '../../../admin/steering.ts';
import type { StoredWrite } from '../../../domain/decision/delivery.ts';
import type { UndoRehearsal } from '../../../domain/decision/undo.ts';
import { name, table } from '../../../evaluation/report/text-table.ts';

/** What became of undos; `open`: not ended yet. */
export interface UndoResults {
  readonly ended: readonly StoredWrite[];
  readonly open: number;
}

/** Whether anything would be taken back, as far as was looked. */
export function wouldChange({ undos, more }: UndoOutlook): boolean {
  return more > 0 || undos.some(({ changes }) => Object.keys(changes).length > 0);
}

/** What an undo would do, for a terminal. */
export function outlookLines({ undos, more, why }: UndoOutlook): readonly string[] {
  if (why !== null) return [name(why, 300)];
  return [table(HEADER, undos.flatMap(rowsOf)), ...(more > 0 ? [`and ${more} more writes, not looked at yet`] : [])];
}

/** What was done, for a terminal. */
export function resultLines({ ended, open }: UndoResults): readonly string[] {
  const done = ended.filter(({ state }) => state === 'applied').length;
  return [
    ...(ended.length > 0 ? [table(HEADER, ended.map(asTold).flatMap(rowsOf))] : []),
    `✔ ${done} of ${ended.length + open} writes taken back`,
    ...(open > 0 ? [`  ${open} have not ended yet; the service goes on with them`] : []),
  ];
}

const HEADER = ['TICKET', 'TARGET', 'OURS', 'BEFORE', '', 'WRITE'];

type Told = Pick<UndoRehearsal, 'issueKey' | 'writeId' | 'changes' | 'heldBack' | 'reason'>;

function asTold({ issueKey, decisionId, undoes, changes, heldBack, state, reason }: StoredWrite): Told {
  const isFine = state === 'applied' || state === 'unchanged';
  return { issueKey, writeId: undoes ?? decisionId, changes, heldBack, reason: isFine ? null : (reason ?? state) };
}

/** One row per target; one for the whole write where Jira refused it. */
function rowsOf({ issueKey, writeId, changes, heldBack, reason }: Told): string[][] {
  const row = (target: string, { ours = '', before = '', why = '' }) => [issueKey, target, ours, before, why, writeId];
  if (reason !== null) return [row('', { why: wordsFor(reason) }).map((cell) => name(cell, WIDTH))];
  const restored = Object.entries(changes).map(([target, { before, after }]) =>
    row(target, { ours: before ?? EMPTY, before: after ?? EMPTY }),
  );
  const left = Object.entries(heldBack).map(([target, why]) => row(target, { why: wordsFor(why) }));
  return [...restored, ...left].map((cells) => cells.map((cell) => name(cell, WIDTH)));
}

const EMPTY = '(empty)';
/** Of a cell; ids are shorter, values may be anything. */
const WIDTH = 80;

const WORDS: Readonly<Record<string, string>> = {
  'human-set': 'left alone: a person touched it since',
  'set-meanwhile-by-a-person': 'left alone: a person set it just then',
  'changed-since': 'left alone: a later write of ours is about it; undo that one first',
  same: 'holds the earlier value already',
  'not-editable': 'left alone: the field cannot be edited on this ticket now',
  'no-allowed-value': 'left alone: Jira does not allow the earlier value any more',
  'not-assignable': 'left alone: the earlier assignee cannot be assigned any more',
  'not-in-playbook': 'left alone: the playbook has no such target any more',
  'issue-gone': 'the ticket is gone, or not visible to us',
  'undone-already': 'was taken back already',
};

function wordsFor(why: string): string {
  return (Object.hasOwn(WORDS, why) ? WORDS[why] : undefined) ?? why;
}
