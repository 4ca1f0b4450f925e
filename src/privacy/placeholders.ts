import { type Span, spansOf } from './span.ts';

/** Numbers what was taken out, the same thing always the same. */
export interface Placeholders {
  /** Where a text already has placeholders. Numbers that are not ours are never given to anything else. */
  in(text: string): readonly Span[];
  /** The placeholder of a thing. */
  for(span: Span): string;
}

const LOOKS_LIKE_ONE = /\[[A-Z0-9_]{1,60}_\d{1,4}\]/g;

/** `kinds`: those that are taken for placeholders wherever they stand. */
export function placeholders(kinds: readonly string[]): Placeholders {
  const known = new Set(kinds);
  const given = new Map<string, string>();
  const taken = new Set<string>();
  const counts = new Map<string, number>();

  function next(kind: string): string {
    let count = (counts.get(kind) ?? 0) + 1;
    while (taken.has(`[${kind}_${count}]`)) count += 1;
    counts.set(kind, count);
    return `[${kind}_${count}]`;
  }

  return {
    in: (text) => {
      const found = [...spansOf(text, LOOKS_LIKE_ONE, '')].filter(({ key }) => known.has(kindOf(key)));
      for (const { key } of found) taken.add(key);
      return found;
    },
    for: ({ kind, key }) => {
      const thing = `${kind} ${key}`;
      const name = given.get(thing) ?? next(kind);
      known.add(kind);
      given.set(thing, name);
      taken.add(name);
      return name;
    },
  };
}

function kindOf(placeholder: string): string {
  return placeholder.slice(1, placeholder.lastIndexOf('_'));
}
