import type { LocalModel } from '../../src/learning/linear/model.ts';
import { encodeModel, versionOf } from '../../src/learning/linear/model-file.ts';
import { Corpus, type Recipe, type TrainingTicket } from '../../src/learning/linear/train.ts';

/** A ticket to learn from; values of the target `category`. */
export function lesson(title: string, values: readonly string[], parts: Partial<TrainingTicket> = {}): TrainingTicket {
  return {
    sample: { title, body: '', context: {} },
    created: '2026-01-01T00:00:00.000Z',
    truths: { category: values },
    ...parts,
  };
}

/** Asks for the target `category`, from text alone. */
export function recipeWith(parts: Partial<Recipe> = {}): Recipe {
  return { targets: ['category'], features: [], seed: 42, recencyHalfLifeDays: null, ...parts };
}

/** Trains without a thread. */
export function trainOn(tickets: readonly TrainingTicket[], parts: Partial<Recipe> = {}): Omit<LocalModel, 'version'> {
  const corpus = new Corpus();
  for (const ticket of tickets) corpus.add(ticket);
  return corpus.train(recipeWith(parts));
}

/** A model as the service would use it. */
export function modelOf(tickets: readonly TrainingTicket[], parts: Partial<Recipe> = {}): LocalModel {
  const model = trainOn(tickets, parts);
  return { ...model, version: versionOf(encodeModel(model)) };
}
