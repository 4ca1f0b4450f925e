import { MARK } from './evidence.ts';

const WORD = /[\p{L}\p{N}_]{2,40}/gu;
const MAX_TEXT = 50_000;

/** The value whose words a text uses most, if it is ahead of every other; without spaces, the value itself counts. */
export function favourite(text: string, values: readonly string[]): string | undefined {
  const lower = text.slice(0, MAX_TEXT).toLowerCase();
  const counts = countsOf(lower);
  const scored = values
    .map((value) => ({ value, count: countOf(value.toLowerCase(), lower, counts) }))
    .toSorted((left, right) => right.count - left.count);
  const [first, second] = scored;
  if (!first || first.count === 0 || first.count === second?.count) return undefined;
  return first.value;
}

const WITHOUT_SPACES = /\p{scx=Han}|\p{scx=Hiragana}|\p{scx=Katakana}/u;

function countOf(value: string, text: string, counts: ReadonlyMap<string, number>): number {
  if (WITHOUT_SPACES.test(value)) return text.split(value).length - 1;
  const words = value.match(WORD) ?? [];
  return words.length === 0 ? 0 : Math.min(...words.map((word) => counts.get(word) ?? 0));
}

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of text.matchAll(WORD)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

/** The entries that share most words with the lines that belong to none, best first. */
export function closestKeys(text: string, keys: readonly string[]): string[] {
  const entries = new Map<string, string>(keys.map((key) => [key, '']));
  const rest: string[] = [];
  for (const line of text.slice(0, MAX_TEXT).toLowerCase().split('\n')) {
    const mark = MARK.exec(line)?.[1];
    const key = keys.find((one) => one.toLowerCase() === mark);
    if (key === undefined) rest.push(line);
    else entries.set(key, `${entries.get(key)} ${line}`);
  }
  const wanted = countsOf(rest.join('\n'));
  const shared = (entry: string) => [...countsOf(entry).keys()].filter((word) => wanted.has(word)).length;
  return [...entries]
    .map(([key, entry]) => ({ key, score: shared(entry) }))
    .toSorted((left, right) => right.score - left.score)
    .map(({ key }) => key);
}
