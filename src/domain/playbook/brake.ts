import type { Playbook } from './playbook.ts';
import { moreCareful } from './target.ts';

/** Something that switched itself to a more careful mode, and goes back only by a person. */
export interface Brake {
  readonly id: string;
  readonly target: string;
  /** The class that is only suggested now; null: the whole target is off. */
  readonly value: string | null;
  readonly kind: 'override-rate' | 'field-gone';
  /** In words for people. */
  readonly why: string;
  readonly pulledAt: string;
}

/** The playbook as it holds while these brakes are on. */
export function withBrakes(playbook: Playbook, brakes: readonly Brake[]): Playbook {
  if (brakes.length === 0) return playbook;
  const targets = playbook.targets.map((target) => {
    const own = brakes.filter((brake) => brake.target === target.name);
    if (own.some(({ value }) => value === null)) return { ...target, mode: 'off' as const };
    const braked = own.flatMap(({ value }) => {
      if (value === null) return [];
      const options = Object.hasOwn(target.classes, value) ? target.classes[value] : undefined;
      return [
        [
          value,
          { exclude: false, protect: false, ...options, atMost: moreCareful('suggest', options?.atMost ?? 'auto') },
        ] as const,
      ];
    });
    return { ...target, classes: { ...target.classes, ...Object.fromEntries(braked) } };
  });
  return { ...playbook, targets };
}
