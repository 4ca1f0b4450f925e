import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Target } from '../../domain/playbook/target.ts';
import type { Proposal } from '../../triage/classify.ts';
import { type Case, caseOf, type RungAnswers } from '../measure/cases.ts';
import { type Replay, type Replayed, truthOf } from '../replay.ts';
import type { LadderResult } from '../result.ts';
import { curveOf, type Heard, ladderAt, withoutModel } from './curve.ts';
import { type Estimate, estimate } from './estimate.ts';
import type { Hearing } from './hear.ts';
import { type HearAllPorts, hearAll } from './hear-all.ts';
import { ALWAYS, askedBelow, guessOf, locally, modelIn, proposalsAt } from './rungs.ts';
import { ladderResult } from './summary.ts';

export interface AskingPorts extends HearAllPorts {
  /** Hears what asking would cost before anything is sent; throws where that is not wanted. */
  readonly agree: (estimate: Estimate) => Promise<void>;
}

export interface Ascent {
  readonly rung: 'model' | 'ladder';
  readonly target: Target;
  /** With the local classifier's calibration. */
  readonly playbook: Playbook;
  readonly replay: Replay;
  readonly unknown: string | undefined;
  readonly calibrating: readonly Replayed[];
  readonly testing: readonly Replayed[];
}

/**
 * Judges tickets by the ladder, or by the model alone. Every ticket is asked about once, whatever the local classifier
 * says of it, so that the one run tells what asking from any confidence on would bring.
 */
export async function climb(
  ascent: Ascent,
  ports: AskingPorts,
): Promise<{ readonly cases: readonly Case[]; readonly ladder: LadderResult }> {
  const { target, rung } = ascent;
  const hasTruth = ({ ticket }: Replayed) => truthOf(ticket, target).length > 0;
  const [calibrating, testing] = [ascent.calibrating.filter(hasTruth), ascent.testing.filter(hasTruth)];
  const asking = askedBelow(ascent.playbook, ALWAYS);
  const all = [...calibrating, ...testing];
  await ports.agree(await estimate(all, asking, ports));
  const hearings = await hearAll(all, asking, ports);
  const heard: Heard = {
    target,
    playbook: ascent.playbook,
    model: ports.model,
    calibrating: hearings.slice(0, calibrating.length),
    testing: hearings.slice(calibrating.length),
    isForeign: ({ replayed }) =>
      ascent.unknown !== undefined && truthOf(replayed.ticket, target).includes(ascent.unknown),
  };
  const skip = rung === 'model' ? ALWAYS : modelIn(ascent.playbook).skipModelAbove;
  const playbook = ladderAt(skip, heard);
  const cases = heard.testing.map((hearing) => judged(hearing, playbook, ascent));
  const figures = { without: withoutModel(heard), curve: curveOf(heard) };
  return { cases, ladder: ladderResult({ ...figures, rung, cases, hearings, playbook: ascent.playbook }, ports) };
}

function judged(hearing: Hearing, playbook: Playbook, { target, replay, unknown }: Ascent): Case {
  const proposalsFor = (at: Target) => proposalsAt(hearing, at, playbook);
  const rungs = rungsOf(hearing, target, playbook);
  return { ...caseOf(hearing.replayed, { target, playbook, replay, unknown, proposalsFor }), rungs };
}

/** What each rung would have said by itself. */
function rungsOf(hearing: Hearing, target: Target, playbook: Playbook): RungAnswers {
  const { replayed, proposals, asked } = hearing;
  const { best, confidence } = guessOf(locally(hearing), target, playbook);
  const proposal = proposals.get(target.name);
  return {
    local: { values: best, top3: firstThree(replayed.proposals.get(target.name)), confidence },
    model: { values: proposal?.model?.choice.values ?? [], top3: proposal?.model ? firstThree(proposal) : [] },
    modelMs: asked?.endpoint && !asked.isCached ? asked.ms : null,
  };
}

function firstThree(proposal: Proposal | undefined): string[] {
  return proposal?.candidates.slice(0, 3).map(({ value }) => value) ?? [];
}
