import type { Node, Rules } from './parse.ts';

/** Whether a text is a sentence of a grammar, from its rule `root`. */
export function accepts(rules: Rules, text: string): boolean {
  const letters = [...text];
  return endsOf({ kind: 'rule', name: 'root' }, new Set([0]), { rules, letters, depth: 0 }).has(letters.length);
}

interface Attempt {
  readonly rules: Rules;
  readonly letters: readonly string[];
  readonly depth: number;
}

const MAX_DEPTH = 100;

/** All places where a node may end that began at one of these. */
function endsOf(node: Node, starts: ReadonlySet<number>, attempt: Attempt): ReadonlySet<number> {
  if (starts.size === 0 || attempt.depth > MAX_DEPTH) return new Set();
  const { rules, letters } = attempt;
  const deeper = { ...attempt, depth: attempt.depth + 1 };
  switch (node.kind) {
    case 'literal': {
      const wanted = [...node.text];
      return after(starts, wanted.length, (at) => wanted.every((letter, step) => letters[at + step] === letter));
    }
    case 'class':
      return after(starts, 1, (at) => at < letters.length && node.has(letters[at] ?? ''));
    case 'rule': {
      const rule = rules.get(node.name);
      return rule ? endsOf(rule, starts, deeper) : new Set();
    }
    case 'sequence':
      return node.items.reduce((places, item) => endsOf(item, places, deeper), starts);
    case 'choice':
      return new Set(node.options.flatMap((option) => [...endsOf(option, starts, deeper)]));
    case 'repeat':
      return endsOfRepeat(node, starts, deeper);
    default:
      return node satisfies never;
  }
}

function endsOfRepeat(node: Extract<Node, { kind: 'repeat' }>, starts: ReadonlySet<number>, attempt: Attempt) {
  const ends = new Set(node.min === 0 ? starts : []);
  let places = starts;
  for (let count = 1; count <= node.max && places.size > 0; count += 1) {
    const next = endsOf(node.item, places, attempt);
    places = count > node.min ? new Set([...next].filter((place) => !ends.has(place))) : next;
    if (count >= node.min) for (const place of places) ends.add(place);
  }
  return ends;
}

function after(starts: ReadonlySet<number>, length: number, fits: (at: number) => boolean): ReadonlySet<number> {
  return new Set([...starts].filter(fits).map((at) => at + length));
}
