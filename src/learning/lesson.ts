import { type Playbook, PlaybookFileSchema } from '../domain/playbook/playbook.ts';
import { partsOf } from '../domain/playbook/target.ts';
import type { Memory } from '../domain/ports/memory.ts';
import type { ModelStore } from '../domain/ports/model.ts';
import { onlyFeatures } from '../domain/ticket/context.ts';
import type { PastTicket } from '../domain/ticket/issue.ts';
import type { LocalModel } from './linear/model.ts';
import { type Recipe, recipeKey, type TrainingTicket } from './linear/train.ts';
import { trainInThread } from './linear/trainer.ts';

/** Below this nothing is trained: rules decide, and the neighbours suggest. */
export const MIN_TICKETS = 50;
/** The newest ones; more teach little and cost minutes. */
const MAX_TICKETS = 100_000;
const DAY_MS = 24 * 3600 * 1000;
/** A new training is due when the history grew or shrank by this share. */
const CHANGE = 0.05;

export interface Lesson {
  readonly version: string;
  readonly tickets: number;
  readonly targets: readonly string[];
}

/** Trains on all of memory and stores the model. Null, and nothing is stored, when there are too few tickets. */
export async function learnFromMemory(
  playbook: Playbook,
  { memory, models }: { readonly memory: Memory; readonly models: ModelStore },
): Promise<Lesson | null> {
  const size = await memory.size();
  if (size < MIN_TICKETS) return null;
  let read = 0;
  async function* pages() {
    for await (const page of memory.tickets()) {
      const newest = page.slice(Math.max(size - MAX_TICKETS - read, 0));
      read += page.length;
      yield newest.map((ticket) => trainingTicket(ticket, playbook));
    }
  }
  const { version, bytes, targets } = await trainInThread(pages(), recipeOf(playbook));
  await models.save(version, bytes);
  return { version, tickets: Math.min(read, MAX_TICKETS), targets };
}

/** Whether the model in use no longer fits: none, another recipe, a history that changed, or a day old. */
export function isLessonDue(
  { model, storedAt }: { readonly model: LocalModel | null; readonly storedAt: string | null },
  playbook: Playbook,
  { size, now }: { readonly size: number; readonly now: Date },
): boolean {
  if (size < MIN_TICKETS) return false;
  if (!model || storedAt === null) return true;
  if (model.summary.recipe !== recipeKey(recipeOf(playbook))) return true;
  if (now.getTime() - Date.parse(storedAt) > DAY_MS) return true;
  return Math.abs(Math.min(size, MAX_TICKETS) - model.summary.tickets) > model.summary.tickets * CHANGE;
}

/** What the playbook asks a training to do. */
export function recipeOf({ targets, classify }: Playbook): Recipe {
  return {
    targets: targets.flatMap(({ name, mode, decidedBy }) => (mode !== 'off' && decidedBy === 'evidence' ? [name] : [])),
    features: classify.features,
    seed: classify.seed,
    recencyHalfLifeDays: classify.recencyHalfLifeDays ?? null,
    // Left out where it is the usual: what was measured before there were weak values stays in force.
    ...(classify.weakWeight === USUAL.weakWeight ? {} : { weakWeight: classify.weakWeight }),
  };
}

const USUAL = PlaybookFileSchema.shape.classify.parse(undefined);

/** Everything in the playbook that scores depend on; calibrations made with another one say nothing about these. */
export function scoringKey(playbook: Playbook): string {
  const { retrieval, classify } = playbook;
  const { mode, similarityThreshold, topK, keywordWeight, recencyHalfLifeDays = null } = retrieval;
  const found = [mode, similarityThreshold, topK, keywordWeight, recencyHalfLifeDays];
  return JSON.stringify([recipeKey(recipeOf(playbook)), ...found, classify.sharpness]);
}

/**
 * The same for a model's answers: also the prompts, what it is shown, from where on it is asked, and which model it is.
 * Null where the playbook asks none.
 */
export function modelScoringKey(playbook: Playbook, model: string): string | null {
  const { prompts, model: settings, retrieval, plugins, services, privacy } = playbook;
  if (!prompts.triage || !settings) return null;
  const { skipModelAbove, maxTicketTokens } = settings;
  const { shown, maxEvidenceTokens } = retrieval;
  const hashes = [prompts.triage, prompts.hyde, prompts.rerank].map((prompt) => prompt?.hash ?? null);
  const text = [maxTicketTokens, shown, maxEvidenceTokens, plugins, services, privacy];
  return JSON.stringify([scoringKey(playbook), model, hashes, skipModelAbove, ...text]);
}

/** What a past ticket teaches; values that we wrote and nobody touched count by `weakWeight`, at 0 not at all. */
export function trainingTicket(ticket: PastTicket, { targets, classify }: Playbook): TrainingTicket {
  const known = targets.flatMap((target) => {
    const truth = Object.hasOwn(ticket.values, target.name) ? ticket.values[target.name] : undefined;
    const weight = truth?.by === 'machine' ? classify.weakWeight : 1;
    return truth && weight > 0 ? [{ name: target.name, values: partsOf(target, truth.value), weight }] : [];
  });
  const weak = known.filter(({ weight }) => weight < 1);
  return {
    sample: { title: ticket.summary, body: ticket.text, context: onlyFeatures(ticket.context, classify.features) },
    created: ticket.created,
    truths: Object.fromEntries(known.map(({ name, values }) => [name, values])),
    ...(weak.length > 0 ? { weights: Object.fromEntries(weak.map(({ name, weight }) => [name, weight])) } : {}),
  };
}
