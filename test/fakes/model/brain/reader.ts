import type { Json } from '../../jira/json.ts';
import type { Asked, Brain } from './brain.ts';
import { type Evidence, evidenceIn } from './evidence.ts';
import { allowedIn, isCiting, propertiesOf, typeOf } from './shape/schema.ts';
import { closestKeys, favourite } from './words.ts';

/**
 * The default: for each property the allowed value that the evidence names most, and without evidence the one whose
 * words the prompt uses most. A true function of the prompt, so what is measured with it is real, if modest.
 */
export const reader: Brain = (asked, odds) => {
  const evidence = evidenceIn(asked.user, choicesIn(asked.schema));
  if (!asked.schema) return sentence(asked, evidence);
  const choices = choose(asked.schema, { asked, evidence });
  for (const [name, { shares }] of choices) if (shares.size > 0) odds.set(name, shares);
  const names = propertiesOf(asked.schema).map(([name, property]) => [
    name,
    valueFor(name, property, { asked, evidence, choices }),
  ]);
  return Object.fromEntries(names);
};

interface Choice {
  readonly values: readonly string[];
  readonly shares: ReadonlyMap<string, number>;
  readonly certainty: 'low' | 'medium' | 'high';
}

interface Reading {
  readonly asked: Asked;
  readonly evidence: Evidence;
}

interface Chosen extends Reading {
  readonly choices: ReadonlyMap<string, Choice>;
}

const CERTAINTY = /^(.*?)_?(?:certainty|confidence)$/i;
const NONE = /^(?:none|other|unknown|n\/?a)\b|^none_/i;
const MAX_CITED = 3;

/** Properties that take one or more of listed values, and are not about the evidence or the certainty themselves. */
function choicesIn(schema: Json | null) {
  return propertiesOf(schema ?? {}).flatMap(([name, property]) => {
    const values = allowedIn(property);
    return values && !isCiting(name) && !CERTAINTY.test(name) ? [{ name, values }] : [];
  });
}

function choose(schema: Json, reading: Reading): Map<string, Choice> {
  const properties = new Map(propertiesOf(schema));
  return new Map(
    choicesIn(schema).map(({ name, values }) => {
      const isList = typeOf(properties.get(name) ?? {}) === 'array';
      return [name, choiceOf({ name, values, isList }, reading)];
    }),
  );
}

interface Choosable {
  readonly name: string;
  readonly values: readonly string[];
  readonly isList: boolean;
}

function choiceOf({ name, values, isList }: Choosable, { asked, evidence }: Reading): Choice {
  const weights = [...(evidence.weights.get(name) ?? [])].toSorted((left, right) => right[1] - left[1]);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  const [first] = weights;
  if (!first) return guess({ name, values, isList }, asked);
  const shares = new Map(weights.map(([value, weight]) => [value, weight / total]));
  const share = first[1] / total;
  const medium = share >= 0.5 ? 'medium' : 'low';
  return {
    values: isList ? weights.filter(([, weight]) => weight >= first[1] / 2).map(([value]) => value) : [first[0]],
    shares,
    certainty: share >= 0.75 && total >= 1.5 ? 'high' : medium,
  };
}

function guess({ values, isList }: Choosable, { user }: Asked): Choice {
  const none = values.find((value) => NONE.test(value));
  const value =
    favourite(
      user,
      values.filter((one) => one !== none),
    ) ??
    none ??
    (isList ? undefined : values[0]);
  const chosen = value === undefined ? [] : [value];
  return { values: chosen, shares: new Map(chosen.map((one) => [one, 0.4])), certainty: 'low' };
}

function valueFor(name: string, property: Json, chosen: Chosen): unknown {
  const { choices } = chosen;
  const choice = choices.get(name);
  const type = typeOf(property);
  if (choice) return type === 'array' ? choice.values : (choice.values[0] ?? '');
  const base = CERTAINTY.exec(name)?.[1];
  if (base !== undefined) return certaintyFor(property, choices.get(base) ?? [...choices.values()][0]);
  if (type === 'array') return isCiting(name) ? citations(property, chosen) : [];
  if (type === 'boolean') return false;
  if (type === 'number' || type === 'integer') return 0;
  if (type === 'object')
    return Object.fromEntries(propertiesOf(property).map(([inner, one]) => [inner, valueFor(inner, one, chosen)]));
  const allowed = allowedIn(property);
  return allowed ? (allowed[0] ?? '') : reasons(property, chosen);
}

const CERTAINTIES = { low: 0.3, medium: 0.6, high: 0.9 } as const;

function certaintyFor(property: Json, choice: Choice | undefined): unknown {
  const certainty = choice?.certainty ?? 'low';
  const allowed = allowedIn(property);
  if (allowed) return allowed.find((value) => value.toLowerCase() === certainty) ?? allowed[0];
  return typeOf(property) === 'string' ? certainty : CERTAINTIES[certainty];
}

/** Entries that speak for what was chosen; where nothing was to be chosen, those most like the rest of the prompt. */
function citations(property: Json, { asked, evidence, choices }: Chosen): string[] {
  const allowed = allowedIn(property);
  const shown = evidence.keys.filter((key) => !allowed || allowed.includes(key));
  const backing = new Set(
    [...choices].flatMap(([name, { values }]) => values.flatMap((value) => evidence.keysFor(name, value))),
  );
  const cited = shown.filter((key) => backing.has(key));
  const most = Number(property['maxItems'] ?? (choices.size === 0 ? shown.length : MAX_CITED));
  return (choices.size === 0 ? closestKeys(asked.user, shown) : cited).slice(0, most);
}

function reasons(property: Json, { asked, evidence, choices }: Chosen): string {
  const cited = citations({}, { asked, evidence, choices });
  const values = [...choices.values()].flatMap((choice) => choice.values).join(', ');
  const text = cited.length === 0 ? 'Nothing that was shown is like it.' : `Most like ${cited.join(', ')}: ${values}.`;
  const most = property['maxLength'];
  return typeof most === 'number' ? text.slice(0, most) : text;
}

function sentence({ user }: Asked, { keys }: Evidence): string {
  return keys.length === 0
    ? `This is about ${user
        .trim()
        .split(/\s{1,50}/, 6)
        .join(' ')}.`
    : `Most like ${keys.slice(0, MAX_CITED).join(', ')}.`;
}
