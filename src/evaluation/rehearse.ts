import type { Calibration } from '../domain/calibration.ts';
import type { PastTicket } from '../domain/issue.ts';
import type { Playbook } from '../domain/playbook.ts';
import { calibrate, type Trial } from '../learning/calibrate.ts';
import { recipeOf } from '../learning/lesson.ts';
import { recipeKey } from '../learning/linear/train.ts';
import { openReplay, type ReplayPorts, trialsOf } from './replay.ts';

/** A long history is learnt once and tried on its last fifth; a short one again and again, growing by a tenth. */
const LONG = 3_000;
const LONG_ORIGINS = [0.8] as const;
const SHORT_ORIGINS = [0.5, 0.6, 0.7, 0.8, 0.9] as const;

export interface Rehearsal {
  /** By target name; null where the trials cannot carry a calibration. */
  readonly calibrations: ReadonlyMap<string, Calibration | null>;
  readonly trials: ReadonlyMap<string, readonly Trial[]>;
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
  let done = 0;
  for (const [index, end] of cuts.slice(1).entries()) {
    const start = cuts[index] ?? end;
    const replay = await openReplay({ history: history.slice(0, start), playbook }, ports);
    for (const ticket of history.slice(start, end)) {
      const replayed = await replay.propose(ticket);
      for (const target of targets) {
        trials.get(target.name)?.push(...trialsOf(replayed, target, { model: replay.model, playbook }));
      }
      onProgress(++done, of);
    }
  }
  return { trials, calibrations: calibrateAll(trials, playbook) };
}

function calibrateAll(trials: ReadonlyMap<string, readonly Trial[]>, playbook: Playbook): Rehearsal['calibrations'] {
  const recipe = recipeKey(recipeOf(playbook));
  const { doubt } = playbook.classify;
  return new Map([...trials].map(([target, own]) => [target, calibrate(own, { target, recipe, doubt })]));
}
