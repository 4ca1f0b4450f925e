import type { Playbook } from '../../domain/playbook/playbook.ts';
import type { Target } from '../../domain/playbook/target.ts';
import type { PastTicket } from '../../domain/ticket/issue.ts';
import { recipeOf, trainingTicket } from '../../learning/lesson.ts';
import { trainInThread, unpack } from '../../learning/linear/trainer.ts';
import type { EvaluationResult } from '../result.ts';
import { type Case, linearRanking } from './cases.ts';
import { mean } from './metrics.ts';
import { paired } from './summary.ts';

export interface AblationTask {
  readonly target: Target;
  readonly playbook: Playbook;
  readonly history: readonly PastTicket[];
  readonly cases: readonly Case[];
}

const SIZES = [100, 300, 1_000, 3_000, 10_000, 30_000] as const;

/** What more history would bring, by the classifier alone: trained on the newest tickets of growing number. */
export async function learningCurve(task: AblationTask): Promise<EvaluationResult['learningCurve']> {
  const curve = [];
  for (const tickets of SIZES.filter((size) => size < task.history.length)) {
    curve.push({ tickets, accuracy: accuracy(await outcomes(task.history.slice(-tickets), task.playbook, task)) });
  }
  return [...curve, { tickets: task.history.length, accuracy: accuracy(withAll(task)) }];
}

/** What each feature beyond text is worth, by the classifier alone: trained without it. */
export async function featuresWorth(task: AblationTask): Promise<EvaluationResult['features']> {
  const { playbook, history } = task;
  const { features } = playbook.classify;
  const present = features.filter((name) => history.some(({ context }) => Object.hasOwn(context, name)));
  const all = withAll(task);
  const worth = [];
  for (const without of present) {
    const classify = { ...playbook.classify, features: features.filter((name) => name !== without) };
    const rest = await outcomes(history, { ...playbook, classify }, task);
    const pairs = all.map((isRight, index) => [isRight, rest[index] ?? false] as const);
    worth.push({
      without,
      accuracy: accuracy(rest),
      significance: paired('all features', `without ${without}`, pairs),
    });
  }
  return worth;
}

function withAll({ cases }: AblationTask): boolean[] {
  return native(cases).map(({ truth, linear }) => truth.includes(linear[0] ?? ''));
}

async function outcomes(history: readonly PastTicket[], playbook: Playbook, { target, cases }: AblationTask) {
  const pages = [history.map((ticket) => trainingTicket(ticket, playbook))];
  const { version, bytes } = await trainInThread(pages, recipeOf(playbook));
  const model = await unpack(version, bytes);
  return native(cases).map(({ ticket, truth }) =>
    truth.includes(linearRanking(ticket, target, { model, playbook })[0] ?? ''),
  );
}

function native(cases: readonly Case[]): readonly Case[] {
  return cases.filter(({ isForeign }) => !isForeign);
}

function accuracy(hits: readonly boolean[]): number {
  return mean(hits.map((isRight) => (isRight ? 1 : 0)));
}
