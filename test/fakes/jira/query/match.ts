import type { Actor, SiteContext } from '../context.ts';
import { offsetMinutes } from '../render/time.ts';
import type { Row } from './fields.ts';
import { dateField, nameField } from './fields.ts';
import type { Clause, Condition, Query } from './parse.ts';
import { jqlError } from './tokens.ts';

export type Test = (row: Row) => boolean;
export type Order = (one: Row, other: Row) => number;

/** Turns a condition into a test; whatever JQL the site does not know is refused here. */
export function compile(context: SiteContext, actor: Actor, condition: Condition): Test {
  if (condition.kind === 'clause') return compileClause(context, actor, condition);
  if (condition.kind === 'not') {
    const inner = compile(context, actor, condition.part);
    return (row) => !inner(row);
  }
  const tests = condition.parts.map((part) => compile(context, actor, part));
  return condition.kind === 'and'
    ? (row) => tests.every((test) => test(row))
    : (row) => tests.some((test) => test(row));
}

function compileClause(context: SiteContext, actor: Actor, clause: Clause): Test {
  const date = dateField(clause.field.toLowerCase());
  if (date) return compileDate(context, clause, date);
  const field = nameField(context, actor, clause.field);
  if (!field) throw jqlError(`Field '${clause.field}' does not exist or you do not have permission to view it.`);
  const positive = positiveOf(clause);
  if (clause.empty) return (row) => isEmpty(field.values(row)) === positive;
  const wanted = new Set(clause.values.map((value) => resolved(field.resolve(value), field.unknown(value))));
  return (row) => {
    const values = field.values(row);
    if (isEmpty(values)) return positive && wanted.has('');
    return values.some((value) => value !== null && wanted.has(value)) === positive;
  };
}

function resolved(value: string | undefined, unknown: string): string {
  if (value === undefined) throw jqlError(unknown);
  return value;
}

function positiveOf({ field, operator }: Clause): boolean {
  if (['=', 'IN', 'IS'].includes(operator)) return true;
  if (['!=', 'NOT IN', 'IS NOT'].includes(operator)) return false;
  throw jqlError(`The operator '${operator.toLowerCase()}' is not supported by the '${field}' field.`);
}

function isEmpty(values: readonly (string | null)[]): boolean {
  return values.every((value) => value === null);
}

function compileDate(context: SiteContext, clause: Clause, read: (row: Row) => number | null): Test {
  if (clause.empty) {
    const positive = positiveOf(clause);
    return (row) => (read(row) === null) === positive;
  }
  const compare = COMPARISONS[clause.operator];
  if (!compare)
    throw jqlError(`The operator '${clause.operator.toLowerCase()}' is not supported by the '${clause.field}' field.`);
  const limit = dateOf(context, clause.field, clause.values[0] ?? '');
  return (row) => {
    const at = read(row);
    return at !== null && compare(at, limit);
  };
}

const COMPARISONS: Readonly<Record<string, (at: number, limit: number) => boolean>> = {
  '>': (at, limit) => at > limit,
  '>=': (at, limit) => at >= limit,
  '<': (at, limit) => at < limit,
  '<=': (at, limit) => at <= limit,
};

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** JQL dates have the grain of a minute and the zone of the site. */
function dateOf(context: SiteContext, field: string, value: string): number {
  const minute = (at: number) => Math.floor(at / 60_000) * 60_000;
  if (value === 'now()') return minute(context.now());
  const relative = /^([+-]?\d+)([mhdw])$/.exec(value);
  if (relative) return minute(context.now() + Number(relative[1]) * (UNITS[relative[2] ?? ''] ?? 0));
  const absolute = /^(\d{4})[-/](\d{2})[-/](\d{2})(?: (\d{2}):(\d{2}))?$/.exec(value);
  if (!absolute) {
    throw jqlError(
      `Date value '${value}' for field '${field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'.`,
    );
  }
  const [year, month, day, hour, minutes] = absolute.slice(1).map((part) => Number(part ?? 0));
  const local = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minutes ?? 0);
  return local - offsetMinutes(context.options.timeZoneOffset) * 60_000;
}

/** The order of the results; newest id first when the query does not say, and always by id in the end. */
export function compileOrder(query: Query): Order {
  const parts = query.orderBy.map(({ field, descending }) => {
    const compare = orderOf(field);
    return descending ? (one: Row, other: Row) => compare(other, one) : compare;
  });
  return (one, other) => {
    for (const part of parts) {
      const order = part(one, other);
      if (order !== 0) return order;
    }
    return Number(other.record.id) - Number(one.record.id);
  };
}

function orderOf(field: string): Order {
  const date = dateField(field);
  if (date) return (one, other) => (date(one) ?? 0) - (date(other) ?? 0);
  if (field === 'id') return (one, other) => Number(one.record.id) - Number(other.record.id);
  if (field === 'key' || field === 'issuekey') return byKey;
  throw jqlError(`Field '${field}' does not exist or you do not have permission to view it.`);
}

function byKey({ record: one }: Row, { record: other }: Row): number {
  if (one.projectKey !== other.projectKey) return one.projectKey < other.projectKey ? -1 : 1;
  return numberOf(one.key) - numberOf(other.key);
}

function numberOf(key: string): number {
  return Number(key.slice(key.lastIndexOf('-') + 1));
}
