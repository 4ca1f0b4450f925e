import type { Token } from './tokens.ts';
import { jqlError, tokensOf } from './tokens.ts';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }
  | Clause;

export interface Clause {
  readonly kind: 'clause';
  readonly field: string;
  readonly operator: string;
  /** Empty for EMPTY and NULL. */
  readonly values: readonly string[];
  readonly empty: boolean;
}

export interface Query {
  readonly where: Condition | undefined;
  readonly orderBy: readonly { readonly field: string; readonly descending: boolean }[];
}

class Reader {
  readonly tokens: readonly Token[];
  position = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  peek(): Token | undefined {
    return this.tokens[this.position];
  }

  /** Takes the next token when it is this keyword, mark or operator. */
  accept(...values: string[]): string | undefined {
    const token = this.peek();
    if (!token || token.kind === 'text') return undefined;
    const value = token.value.toUpperCase();
    if (!values.includes(value)) return undefined;
    this.position += 1;
    return value;
  }

  expect(...values: string[]): string {
    return this.accept(...values) ?? this.fail(`Expecting ${values.map((value) => `'${value}'`).join(' or ')}`);
  }

  operand(): Token {
    const token = this.peek();
    if (!token || (token.kind !== 'word' && token.kind !== 'text'))
      return this.fail('Expecting either a value, list or function');
    this.position += 1;
    return token;
  }

  fail(expected: string): never {
    const token = this.peek();
    const got = token ? `but got '${token.value}'` : 'before the end of the query';
    throw jqlError(`Error in the JQL Query: ${expected} ${got}`, token?.at ?? 0);
  }
}

/** Reads the part of JQL the site knows; anything else is refused, never ignored. */
export function parseJql(jql: string): Query {
  const reader = new Reader(tokensOf(jql));
  const first = reader.peek();
  const bare = !first || (first.kind === 'word' && first.value.toUpperCase() === 'ORDER');
  const where = bare ? undefined : readOr(reader);
  const orderBy = reader.accept('ORDER') ? readOrder(reader) : [];
  if (reader.peek()) reader.fail("Expecting operator 'AND', 'OR' or 'ORDER BY'");
  if (orderBy.length > 7) throw jqlError('The maximum number of fields allowed in the ORDER BY clause is 7.');
  return { where, orderBy };
}

function readOr(reader: Reader): Condition {
  const parts = [readAnd(reader)];
  while (reader.accept('OR')) parts.push(readAnd(reader));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'or', parts };
}

function readAnd(reader: Reader): Condition {
  const parts = [readNot(reader)];
  while (reader.accept('AND')) parts.push(readNot(reader));
  return parts.length === 1 && parts[0] ? parts[0] : { kind: 'and', parts };
}

function readNot(reader: Reader): Condition {
  if (reader.accept('NOT', '!')) return { kind: 'not', part: readNot(reader) };
  if (!reader.accept('(')) return readClause(reader);
  const inner = readOr(reader);
  reader.expect(')');
  return inner;
}

function readClause(reader: Reader): Clause {
  const field = reader.operand().value;
  const operator = readOperator(reader);
  if (operator === 'IN' || operator === 'NOT IN')
    return { kind: 'clause', field, operator, values: readList(reader), empty: false };
  const token = reader.operand();
  const empty = token.kind === 'word' && ['EMPTY', 'NULL'].includes(token.value.toUpperCase());
  if (operator.startsWith('IS') && !empty)
    throw jqlError(`The operator '${operator.toLowerCase()}' only supports EMPTY.`);
  return { kind: 'clause', field, operator, values: empty ? [] : [called(reader, token.value)], empty };
}

function readOperator(reader: Reader): string {
  if (reader.accept('NOT')) return `NOT ${reader.expect('IN')}`;
  if (reader.accept('IS')) return reader.accept('NOT') ? 'IS NOT' : 'IS';
  return reader.expect('=', '!=', '>=', '<=', '>', '<', '~', '!~', 'IN');
}

function readList(reader: Reader): string[] {
  reader.expect('(');
  const values = [called(reader, reader.operand().value)];
  while (reader.accept(',')) values.push(called(reader, reader.operand().value));
  reader.expect(')');
  return values;
}

/** `currentUser()` and `now()` keep their brackets, so that no text is mistaken for them. */
function called(reader: Reader, value: string): string {
  if (!reader.accept('(')) return value;
  reader.expect(')');
  return `${value}()`;
}

function readOrder(reader: Reader): Query['orderBy'] {
  reader.expect('BY');
  const orderBy = [readOrderPart(reader)];
  while (reader.accept(',')) orderBy.push(readOrderPart(reader));
  return orderBy;
}

function readOrderPart(reader: Reader): Query['orderBy'][number] {
  const field = reader.operand().value.toLowerCase();
  return { field, descending: reader.accept('ASC', 'DESC') === 'DESC' };
}
