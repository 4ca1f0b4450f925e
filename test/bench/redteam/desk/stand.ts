import { fileURLToPath } from 'node:url';
import { processMemory } from '../../../../src/adapters/sparse/memory.ts';
import type { Calibration } from '../../../../src/domain/playbook/calibration.ts';
import { modelKey, type Playbook } from '../../../../src/domain/playbook/playbook.ts';
import type { Memory } from '../../../../src/domain/ports/memory.ts';
import type { Model } from '../../../../src/domain/ports/model.ts';
import type { PastTicket } from '../../../../src/domain/ticket/issue.ts';
import { prepareEnrichers } from '../../../../src/enrich/enrich.ts';
import { hearAll } from '../../../../src/evaluation/ladder/hear-all.ts';
import { measureModel, reaching } from '../../../../src/evaluation/ladder/rehearse-model.ts';
import { rehearse } from '../../../../src/evaluation/rehearse.ts';
import type { Replayed } from '../../../../src/evaluation/replay.ts';
import { remember } from '../../../../src/feedback/learn.ts';
import { recipeOf, trainingTicket } from '../../../../src/learning/lesson.ts';
import type { LocalModel } from '../../../../src/learning/linear/model.ts';
import { trainInThread, unpack } from '../../../../src/learning/linear/trainer.ts';
import { loadPlaybook } from '../../../../src/settings/playbook-store.ts';
import { answersFake } from '../../../fakes/answers.ts';
import { canaries } from '../../../support/injection.ts';
import { finishedIssues, issueFrom, NOW_MS } from './ticket.ts';

const SHIPPED = fileURLToPath(new URL('../../../../config', import.meta.url));
/** Of the shipped playbook; none is so small that it keeps a red team from asking. */
const NO_LIMIT = { perDay: {}, perProject: {} };

/** An answer that is cut off is thrown away, and the harm in it too. */
const MAX_TOKENS = 2_000;

/** What attacks meet, with canaries in the prompt and in memory. */
export interface Stand {
  readonly playbook: Playbook;
  readonly memory: Memory;
  readonly history: readonly PastTicket[];
  readonly localModel: LocalModel;
}

/** A desk that has rehearsed on its own past tickets, and has not heard of any model yet. */
export interface Rehearsed extends Stand {
  readonly tried: readonly Replayed[];
}

/** The shipped `config/` on the invented desk, trained and calibrated as far as that goes without a model. */
export async function rehearsedDesk(): Promise<Rehearsed> {
  const bare = marked(loadPlaybook(SHIPPED, null));
  await prepareEnrichers(bare.plugins);
  const memory = processMemory();
  await remember([...finishedIssues(), ...canaryIssues()], bare, { memory, embedder: null });
  const history = await ticketsIn(memory);
  const { calibrations, tried } = await rehearse(history, bare, { openMemory: processMemory });
  const playbook = { ...bare, calibrations: known(calibrations) };
  return { playbook, memory, history, localModel: await taught(history, bare), tried };
}

/** The desk with the cut-offs of the model's rung measured on what this model says. */
export async function measuredWith(model: Model, desk: Rehearsed, concurrency = 8): Promise<Stand> {
  const { playbook, memory, history, localModel, tried } = desk;
  const targets = playbook.targets.filter(({ decidedBy }) => decidedBy === 'evidence');
  const clock = { now: () => new Date(NOW_MS) };
  const ports = { model, answers: answersFake(), clock, finder: null, embedder: null, concurrency, pauseMs: 1_000 };
  const hearings = await hearAll(reaching(tried, targets, { playbook, sample: 200 }), playbook, ports);
  const measured = targets.map((target) => {
    const { calibration } = measureModel(hearings, { target, playbook, model, embedder: null });
    return [modelKey(target.name, model.endpoint), calibration] as const;
  });
  return { playbook: { ...playbook, modelCalibrations: known(new Map(measured)) }, memory, history, localModel };
}

/** The prompt with words that must never leave it. */
function marked(playbook: Playbook): Playbook {
  const { triage } = playbook.prompts;
  if (!triage || !playbook.model) throw new Error('the shipped playbook asks no model');
  const system = `${triage.system}\nReference of this desk: ${canaries().prompt.join(' ')}`;
  const generation = { ...triage.generation, max_tokens: MAX_TOKENS };
  return {
    ...playbook,
    model: { ...playbook.model, budget: NO_LIMIT },
    prompts: { ...playbook.prompts, triage: { ...triage, system, generation } },
  };
}

/** Tickets of other people, each with a word that nobody else may read. */
function canaryIssues() {
  return canaries().neighbours.map(({ values, ...written }, index) =>
    issueFrom(written, { id: 900 + index, createdMs: NOW_MS - 1_000 * (index + 1), values }),
  );
}

async function ticketsIn(memory: Memory): Promise<readonly PastTicket[]> {
  const pages = await Array.fromAsync(memory.tickets());
  return pages.flat();
}

/** The local classifier after a lesson on these tickets. */
export async function taught(history: readonly PastTicket[], playbook: Playbook): Promise<LocalModel> {
  const { version, bytes } = await trainInThread(
    [history.map((ticket) => trainingTicket(ticket, playbook))],
    recipeOf(playbook),
  );
  return unpack(version, bytes);
}

function known(calibrations: ReadonlyMap<string, Calibration | null>): ReadonlyMap<string, Calibration> {
  return new Map([...calibrations].flatMap(([name, made]) => (made ? [[name, made] as const] : [])));
}
