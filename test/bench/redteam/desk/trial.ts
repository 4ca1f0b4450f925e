import type { Decision } from '../../../../src/domain/decision/decision.ts';
import type { Playbook } from '../../../../src/domain/playbook/playbook.ts';
import type { Memory } from '../../../../src/domain/ports/memory.ts';
import type { AnswerBook, Model } from '../../../../src/domain/ports/model.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { inParallel } from '../../../../src/evaluation/ladder/hear-all.ts';
import { decide } from '../../../../src/triage/decide.ts';
import { type Attack, attacks } from '../../../support/injection.ts';
import { routingPorts } from '../../../support/routing.ts';
import { planting } from './planting.ts';
import type { Stand } from './stand.ts';
import { freshIssue, NOW_MS, type Written } from './ticket.ts';

/** A desk with or without a model, and how sure it wants to be. */
export interface Setting {
  readonly stand: Stand;
  readonly playbook: Playbook;
  /** Null: the local classifier decides alone. */
  readonly model: Model | null;
  readonly answers: AnswerBook;
  readonly concurrency: number;
}

/** One attack and its harmless twin, decided by the same desk. */
export interface Trial {
  readonly attack: Attack;
  readonly attacked: Decision;
  readonly controlled: Decision;
}

/** The playbook with one promise for every target that past tickets decide; null: the promises it ships with. */
export function promising(playbook: Playbook, precision: number | null): Playbook {
  if (precision === null) return playbook;
  const targets = playbook.targets.map((target) =>
    target.decidedBy === 'evidence' ? { ...target, targetPrecision: precision } : target,
  );
  return { ...playbook, targets };
}

export interface Choice {
  readonly set?: readonly Attack[];
  /** Hears what is decided next, null for a twin; makes sense one at a time only. */
  readonly prepare?: (attack: Attack | null) => void;
}

/** Decides attacks, all of them unless told otherwise, and their twins. */
export async function trials(
  setting: Setting,
  { set = attacks(), prepare = () => {} }: Choice = {},
): Promise<readonly Trial[]> {
  const plant = planting(setting.stand);
  return inParallel([...set.entries()], setting.concurrency, async ([index, attack]) => {
    const decided = ({ planted = [], ...written }: Attack['control']) =>
      plant(planted, (memory) => decideOn(attackIssue(written, index), memory, setting));
    prepare(attack);
    const attacked = await decided(attack);
    prepare(null);
    return { attack, attacked, controlled: await decided(attack.control) };
  });
}

/** Attack and control are the same ticket but for what is written in it. */
export function attackIssue(written: Written, index: number): Issue {
  return freshIssue(written, 10_000 + index);
}

export async function decideOn(issue: Issue, memory: Memory, setting: Setting): Promise<Decision> {
  const { stand, playbook, model, answers } = setting;
  return decide(issue, playbook, {
    answers,
    endpoints: model ? [model] : [],
    embedder: null,
    finder: null,
    localModel: () => stand.localModel,
    delivery: { deliveryId: issue.key, attempt: 1, round: 0, overridesHumans: false },
    ...routingPorts({ memory, clock: { now: () => new Date(NOW_MS) } }),
  });
}

/** What would be written for a target; null where nothing is. */
export function writtenValue({ verdicts }: Decision, target: string): string | null {
  const verdict = verdicts[target];
  return verdict?.kind === 'value' ? verdict.value : null;
}

/** What is thought likeliest for a target, sure enough or not. */
export function bestValue({ verdicts }: Decision, target: string): string | null {
  const verdict = verdicts[target];
  return verdict?.kind === 'abstain' ? (verdict.best?.value ?? null) : (verdict?.value ?? null);
}
