import { vi } from 'vitest';
import type { FaultDesk } from '../desk.ts';
import type { Dice } from '../seed.ts';
import type { Running } from './crew.ts';

/** A series of kills at points seen from outside. A point is only looked for once the death before it is mended. */
export interface Crashes {
  readonly killed: number;
  readonly left: number;
  /** Resolves when no place is empty; throws when one could not be taken again. */
  mended(): Promise<void>;
}

export interface CrashDraft {
  readonly count: number;
  /** Jira requests, or chunks that pass the door, from one death to the next at most. */
  readonly gap: number;
}

type Place = 'request' | 'door';

/**
 * Kills in turn whoever asks Jira (before its request has any effect, or right after it, in any case before it is
 * answered) and whoever takes webhooks (with or without the chunk that passes), and puts another in its place.
 */
export function openCrashes(desk: FaultDesk, { count, gap }: CrashDraft): Crashes {
  const { dice } = desk;
  const places = Array.from({ length: count }, (_, index): Place => (index % 2 === 0 ? 'request' : 'door'));
  let [killed, left] = [0, count];
  let mending: Promise<unknown> = Promise.resolve();
  const hit = (isVictim: (process: Running) => boolean) => {
    const victims = desk.running.filter(isVictim);
    killed += victims.length;
    left -= 1;
    // A second try of Jira's comes minutes later, when whoever died is long back.
    desk.site.webhooks.pause();
    mending = Promise.all(victims.map((victim) => desk.replace(victim))).then(async () => {
      desk.site.webhooks.resume();
      await vi.waitUntil(() => !isOnItsLastTries(desk), { timeout: 60_000, interval: 20 });
      arm();
    });
    // Told by `mended`; until then nobody listens.
    mending.catch(() => {});
  };
  const arm = () => {
    const place = places.shift();
    if (place === 'request') atRequest(desk, draw(dice, { from: 1, to: gap }), () => hit(asksJira));
    // More than Jira has under way at once, or the same few would be hit again and again.
    if (place === 'door') atDoor(desk, draw(dice, { from: 25, to: 25 + gap / 3 }), () => hit(takesWebhooks));
  };
  arm();
  return {
    get killed() {
      return killed;
    },
    get left() {
      return left;
    },
    mended: async () => void (await mending),
  };
}

/** Jira tries six times over half an hour; nobody dies in each of these moments. */
function isOnItsLastTries({ site }: FaultDesk): boolean {
  return site.webhooks.deliveries().some(({ state, attempts }) => state === 'pending' && attempts.length >= 3);
}

const asksJira = ({ entry }: Running) => entry !== 'intake';
const takesWebhooks = ({ entry }: Running) => entry !== 'workers';

interface Point {
  readonly nth: number;
  /** Whether what passes here still has its effect. */
  readonly isThrough: boolean;
  readonly roll: number;
}

function draw(dice: Dice, { from, to }: { readonly from: number; readonly to: number }): Point {
  return { nth: dice.between(from, Math.ceil(to)), isThrough: dice.roll() < 0.5, roll: dice.roll() };
}

function atRequest({ watch }: FaultDesk, { nth, isThrough, roll }: Point, kill: () => void): void {
  // Two in three at an edit, where most can go wrong; about every third request is one.
  const asked = roll < 0.67 ? 'edit' : 'any';
  watch.at(asked, asked === 'edit' ? Math.ceil(nth / 3) : nth, () => {
    kill();
    return { hangMs: 5_000, applied: isThrough };
  });
}

function atDoor({ doorstep }: FaultDesk, { nth, isThrough, roll }: Point, kill: () => void): void {
  const at = roll < 0.5 ? 'up' : 'down';
  let left = nth;
  doorstep.watch(({ direction }) => {
    if (direction !== at) return 'pass';
    left -= 1;
    if (left > 0) return 'pass';
    doorstep.watch(null);
    kill();
    return isThrough ? 'pass' : 'drop';
  });
}
