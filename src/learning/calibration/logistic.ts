/** A fitted logistic regression: log-odds = bias + Σ weight · (input − mean) / scale. Plain data, fit for JSON. */
export interface Logistic {
  readonly means: number[];
  readonly scales: number[];
  readonly weights: number[];
  readonly bias: number;
}

interface Sample {
  /** Standardised, then a 1 for the bias. */
  readonly inputs: readonly number[];
  readonly outcome: number;
  readonly weight: number;
}

/**
 * Logistic regression on standardised inputs, minimising Σ weight · −log likelihood + ridge / 2 · Σ slope²; the bias
 * is free. Newton's method (IRLS: Hastie et al., Elements of Statistical Learning, 4.4.1), each step halved until the
 * loss does not rise, so it settles on separable data too. Same input, same model. Where every outcome is the same
 * (or there is none) no minimum exists: the slopes are 0 and the bias is the log-odds of Jeffreys' estimate.
 * Inputs are finite, rows of one length; throws RangeError unless ridge > 0 and there is one outcome per row.
 */
export function fitLogistic(
  rows: readonly (readonly number[])[],
  outcomes: readonly boolean[],
  options: { readonly ridge: number; readonly weights?: readonly number[] },
): Logistic {
  const { ridge, weights } = options;
  if (!(ridge > 0)) throw new RangeError(`ridge must be above 0, not ${ridge}`);
  if (outcomes.length !== rows.length || (weights && weights.length !== rows.length)) {
    throw new RangeError('every row needs its outcome, and its weight where weights are given');
  }
  const samples = rows
    .map((inputs, index) => ({ inputs, outcome: Number(outcomes[index]), weight: weights?.[index] ?? 1 }))
    .filter(({ weight }) => weight > 0);
  const columns = (rows[0] ?? []).map((_, column) => spreadOf(samples, column));
  const model = { means: columns.map(({ mean }) => mean), scales: columns.map(({ scale }) => scale) };
  const right = samples.reduce((sum, { weight, outcome }) => sum + weight * outcome, 0);
  const wrong = samples.reduce((sum, { weight, outcome }) => sum + weight * (1 - outcome), 0);
  if (right === 0 || wrong === 0) {
    return { ...model, weights: columns.map(() => 0), bias: Math.log((right + 0.5) / (wrong + 0.5)) };
  }
  const standardised = samples.map((sample) => ({ ...sample, inputs: [...standardise(model, sample.inputs), 1] }));
  const penalties = [...columns.map(() => ridge), 0];
  const fitted = minimise(standardised, penalties);
  return { ...model, weights: fitted.slice(0, -1), bias: fitted.at(-1) ?? 0 };
}

/** The probability of a true outcome, in [0, 1]; never falls as an input of positive weight rises. */
export function probabilityOf(model: Logistic, row: readonly number[]): number {
  return sigmoid(dot(model.weights, standardise(model, row)) + model.bias);
}

function standardise({ means, scales }: Pick<Logistic, 'means' | 'scales'>, row: readonly number[]): number[] {
  return means.map((mean, column) => ((row[column] ?? mean) - mean) / (scales[column] ?? 1));
}

function spreadOf(samples: readonly Sample[], column: number): { mean: number; scale: number } {
  const inputOf = ({ inputs }: Sample) => inputs[column] ?? 0;
  const first = samples[0] ? inputOf(samples[0]) : 0;
  // Asked of the values, not of the variance: rounding leaves a constant 0.1 a variance above 0.
  if (samples.every((sample) => inputOf(sample) === first)) return { mean: first, scale: 1 };
  const total = samples.reduce((sum, { weight }) => sum + weight, 0);
  const mean = samples.reduce((sum, sample) => sum + sample.weight * inputOf(sample), 0) / total;
  const variance = samples.reduce((sum, sample) => sum + sample.weight * (inputOf(sample) - mean) ** 2, 0) / total;
  return { mean, scale: Math.sqrt(variance) || 1 };
}

function minimise(samples: readonly Sample[], penalties: readonly number[]): number[] {
  let parameters = penalties.map(() => 0);
  let loss = lossOf(samples, parameters, penalties);
  for (let iteration = 0; iteration < 50; iteration++) {
    const step = newtonStep(samples, parameters, penalties);
    let part = 1;
    let next = moved(parameters, step, part);
    let nextLoss = lossOf(samples, next, penalties);
    // Written so that a loss that is not a number counts as a rise.
    while (!(nextLoss <= loss)) {
      part /= 2;
      if (part < 1e-9) return parameters;
      next = moved(parameters, step, part);
      nextLoss = lossOf(samples, next, penalties);
    }
    parameters = next;
    loss = nextLoss;
    if (step.every((change) => Math.abs(change * part) < 1e-8)) break;
  }
  return parameters;
}

function moved(parameters: readonly number[], step: readonly number[], part: number): number[] {
  return parameters.map((parameter, index) => parameter - part * (step[index] ?? 0));
}

function lossOf(samples: readonly Sample[], parameters: readonly number[], penalties: readonly number[]): number {
  let loss = 0;
  for (const { inputs, outcome, weight } of samples) {
    const logOdds = dot(parameters, inputs);
    loss += weight * (Math.max(logOdds, 0) + Math.log1p(Math.exp(-Math.abs(logOdds))) - outcome * logOdds);
  }
  return parameters.reduce((sum, parameter, index) => sum + ((penalties[index] ?? 0) * parameter ** 2) / 2, loss);
}

function newtonStep(samples: readonly Sample[], parameters: readonly number[], penalties: readonly number[]): number[] {
  const gradient = parameters.map((parameter, index) => (penalties[index] ?? 0) * parameter);
  const hessian = penalties.map((penalty, row) => penalties.map((_, column) => (row === column ? penalty : 0)));
  for (const { inputs, outcome, weight } of samples) {
    const probability = sigmoid(dot(parameters, inputs));
    const slope = weight * (probability - outcome);
    const curvature = weight * probability * (1 - probability);
    for (const [index, row] of hessian.entries()) {
      const input = inputs[index] ?? 0;
      gradient[index] = (gradient[index] ?? 0) + slope * input;
      for (let column = 0; column <= index; column++) {
        row[column] = (row[column] ?? 0) + curvature * input * (inputs[column] ?? 0);
      }
    }
  }
  return solve(hessian, gradient);
}

// Cholesky: reads only the lower triangle. A pivot lost to rounding is lifted; the step is then shorter, still downhill.
function solve(matrix: readonly (readonly number[])[], vector: readonly number[]): number[] {
  const lower: number[][] = [];
  const solution: number[] = [];
  for (const [index, given] of matrix.entries()) {
    const row: number[] = [];
    for (const above of lower) row.push(((given[row.length] ?? 0) - dot(row, above)) / (above[row.length] ?? 1));
    const diagonal = given[index] ?? 0;
    row.push(Math.sqrt(Math.max(diagonal - dot(row, row), diagonal * 1e-14, Number.MIN_VALUE)));
    lower.push(row);
    solution.push(((vector[index] ?? 0) - dot(solution, row)) / (row[index] ?? 1));
  }
  for (const [index, row] of [...lower.entries()].reverse()) {
    const value = (solution[index] ?? 0) / (row[index] ?? 1);
    for (const [column, factor] of row.entries()) solution[column] = (solution[column] ?? 0) - factor * value;
    solution[index] = value;
  }
  return solution;
}

/** Over the length of `left`. */
function dot(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (const [index, value] of left.entries()) sum += value * (right[index] ?? 0);
  return sum;
}

export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
