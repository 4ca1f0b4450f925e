import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
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
  return {
    update: (done, of, note = '') => {
      if (bar.isActive) bar.setTotal(of);
      else bar.start(of, 0, { note });
      bar.update(done, { note });
    },
    stop: () => {
      if (bar.isActive) bar.stop();
    },
  };
}
