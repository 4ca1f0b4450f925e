import { setTimeout as wait } from 'node:timers/promises';
import { type ReclassifyAnswer, ReclassifyRequest, requestOf, type Steering } from '../../admin/steering.ts';
import { agreeTo } from '../asking/consent.ts';
import { showProgress } from '../progress.ts';
import { actorFor, openSteering, type SteeringOptions, tell } from './open.ts';
import { patiently } from './patience.ts';

export interface ReclassifyOptions extends SteeringOptions {
  readonly issue?: readonly string[];
  readonly jql?: string;
  readonly onlyChanged?: boolean;
  readonly overrideHumans?: boolean;
  readonly yes?: boolean;
}

/** `triage reclassify`: queues tickets for a new decision by the current playbook. */
export async function runReclassify(options: ReclassifyOptions): Promise<void> {
  const { issue: issues, jql, onlyChanged = false, overrideHumans = false, yes = false } = options;
  const request = requestOf(ReclassifyRequest, { issues, jql, onlyChanged, overrideHumans, actor: actorFor(options) });
  await using opened = await openSteering(options, async () => {});
  const { steering, isRemote } = opened;
  const { queued: about } = await patiently(() => steering.reclassify({ ...request, dryRun: true }));
  if (jql !== undefined) tell([`about ${about} tickets are found`]);
  if (overrideHumans)
    tell(['values that people set may be replaced on them, and it is on record that you asked for it']);
  if (jql !== undefined || overrideHumans)
    await agreeTo('Decide on them again?', { isAgreed: yes, otherwise: 'nothing was queued' });
  const { queued, foreign } = await walk(request, about, steering);
  const left = foreign > 0 ? `, ${foreign} left out that are of projects outside the playbook` : '';
  tell([`✔ ${queued} ${queued === 1 ? 'ticket' : 'tickets'} queued for a new decision${left}`]);
  if (!isRemote) tell(['  they are decided when the service runs']);
}

async function walk(request: ReclassifyRequest, about: number, steering: Steering) {
  using bar = showProgress('queueing', 'tickets');
  const done = { queued: 0, foreign: 0 };
  for (let next: string | null = null; ; ) {
    const page: ReclassifyRequest = next === null ? request : { ...request, next };
    const answer: ReclassifyAnswer = await patiently(() => steering.reclassify(page));
    done.queued += answer.queued;
    done.foreign += answer.foreign;
    bar.update(done.queued + done.foreign, Math.max(about, done.queued + done.foreign));
    if (answer.next === null) break;
    next = answer.next;
    await wait(answer.retryAfterMs);
  }
  return done;
}
