const LETTER_OR_ESCAPE = /\\(?:p\{[^}]*\}|.)|\p{L}/gsu;
/** Cases that no function names: of the sharp s, the long s, and the signs for kelvin and ångström. */
const FURTHER: Readonly<Record<string, string>> = { ß: 'ẞ', s: 'ſ', k: '\u212a', å: '\u212b' };

/**
 * A part of a regular expression with flag `v` that finds its letters in upper and lower case, as flag `i` does; it may
 * hold no range of letters. Instead of `(?i:…)`: V8 in Node 24 no longer optimises patterns after many (900 like ours,
 * measured), and then forgets that modifier among alternatives (https://github.com/nodejs/node/issues/60030).
 */
export function anyCase(source: string): string {
  return source.replaceAll(LETTER_OR_ESCAPE, (one) => {
    const [upper, lower] = [one.toUpperCase(), one.toLowerCase()];
    const cases = new Set([lower, upper.length === 1 ? upper : lower, FURTHER[lower] ?? lower]);
    return one.startsWith('\\') || cases.size === 1 ? one : `[${[...cases].join('')}]`;
  });
}
