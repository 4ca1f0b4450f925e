import type { Calibration } from '../domain/calibration.ts';
import type { PastTicket } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import { partsOf, type Target } from '../domain/target.ts';
import { calibrate, type Trial } from '../learning/calibrate.ts';
import { recipeOf } from '../learning/lesson.ts';
import { recipeKey } from '../learning/linear/train.ts';
import { judge } from '../triage/judge.ts';
import { openReplay, type Replayed, type ReplayPorts, trialsOf, truthOf } from './replay.ts';

/** A long history is learnt once and tried on its last fifth; a short one again and again, growing by a tenth. */
const LONG = 3_000;
const LONG_ORIGINS = [0.8] as const;
const SHORT_ORIGINS = [0.5, 0.6, 0.7, 0.8, 0.9] as const;

export interface Rehearsal {
  /** By target name; null where the trials cannot carry a calibration. */
  readonly calibrations: ReadonlyMap<string, Calibration | null>;
  /** By target name: how many of the trials would have been written at the promised precision, and rightly. */
  readonly written: ReadonlyMap<string, { readonly n: number; readonly right: number }>;
}

/**
 * Lets the classifier decide on past tickets that are later than what it learnt from (rolling origin), and measures per
 * target how far its scores can be trusted. `history` comes oldest first.
 */
export async function rehearse(
  history: readonly PastTicket[],
  playbook: Playbook,
  { onProgress = () => {}, ...ports }: ReplayPorts & { readonly onProgress?: (done: number, of: number) => void },
): Promise<Rehearsal> {
  const origins = history.length >= LONG ? LONG_ORIGINS : SHORT_ORIGINS;
  const cuts = [...origins, 1].map((share) => Math.round(history.length * share));
  const of = history.length - (cuts[0] ?? 0);
  const targets = playbook.targets.filter(({ name }) => recipeOf(playbook).targets.includes(name));
  const trials = new Map<string, Trial[]>(targets.map(({ name }) => [name, []]));
  const tried: Replayed[] = [];
  let done = 0;
  for (const [index, end] of cuts.slice(1).entries()) {
    const start = cuts[index] ?? end;
    const replay = await openReplay({ history: history.slice(0, start), playbook }, ports);
    for (const ticket of history.slice(start, end)) {
      const replayed = await replay.propose(ticket);
      tried.push(replayed);
      for (const target of targets) {
        trials.get(target.name)?.push(...trialsOf(replayed, target, { model: replay.model, playbook }));
      }
      onProgress(++done, of);
    }
  }
  const calibrations = calibrateAll(trials, playbook);
  const known = [...calibrations].flatMap(([name, made]) => (made ? [[name, made] as const] : []));
  const calibrated = { ...playbook, calibrations: new Map(known) };
  return {
    calibrations,
    written: new Map(targets.map((target) => [target.name, writtenOf(tried, target, calibrated)])),
  };
}

function writtenOf(tried: readonly Replayed[], target: Target, playbook: Playbook) {
  const outcomes = tried.flatMap(({ ticket, issue, proposals }) => {
    const truth = truthOf(ticket, target);
    const verdict = judge(proposals, issue, { ...playbook, targets: [target] }).get(target.name);
    if (truth.length === 0 || verdict?.kind !== 'value') return [];
    return [partsOf(target, verdict.value).every((value) => truth.includes(value))];
  });
  return { n: outcomes.length, right: outcomes.filter(Boolean).length };
}

function calibrateAll(trials: ReadonlyMap<string, readonly Trial[]>, playbook: Playbook): Rehearsal['calibrations'] {
  const recipe = recipeKey(recipeOf(playbook));
  const { doubt } = playbook.classify;
  return new Map([...trials].map(([target, own]) => [target, calibrate(own, { target, recipe, doubt })]));
}
