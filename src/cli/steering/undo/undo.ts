import { setTimeout as wait } from 'node:timers/promises';
import { requestOf, type Steering, type UndoOrder, UndoRequest } from '../../../admin/steering.ts';
import { queueUndos } from '../../../compose/steering/steering.ts';
import type { Context } from '../../../compose.ts';
import type { StoredWrite } from '../../../domain/decision/delivery.ts';
import type { Undo } from '../../../domain/decision/undo.ts';
import { PermanentError, TransientError } from '../../../domain/errors.ts';
import { undo } from '../../../write-back/undo.ts';
import { agreeTo } from '../../asking/consent.ts';
import { showProgress } from '../../progress.ts';
import { actorFor, type CarryOut, openSteering, type SteeringOptions, tell } from '../open.ts';
import { patiently } from '../patience.ts';
import { outlookLines, resultLines, type UndoResults, wouldChange } from './table.ts';

export interface UndoOptions extends SteeringOptions {
  readonly issue?: string;
  readonly revision?: string;
  readonly decision?: string;
  readonly since?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly perSecond: number;
}

/** `triage undo`: shows what would be taken back, asks, takes it back, and tells what was left alone and why. */
export async function runUndo(options: UndoOptions): Promise<void> {
  const { issue, revision, decision, since, dryRun = false, yes = false } = options;
  const request = requestOf(UndoRequest, { issue, revision, decision, since, actor: actorFor(options) });
  await using opened = await openSteering(options, atPace(options.perSecond));
  const { steering } = opened;
  const outlook = await patiently(() => steering.rehearseUndo(request));
  tell(outlookLines(outlook));
  if (dryRun) return;
  if (!wouldChange(outlook)) return tell(['✔ nothing was taken back']);
  const found = outlook.undos.length + outlook.more;
  const question = `Take back ${found === 1 ? 'this write' : `these ${found} writes`}?`;
  await agreeTo(question, { isAgreed: yes, otherwise: 'nothing was taken back' });
  const order = await patiently(() => steering.undo(request));
  tell(resultLines(await results(order, opened)));
}

/** How much later than this process a worker comes by, at the least. */
const SPARE_MS = 10 * 60_000;

/** Undos in a row that fail for a passing reason before the rest is left to the service. */
const MAX_FAILURES = 3;

/** Makes undos in this process; the queue has them as well, for the service to finish what a crash leaves open. */
function atPace(perSecond: number): CarryOut {
  return async (undos, context) => {
    await queueUndos(context.publisher.publish, SPARE_MS + undos.length * 1_000)(undos);
    using bar = showProgress('taking back', 'writes');
    let failures = 0;
    for (const [index, one] of undos.entries()) {
      failures = (await makeOne(one, context)) ? 0 : failures + 1;
      if (failures >= MAX_FAILURES) break;
      bar.update(index + 1, undos.length);
      await wait(1000 / perSecond);
    }
  };
}

/** One ticket that cannot be had must not keep the others; false where it may be had later. */
async function makeOne({ id, write }: Undo, context: Context): Promise<boolean> {
  const ports = { ...context, assertStillOurs: async () => {} };
  try {
    await patiently(() => undo({ id, writeId: write.decisionId }, context.playbook(), ports));
    return true;
  } catch (error) {
    if (error instanceof TransientError) return false;
    // The ledger has forgotten the write since it was found.
    if (error instanceof PermanentError) return true;
    throw error;
  }
}

const POLL_MS = 500;
/** Without anything finished for so long, the service is left to its work. */
const STANDSTILL_MS = 60_000;

/** Waits for each undo to end; what this process made has ended already. */
async function results(
  { undos }: UndoOrder,
  { steering, isRemote }: { readonly steering: Steering; readonly isRemote: boolean },
): Promise<UndoResults> {
  using bar = showProgress('taking back', 'writes');
  const ended: StoredWrite[] = [];
  let lastEndAt = Date.now();
  for (const { id } of undos) {
    let write = await patiently(() => steering.write(id));
    while (isRemote && !hasEnded(write) && Date.now() - lastEndAt < STANDSTILL_MS) {
      await wait(POLL_MS);
      write = await patiently(() => steering.write(id));
    }
    if (!write || !hasEnded(write)) continue;
    ended.push(write);
    lastEndAt = Date.now();
    if (isRemote) bar.update(ended.length, undos.length);
  }
  return { ended, open: undos.length - ended.length };
}

function hasEnded(write: StoredWrite | null): boolean {
  return write !== null && write.state !== 'planned';
}
