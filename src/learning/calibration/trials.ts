import { type Logistic, probabilityOf } from './logistic.ts';

/** One proposal for a ticket later than everything the classifier had learnt from, and what people ended with. */
export interface Trial {
  /** Id of the ticket; several proposals for one ticket share it. */
  readonly ticket: string;
  readonly value: string;
  readonly signals: readonly number[];
  readonly isRight: boolean;
  /** Whether the classifier could have known the true value. */
  readonly isKnown: boolean;
  /** ISO 8601. */
  readonly created: string;
  readonly likeness: number;
  /** Whether the nearest past ticket has the true value. */
  readonly isNearestRight: boolean;
  /** Joint probability of the value's family and whether the truth is in it; null without a parent value. */
  readonly family: { readonly share: number; readonly isRight: boolean } | null;
}

/** Pulls the weights of the signals towards zero; measured to matter below a few hundred tickets. */
export const RIDGE = 8;
const FOLDS = 5;

/**
 * Every row's score by a model that was fitted without its ticket; tickets keep their fold by position, so that runs
 * agree.
 */
export function crossFitted(
  trials: readonly Trial[],
  rows: readonly (readonly number[])[],
  fitOn: (members: readonly number[]) => Logistic,
): number[] {
  const places = new Map([...new Set(trials.map(({ ticket }) => ticket))].map((ticket, place) => [ticket, place]));
  const folds = trials.map(({ ticket }) => (places.get(ticket) ?? 0) % FOLDS);
  const models = Array.from({ length: FOLDS }, (_, fold) =>
    fitOn([...rows.keys()].filter((index) => folds[index] !== fold)),
  );
  return rows.map((row, index) => {
    const model = models[folds[index] ?? 0];
    return model ? probabilityOf(model, row) : 0;
  });
}

/** The items at these places. */
export function pick<Item>(items: readonly Item[], members: readonly number[]): Item[] {
  return members.flatMap((member) => {
    const item = items[member];
    return item === undefined ? [] : [item];
  });
}
