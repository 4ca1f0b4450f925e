import type { Calibration } from '../domain/playbook/calibration.ts';
import type { Playbook } from '../domain/playbook/playbook.ts';
import { partsOf, type Target } from '../domain/playbook/target.ts';
import type { PastTicket } from '../domain/ticket/issue.ts';
import { calibrate, localManner } from '../learning/calibration/calibrate.ts';
import type { Trial } from '../learning/calibration/trials.ts';
import { recipeOf, scoringKey } from '../learning/lesson.ts';
import { judge } from '../triage/judge.ts';
import { isUntreated } from './measure/treated.ts';
import { openReplay, type Replayed, type ReplayPorts, trialsOf, truthOf } from './replay.ts';

/** A long history is learnt once and tried on its last fifth; a short one again and again, growing by a tenth. */
const LONG = 3_000;
const LONG_ORIGINS = [0.8] as const;
const SHORT_ORIGINS = [0.5, 0.6, 0.7, 0.8, 0.9] as const;

export interface Rehearsal {
  /** By target name; null where the trials cannot carry a calibration. */
  readonly calibrations: ReadonlyMap<string, Calibration | null>;
  /** By target name. */
  readonly outlooks: ReadonlyMap<string, Outlook>;
  /** Every ticket it decided on, oldest first. */
  readonly tried: readonly Replayed[];
  /** How many those are. */
  readonly measured: number;
  /** Tickets that taught but were not tried, because we had treated them. */
  readonly treated: number;
}

/**
 * What the calibration would have done to the tickets it was made from, which is a little better than what comes: at the
 * promised precision it would have written `written` of `of` tickets, `right` of them rightly. `machine` tickets hold a
 * value that we wrote and nobody touched; they are no truth and are left out.
 */
export interface Outlook {
  readonly of: number;
  readonly written: number;
  readonly right: number;
  readonly machine: number;
}

/**
 * Lets the classifier decide on past tickets that are later than what it learnt from (rolling origin), and measures per
 * target how far its scores can be trusted. `history` comes oldest first. Tickets we treated teach, but nothing is
 * measured on them: which of their values people stand behind depends on what we wrote.
 */
export async function rehearse(
  history: readonly PastTicket[],
  playbook: Playbook,
  { onProgress = () => {}, ...ports }: ReplayPorts & { readonly onProgress?: (done: number, of: number) => void },
): Promise<Rehearsal> {
  const untreated = history.filter(isUntreated);
  const origins = untreated.length >= LONG ? LONG_ORIGINS : SHORT_ORIGINS;
  const cuts = [...origins, 1].map((share) => Math.round(untreated.length * share));
  const of = untreated.length - (cuts[0] ?? 0);
  const targets = playbook.targets.filter(({ name }) => recipeOf(playbook).targets.includes(name));
  const trials = new Map<string, Trial[]>(targets.map(({ name }) => [name, []]));
  const tried: Replayed[] = [];
  let done = 0;
  for (const [index, end] of cuts.slice(1).entries()) {
    const start = cuts[index] ?? end;
    const trying = untreated.slice(start, end);
    const [first] = trying;
    if (!first) continue;
    const replay = await openReplay({ history: history.slice(0, history.indexOf(first)), playbook }, ports);
    for (const ticket of trying) {
      const replayed = await replay.propose(ticket);
      tried.push(replayed);
      for (const target of targets) {
        trials.get(target.name)?.push(...trialsOf(replayed, target, playbook));
      }
      onProgress(++done, of);
    }
  }
  const calibrations = calibrateAll(trials, playbook, embedderOf(history));
  const known = [...calibrations].flatMap(([name, made]) => (made ? [[name, made] as const] : []));
  const calibrated = { ...playbook, calibrations: new Map(known) };
  return {
    calibrations,
    outlooks: new Map(targets.map((target) => [target.name, outlookOn(tried, target, calibrated)])),
    tried,
    measured: tried.length,
    treated: history.length - untreated.length,
  };
}

function outlookOn(tried: readonly Replayed[], target: Target, playbook: Playbook): Outlook {
  const judged = tried.flatMap(({ ticket, issue, proposals }) => {
    const truth = truthOf(ticket, target);
    if (truth.length === 0 || proposals.get(target.name)?.rung !== 'local') return [];
    const verdict = judge(proposals, issue, { ...playbook, targets: [target] }).get(target.name);
    const values = partsOf(target, verdict?.kind === 'value' ? verdict.value : null);
    return [{ isWritten: values.length > 0, isRight: values.every((value) => truth.includes(value)) }];
  });
  const written = judged.filter(({ isWritten }) => isWritten);
  return {
    of: judged.length,
    written: written.length,
    right: written.filter(({ isRight }) => isRight).length,
    machine: tried.filter(({ ticket }) => ticket.values[target.name]?.by === 'machine').length,
  };
}

function calibrateAll(
  trials: ReadonlyMap<string, readonly Trial[]>,
  playbook: Playbook,
  embedder: string | null,
): Rehearsal['calibrations'] {
  const options = { recipe: scoringKey(playbook), embedder, doubt: playbook.classify.doubt };
  return new Map(
    playbook.targets.flatMap((target) => {
      const own = trials.get(target.name);
      return own ? [[target.name, calibrate(own, { ...localManner(target), ...options })] as const] : [];
    }),
  );
}

/** The model behind the newest ticket's vector; null where keywords alone are compared. */
export function embedderOf(history: readonly PastTicket[]): string | null {
  return history.at(-1)?.embedding?.model ?? null;
}
