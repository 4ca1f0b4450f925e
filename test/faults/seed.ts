import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import { seeded } from '../bench/many-tickets.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of this run; `FAULT_SEED` in the environment brings a run back. */
    faultSeed: number;
    /** 1 in CI; `FAULT_SCALE` in the environment makes runs longer or shorter. */
    faultScale: number;
    /** How much longer than on two free cores to wait for an end; `FAULT_PATIENCE` in the environment, else 1. */
    faultPatience: number;
    /** Where scenarios leave a line each for the table at the end. */
    faultResults: string;
    /** A PostgreSQL server for databases of the tests' own; null where there is none. */
    faultDatabase: string | null;
  }
}

/** So many tickets, or faults, in a run of this scale. */
export function scaled(count: number): number {
  return Math.ceil(count * inject('faultScale'));
}

/** Draws for one scenario; the same seed and name give the same draws. */
export interface Dice {
  /** In [0, 1). */
  roll(): number;
  /** A whole number, both ends included. */
  between(from: number, to: number): number;
  pick<Item>(from: readonly Item[]): Item;
  /** So many whole numbers of a range, none twice, in order. */
  points(count: number, within: { readonly from: number; readonly to: number }): readonly number[];
}

export function diceFor(scenario: string): Dice {
  const digest = createHash('sha256')
    .update(`${inject('faultSeed')} ${scenario}`)
    .digest();
  const roll = seeded(digest.readInt32LE());
  const between = (from: number, to: number) => from + Math.floor(roll() * (to - from + 1));
  return {
    roll,
    between,
    pick: (from) => {
      const picked = from[between(0, from.length - 1)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
    points: (count, { from, to }) => {
      const points = new Set<number>();
      while (points.size < Math.min(count, to - from + 1)) points.add(between(from, to));
      return [...points].sort((one, other) => one - other);
    },
  };
}
