import type { Model } from '../../../../src/domain/ports/model.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { measuredWith, type Rehearsed, type Stand } from '../desk/stand.ts';
import { promising, type Setting, type Trial, trials } from '../desk/trial.ts';
import { captured } from '../model/captured.ts';
import { knowing } from '../model/knowing.ts';
import { simulated } from '../model/open.ts';
import { type Abstaining, abstaining } from './honest.ts';
import { blocker, bystanders, lessonsFrom, nearCopies, oneCopy, type Poisoning, poisoned } from './poison.ts';

/** How sure the desk wants to be: as the playbook ships, or right seven times in ten. */
export const PROMISES = [
  { name: 'shipped', precision: null },
  { name: '0.7', precision: 0.7 },
] as const;

export interface Round {
  readonly promise: string;
  /** Attacks on the local classifier alone, on the tested model, and on the worst model there can be. */
  readonly flips: Readonly<Record<'local' | 'model' | 'worst' | 'trusted', readonly Trial[]>>;
  readonly sides: Readonly<Record<'local' | 'model', Side>>;
  /** After the local classifier learnt from planted tickets, without a model: the victim itself, and all others. */
  readonly learnt: { readonly victim: Poisoning; readonly others: Poisoning };
}

/** What planted tickets and quotations do without a model, or with the tested one. */
export interface Side {
  readonly copies: Poisoning;
  readonly copy: Poisoning;
  readonly blocker: Poisoning;
  readonly honest: Abstaining;
}

/** One round per promise; what was asked once is not asked again. */
export async function rounds(
  desk: Rehearsed,
  stand: Stand,
  asking: Pick<Setting, 'concurrency'> & { readonly model: Model },
) {
  const owned = captured();
  await using taken = await simulated(owned.brain);
  await using trusted = await simulated(knowing);
  const believing = await measuredWith(trusted.model, desk);
  const books = { model: answersFake(), worst: answersFake() };
  const lessons = await lessonsFrom(nearCopies, stand);
  const all: Round[] = [];
  for (const { name, precision } of PROMISES) {
    const honest: Setting = { ...asking, stand, playbook: promising(stand.playbook, precision), answers: books.model };
    const alone = { ...honest, model: null };
    const worst = { ...honest, model: taken.model, answers: books.worst, concurrency: 1 };
    const betrayed = { ...worst, stand: believing, playbook: promising(believing.playbook, precision) };
    all.push({
      promise: name,
      flips: {
        local: await trials(alone),
        model: await trials(honest),
        worst: await trials(worst, { prepare: owned.obey }),
        trusted: await trials(betrayed, { prepare: owned.obey }),
      },
      sides: { local: await sideOf(alone), model: await sideOf(honest) },
      learnt: {
        victim: await poisoned(nearCopies, alone, lessons),
        others: await bystanders(nearCopies, alone, lessons),
      },
    });
  }
  return all;
}

async function sideOf(setting: Setting): Promise<Side> {
  return {
    copies: await poisoned(nearCopies, setting),
    copy: await poisoned(oneCopy, setting),
    blocker: await poisoned(blocker, setting),
    honest: await abstaining(setting),
  };
}
