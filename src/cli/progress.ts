import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** How far it came; `of` may still grow. */
  readonly update: (done: number, of: number) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, a line every two seconds elsewhere. */
export function showProgress(what: string, unit: string): Progress {
  const bar = new SingleBar(
    {
      format: `${what} {bar} {value}/{total} ${unit}, {duration_formatted}`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: 2000,
    },
    Presets.shades_classic,
  );
  return {
    update: (done, of) => {
      if (bar.isActive) bar.setTotal(of);
      else bar.start(of, 0);
      bar.update(done);
    },
    stop: () => bar.stop(),
  };
}
