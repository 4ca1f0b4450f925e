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

/** More optional parts than that, each of them doubling the ways to go, count as repetition. */
const MAX_OPTIONAL = 5;

/** Whether a pattern repeats nothing, so that its work is bounded by the length of the text times that of the pattern. */
export function isPlain(pattern: string): boolean {
  const operators = pattern
    .replace(/\\./gs, '')
    .replace(/\[[^\]]*\]/g, '')
    .replaceAll('(?', '(');
  return !/[*+{]/.test(operators) && operators.split('?').length - 1 <= MAX_OPTIONAL;
}

/** No `instanceof`: the error may be of the other context. */
function isLate(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === LATE;
}
const LATE = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
