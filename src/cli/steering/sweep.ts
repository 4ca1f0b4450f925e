import { requestOf, type Steering, type SweepAnswer, SweepRequest } from '../../admin/steering.ts';
import { agreeTo } from '../asking/consent.ts';
import { showProgress } from '../progress.ts';
import { actorFor, openSteering, type SteeringOptions, tell } from './open.ts';
import { patiently } from './patience.ts';

export interface SweepOptions extends SteeringOptions {
  readonly since?: string;
  /** Seconds. */
  readonly settle: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** `triage sweep`: hands over tickets and changes that no webhook told us of; back to a time in the past only when agreed to. */
export async function runSweep(options: SweepOptions): Promise<void> {
  const { since, settle: settleSeconds, dryRun = false, yes = false } = options;
  const request = requestOf(SweepRequest, { since, settleSeconds, actor: actorFor(options) });
  await using opened = await openSteering(options, async () => {});
  const { steering, isRemote } = opened;
  if (dryRun || since !== undefined) {
    const outlook = await patiently(() => steering.sweep({ ...request, dryRun: true }));
    tell(outlookLines(outlook));
    if (dryRun) return;
    await agreeTo('Hand them over?', { isAgreed: yes, otherwise: 'nothing was handed over' });
  }
  const done = await toTheEnd(request, steering);
  tell([`✔ ${foundWords(done)} handed over, of ${done.looked} looked at`, ...hiddenLines(done)]);
  if (done.missing > 0) tell([`! ${done.missing} new tickets could not be handed over; run it again`]);
  if (!isRemote && done.triage + done.learn > 0) tell(['  they are looked after when the service runs']);
}

async function toTheEnd(request: SweepRequest, steering: Steering) {
  using bar = showProgress('sweeping', 'issues');
  let answer = await patiently(() => steering.sweep(request));
  const { since: _, ...onward } = request;
  const done = { ...answer };
  while (answer.remaining > 0) {
    bar.update(done.looked, done.looked + answer.remaining);
    answer = await patiently(() => steering.sweep(onward));
    done.triage += answer.triage;
    done.learn += answer.learn;
    done.looked += answer.looked;
    done.missing = answer.missing;
  }
  return done;
}

function outlookLines(answer: SweepAnswer): readonly string[] {
  const { from, looked, remaining } = answer;
  return [
    ...(from === null ? [] : [`looking back to ${from}`]),
    `${foundWords(answer)} found, of ${looked} looked at${remaining > 0 ? `; about ${remaining} more not looked at yet` : ''}`,
    ...hiddenLines(answer),
  ];
}

function foundWords({ triage, learn }: Pick<SweepAnswer, 'triage' | 'learn'>): string {
  const tickets = `${triage} new ${triage === 1 ? 'ticket' : 'tickets'}`;
  return `${tickets} and ${learn} ${learn === 1 ? 'change' : 'changes'} that no webhook told of`;
}

function hiddenLines({ hidden }: Pick<SweepAnswer, 'hidden'>): readonly string[] {
  return Object.entries(hidden).map(([project, why]) => `! Jira does not let us search ${project}: ${why}`);
}
