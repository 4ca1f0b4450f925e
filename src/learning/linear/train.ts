import { byCode } from '../../domain/ticket/text.ts';
import { countFeatures, FEATURE_SPACE, type Rarity, rarityOf, type Sample, weigh } from './features.ts';
import { type Rows, separate } from './linear.ts';
import type { LearntClass, LinearTarget, LocalModel } from './model.ts';
import { type Rounded, rounded, tableOf } from './table.ts';
import type { FeatureCounts } from './tally.ts';

export interface TrainingTicket {
  readonly sample: Sample;
  /** ISO 8601. */
  readonly created: string;
  /** What people ended with, per target name; several values where a target keeps several. */
  readonly truths: Readonly<Record<string, readonly string[]>>;
  /** How much a truth counts that no person stands behind, in (0, 1), per target name; the others count 1. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** What a training depends on besides its tickets. */
export interface Recipe {
  readonly targets: readonly string[];
  /** Names of the features beyond text that the samples carry. */
  readonly features: readonly string[];
  readonly seed: number;
  /** Days after which a past ticket's mistake costs half; null: age does not matter. */
  readonly recencyHalfLifeDays: number | null;
  /** What values count that no person stands behind, where that is not the usual. */
  readonly weakWeight?: number;
}

/** A value that one ticket carries teaches nothing that its neighbours would not say better. */
const MIN_TICKETS = 2;
/** Beyond these, the most frequent values are learnt and the rest is left to the neighbours. */
const MAX_CLASSES = 1_000;
const DAY_MS = 24 * 3600 * 1000;
/** A ticket of many half-lives ago; a cost of 0 would be divided by. */
const LEAST_COST = 1e-6;

/** Gathers past tickets, feature counts only, until they are learnt from. */
export class Corpus {
  readonly #counts: FeatureCounts[] = [];
  readonly #created: number[] = [];
  readonly #truths: TrainingTicket['truths'][] = [];
  readonly #weights: TrainingTicket['weights'][] = [];

  add({ sample, created, truths, weights }: TrainingTicket): void {
    this.#counts.push(countFeatures(sample));
    this.#created.push(Date.parse(created));
    this.#truths.push(truths);
    this.#weights.push(weights);
  }

  get size(): number {
    return this.#counts.length;
  }

  /** Trains every target of the recipe; the version is left to whoever stores the model. Takes seconds to minutes. */
  train(recipe: Recipe): Omit<LocalModel, 'version'> {
    const rarity = rarityOf(documentFrequencies(this.#counts), this.size);
    const rows = rowsOf(this.#counts, rarity);
    const newest = Math.max(...extremes(this.#created));
    const cost = (row: number) =>
      recipe.recencyHalfLifeDays === null
        ? 1
        : 0.5 ** ((newest - (this.#created[row] ?? newest)) / DAY_MS / recipe.recencyHalfLifeDays);
    const targets = recipe.targets.flatMap((name) => {
      const learnt = trainTarget(
        this.#truths.map((truths, row) => ({
          values: ownValue(truths, name) ?? [],
          weight: ownValue(this.#weights[row] ?? {}, name) ?? 1,
        })),
        { rows, cost, seed: recipe.seed },
      );
      return learnt ? [[name, learnt] as const] : [];
    });
    const [from, to] = extremes(this.#created);
    return {
      summary: {
        tickets: this.size,
        from: isoTime(from),
        to: isoTime(to),
        seed: recipe.seed,
        recipe: recipeKey(recipe),
      },
      rarity,
      targets: new Map(targets.map(([name, target]) => [name, target.learnt])),
      table: tableOf(
        targets.map(([, { separators }]) => separators),
        rows.columns,
      ),
    };
  }
}

/** Two recipes with the same key ask for the same training. */
export function recipeKey({ targets, features, seed, recencyHalfLifeDays, weakWeight }: Recipe): string {
  const unusual = weakWeight === undefined ? [] : [weakWeight];
  return JSON.stringify([targets.toSorted(byCode), features.toSorted(byCode), seed, recencyHalfLifeDays, ...unusual]);
}

function ownValue<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function isoTime(milliseconds: number): string {
  return Number.isFinite(milliseconds) ? new Date(milliseconds).toISOString() : '';
}

function extremes(numbers: readonly number[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const number of numbers) {
    low = Math.min(low, number);
    high = Math.max(high, number);
  }
  return [low, high];
}

function documentFrequencies(tickets: readonly FeatureCounts[]): Uint32Array {
  const frequencies = new Uint32Array(FEATURE_SPACE);
  for (const { ids } of tickets) for (const id of ids) frequencies[id] = (frequencies[id] ?? 0) + 1;
  return frequencies;
}

interface Corpora extends Rows {
  /** The hashed feature behind each column. */
  readonly columns: Uint32Array;
}

/** Weighs every ticket; the features that occur become columns 0, 1, …, in ascending order. */
function rowsOf(tickets: readonly FeatureCounts[], rarity: Rarity): Corpora {
  const columnOf = new Int32Array(FEATURE_SPACE).fill(-1);
  const columns = new Uint32Array(rarity.reduce((sum, rank) => sum + (rank === 0 ? 0 : 1), 0));
  let width = 0;
  for (let feature = 0; feature < FEATURE_SPACE; feature++) {
    if (rarity[feature] === 0) continue;
    columns[width] = feature;
    columnOf[feature] = width++;
  }
  const size = tickets.reduce((sum, { ids }) => sum + ids.length, 0);
  const starts = new Uint32Array(tickets.length + 1);
  const ids = new Uint32Array(size);
  const values = new Float32Array(size);
  let end = 0;
  for (const [row, counts] of tickets.entries()) {
    const vector = weigh(counts, rarity);
    for (let position = 0; position < vector.ids.length; position++) {
      ids[end] = columnOf[vector.ids[position] ?? 0] ?? 0;
      values[end++] = vector.values[position] ?? 0;
    }
    starts[row + 1] = end;
  }
  return { starts, ids, values, width, columns };
}

interface TargetTask {
  readonly rows: Corpora;
  readonly cost: (row: number) => number;
  readonly seed: number;
}

/** What a ticket teaches about one target. */
interface Truth {
  readonly values: readonly string[];
  readonly weight: number;
}

interface TrainedTarget {
  readonly learnt: LinearTarget;
  readonly separators: Rounded;
}

/** One class against the rest, for each class; null when there are not two values to tell apart. */
function trainTarget(truths: readonly Truth[], { rows, cost, seed }: TargetTask): TrainedTarget | null {
  const classes = classesOf(truths);
  const members = Uint32Array.from([...truths.keys()].filter((row) => (truths[row]?.values.length ?? 0) > 0));
  const isSeparable =
    classes.length > 1 || classes.some(({ value }) => members.some((row) => !has(truths[row], value)));
  if (classes.length === 0 || !isSeparable) return null;
  const costs = Float32Array.from(members, (row) => Math.max(cost(row) * (truths[row]?.weight ?? 1), LEAST_COST));
  const trained = classes.values().map(({ value }, index) => {
    const signs = Int8Array.from(members, (row) => (has(truths[row], value) ? 1 : -1));
    return separate({ rows, members, signs, costs, seed: seed + index });
  });
  const separators = rounded(trained, classes.length);
  return { learnt: { classes, biases: separators.biases, scales: separators.scales }, separators };
}

function has(truth: Truth | undefined, value: string): boolean {
  return truth?.values.includes(value) === true;
}

/** Weak tickets count by their weight: what only we ever wrote takes many to become a class. */
function classesOf(truths: readonly Truth[]): LearntClass[] {
  const counts = new Map<string, number>();
  for (const { values, weight } of truths)
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + weight);
  return [...counts]
    .map(([value, tickets]) => ({ value, tickets: Math.round(tickets) }))
    .filter(({ tickets }) => tickets >= MIN_TICKETS)
    .sort((left, right) => right.tickets - left.tickets || (left.value < right.value ? -1 : 1))
    .slice(0, MAX_CLASSES);
}
