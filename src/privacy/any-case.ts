const LETTER_OR_ESCAPE = /\\(?:p\{\w+\}|.)|\p{L}/gsu;

/**
 * A part of a regular expression with flag `v` that finds its letters in upper and lower case; it may hold no range of
 * letters. Instead of `(?i:…)`: after a megabyte of compiled patterns V8 in Node 24 no longer optimises new ones, and then
 * heeds that modifier only in the first of several alternatives (https://github.com/nodejs/node/issues/60030).
 */
export function anyCase(source: string): string {
  return source.replaceAll(LETTER_OR_ESCAPE, (one) => {
    const [upper, lower] = [one.toUpperCase(), one.toLowerCase()];
    return one.startsWith('\\') || upper === lower || upper.length > 1 ? one : `[${lower}${upper}]`;
  });
}
