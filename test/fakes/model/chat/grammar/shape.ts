import type { Json } from '../../../jira/json.ts';
import { badRequest, notSimulated } from '../../gate/fault.ts';
import { accepts } from './accept.ts';
import { GrammarError, type Node, parseGrammar, partsOf, type Rules } from './parse.ts';

/** A grammar for one JSON object, as something that answers can be made for. */
export interface GrammarShape {
  readonly schema: Json;
  /** What the grammar has between names and values, and between members. */
  readonly style: Style;
  /** Letters that the grammar does not have are left out of texts. */
  tidied(answer: Json): Json;
  accepts(text: string): boolean;
}

export interface Style {
  readonly colon: string;
  readonly comma: string;
}

/** Throws a `Refusal` for what is no grammar, or one of another form. */
export function shapeOf(grammar: string): GrammarShape {
  const rules = parsed(grammar);
  const fields = fieldsOf(rules);
  if (fields.length === 0) throw notSimulated('a grammar that is not for one JSON object');
  const properties = Object.fromEntries(fields.map(({ name, nodes }) => [name, propertyOf(nodes, rules)]));
  const classes = new Map(fields.map(({ name, nodes }) => [name, classIn(nodes, rules)]));
  const commas = literalsIn(fields[0]?.nodes ?? [], rules).filter((text) => /^,\s{0,2}$/.test(text));
  return {
    schema: { type: 'object', properties, required: Object.keys(properties), additionalProperties: false },
    style: { colon: fields[0]?.colon ?? ':', comma: commas.at(-1) ?? ',' },
    tidied: (answer) =>
      Object.fromEntries(
        Object.entries(answer).map(([name, value]) => {
          const has = classes.get(name);
          return [name, typeof value === 'string' && has ? [...value].filter(has).join('') : value];
        }),
      ),
    accepts: (text) => accepts(rules, text),
  };
}

function parsed(grammar: string): Rules {
  try {
    return parseGrammar(grammar);
  } catch (error) {
    if (error instanceof GrammarError) throw badRequest(`Failed to parse grammar: ${error.message}`);
    throw error;
  }
}

interface Field {
  readonly name: string;
  readonly colon: string;
  /** What stands between its name and the next one's. */
  readonly nodes: Node[];
}

const KEY = /"((?:[^"\\]|\\.){1,200})"(\s{0,3}:\s{0,3})$/;

function fieldsOf(rules: Rules): Field[] {
  const fields: Field[] = [];
  const root = rules.get('root');
  for (const node of root ? partsOf(root) : []) {
    const [, name, colon = ':'] = (node.kind === 'literal' && KEY.exec(node.text)) || [];
    if (name === undefined) fields.at(-1)?.nodes.push(node);
    else fields.push({ name: String(JSON.parse(`"${name}"`)), colon, nodes: [] });
  }
  return fields;
}

function propertyOf(nodes: readonly Node[], rules: Rules): Json {
  const literals = literalsIn(nodes, rules);
  const values = [...new Set(literals.flatMap(stringIn))];
  const isList = literals.some((text) => text.startsWith('['));
  const one = values.length > 0 ? { type: 'string', enum: values } : textIn(nodes, rules);
  return isList ? { type: 'array', items: one } : one;
}

function textIn(nodes: readonly Node[], rules: Rules): Json {
  const most = all(nodes, rules).find((node) => node.kind === 'repeat' && Number.isFinite(node.max));
  return { type: 'string', ...(most?.kind === 'repeat' ? { maxLength: most.max } : {}) };
}

function stringIn(literal: string): string[] {
  if (!/^".*"$/s.test(literal) || literal.length < 3) return [];
  try {
    return [String(JSON.parse(literal))];
  } catch {
    // Quotes that hold no JSON string.
    return [];
  }
}

function literalsIn(nodes: readonly Node[], rules: Rules): string[] {
  return all(nodes, rules).flatMap((node) => (node.kind === 'literal' ? [node.text] : []));
}

function classIn(nodes: readonly Node[], rules: Rules): ((letter: string) => boolean) | undefined {
  const found = all(nodes, rules).find((node) => node.kind === 'class');
  return found?.kind === 'class' ? found.has : undefined;
}

/** Nodes and everything in them, rules followed once each. */
function all(nodes: readonly Node[], rules: Rules, seen: Set<string> = new Set()): Node[] {
  return nodes.flatMap((node) => {
    if (node.kind !== 'rule') return [node, ...all(partsOf(node), rules, seen)];
    const rule = rules.get(node.name);
    if (!rule || seen.has(node.name)) return [];
    seen.add(node.name);
    return all([rule], rules, seen);
  });
}
