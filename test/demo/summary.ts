import { styleText } from 'node:util';
import type { Verdict } from '../../src/domain/decision/decision.ts';
import { table } from '../../src/evaluation/report/text-table.ts';
import type { Played } from './stage.ts';

/** How one ticket ended for one target. */
export interface Scored {
  readonly target: string;
  /** What Jira holds now. */
  readonly written: string | null;
  /** The best guess, also when it was not sure enough to be written. */
  readonly guess: string | null;
  readonly confidence: number;
  readonly truth: string;
}

/** `written` is what Jira holds for the target, whoever put it there. */
export function score(
  target: string,
  verdict: Verdict | undefined,
  jira: { readonly written: string | null; readonly truth: string },
): Scored {
  const best = verdict?.kind === 'value' ? verdict : verdict?.best;
  return { target, guess: best?.value ?? null, confidence: best?.confidence ?? 0, ...jira };
}

/** One line per target: coverage, precision of what was written, and accuracy of the best guess over all tickets. */
export function targetLines(scores: readonly Scored[]): string {
  const targets = [...new Set(scores.map(({ target }) => target))];
  const rows = targets.map((target) => {
    const all = scores.filter((scored) => scored.target === target);
    const written = all.filter((scored) => scored.written !== null);
    const right = written.filter((scored) => scored.written === scored.truth);
    const guessed = all.filter((scored) => scored.guess === scored.truth);
    return [
      target,
      `${written.length}/${all.length}`,
      share(written.length, all.length),
      share(right.length, written.length),
      share(guessed.length, all.length),
    ];
  });
  return table(['TARGET', 'WRITTEN', 'COVERAGE', 'RIGHT WHEN WRITTEN', 'BEST GUESS RIGHT'], rows);
}

/** What a cut-off would have bought, from the confidences of this run. */
export function cutOffLines(scores: readonly Scored[]): string {
  const rows = [0, 0.3, 0.5, 0.7, 0.9].map((cutOff) => {
    const sure = scores.filter(({ confidence, guess }) => guess !== null && confidence >= cutOff);
    const right = sure.filter(({ guess, truth }) => guess === truth);
    return [cutOff.toFixed(1), share(sure.length, scores.length), share(right.length, sure.length)];
  });
  return table(['CUT-OFF', 'COVERAGE', 'PRECISION'], rows);
}

/** Where every ticket ended, and how fast. Returns the number that nobody can account for. */
export function accounting(
  played: readonly Played[],
  seconds: number,
): { readonly text: string; readonly unaccounted: number } {
  const ended = new Map<string, number>();
  for (const { story } of played) {
    const state = story.deliveries[0]?.state ?? 'unaccounted';
    ended.set(state, (ended.get(state) ?? 0) + 1);
  }
  const unaccounted = (ended.get('unaccounted') ?? 0) + (ended.get('accepted') ?? 0);
  const times = played.flatMap(({ ms }) => (ms === null ? [] : [ms])).sort((left, right) => left - right);
  const at = (quantile: number) => times[Math.min(Math.floor(times.length * quantile), times.length - 1)] ?? 0;
  const states = [...ended].map(([state, count]) => `${count} ${state}`).join(', ');
  const text = `${played.length} tickets: ${states}, ${unaccounted} unaccounted for · ${(played.length / seconds).toFixed(1)} tickets/s · webhook to edit median ${at(0.5)} ms, p95 ${at(0.95)} ms`;
  return { text, unaccounted };
}

/** `83 %`, or a dash where there was nothing to count. */
export function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`;
}

/** Right, wrong or abstained, in colour. */
export function mark({ written, guess, truth }: Scored): string {
  if (written === null) return styleText('dim', guess === truth ? 'abstained (right)' : 'abstained');
  return written === truth ? styleText('green', '✔ right') : styleText('red', `✘ ${truth}`);
}
