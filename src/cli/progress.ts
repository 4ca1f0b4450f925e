import { Presets, SingleBar } from 'cli-progress';

/** Stops when it is disposed of: a bar that is left standing redraws itself and keeps its process alive. */
export interface Progress extends Disposable {
  /** How far it came; `of` may still grow. `note` follows the figures. */
  readonly update: (done: number, of: number, note?: string) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, a line every two seconds elsewhere. */
export function showProgress(what: string, unit: string): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value}/{total} ${unit}, {duration_formatted}{note}`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 2000,
    },
    Presets.shades_classic,
  );
  const stop = () => {
    if (bar.isActive) bar.stop();
  };
  return {
    update: (done, of, note = '') => {
      if (bar.isActive) bar.setTotal(of);
      else bar.start(of, 0, { note });
      bar.update(done, { note });
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
