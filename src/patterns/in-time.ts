import { createContext, Script } from 'node:vm';

/** Far more than a sound pattern takes on the longest ticket, which is milliseconds. */
const LIMIT_MS = 250;
/** What to tell who wrote the pattern. */
export const TOO_SLOW = `takes longer than ${LIMIT_MS} ms on this ticket's text; simplify repetitions inside of repetitions`;

const scene = { act: () => {} };
const context = createContext(scene);
const script = new Script('act()');

/**
 * What `act` returns, which runs these patterns of `config/` on a ticket's text; null when it takes too long.
 * Backtracking can take years on a text that somebody wrote for it, and until then nothing else would run: V8 ends it.
 * Patterns that repeat nothing cannot backtrack so far, and go without its stop watch, which is a thread each time.
 */
export function inTime<T>(patterns: readonly string[], act: () => T): { readonly value: T } | null {
  if (patterns.every(isPlain)) return { value: act() };
  // Who stood still meanwhile is late as well, so it gets a second go.
  return attempt(act) ?? attempt(act);
}

function attempt<T>(act: () => T): { readonly value: T } | null {
  const done: { value: T }[] = [];
  scene.act = () => void done.push({ value: act() });
  try {
    script.runInContext(context, { timeout: LIMIT_MS });
  } catch (error) {
    if (isLate(error)) return null;
    throw error;
  }
  return done[0] ?? null;
}

/** More ways than that through a pattern's optional parts and alternatives count as repetition. */
const MAX_WAYS = 32;

/** Whether a pattern repeats nothing, so that its work is bounded by the length of the text times that of the pattern. */
export function isPlain(pattern: string): boolean {
  const operators = pattern
    .replace(/\\./gs, '')
    .replace(/\[[^\]]*\]/g, '')
    .replaceAll('(?', '(');
  return !/[*+{]/.test(operators) && waysThrough(operators) <= MAX_WAYS;
}

/** Each optional part doubles them, each group multiplies them by its alternatives; those of the whole only add up. */
function waysThrough(operators: string): number {
  let ways = 1;
  const groups: number[] = [];
  for (const operator of operators) {
    if (operator === '(') groups.push(1);
    if (operator === '|') groups.push((groups.pop() ?? 0) + 1);
    if (operator === ')') ways *= groups.pop() ?? 1;
    if (operator === '?') ways *= 2;
  }
  return ways;
}

/** No `instanceof`: the error may be of the other context. */
function isLate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === LATE;
}
const LATE = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
