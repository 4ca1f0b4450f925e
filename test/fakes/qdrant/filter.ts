import { Refusal } from './reply.ts';
import type { Condition, Filter, Point } from './shapes.ts';

type Indexes = ReadonlyMap<string, string>;

export function matches(filter: Filter, point: Point, indexes: Indexes): boolean {
  const holds = (condition: Condition) => isMet(condition, point, indexes);
  return (
    filter.must.every(holds) &&
    !filter.must_not.some(holds) &&
    (filter.should.length === 0 || filter.should.some(holds))
  );
}

function isMet(condition: Condition, point: Point, indexes: Indexes): boolean {
  if ('has_id' in condition) return condition.has_id.includes(point.id);
  if ('has_vector' in condition) return Object.hasOwn(point.vectors, condition.has_vector);
  if (!('key' in condition)) return matches(condition, point, indexes);
  const { key } = condition;
  const index = indexes.get(key);
  if (index === undefined) throw new Refusal(400, `Bad request: Index required but not found for "${key}" of a filter`);
  const held = Object.hasOwn(point.payload, key) ? point.payload[key] : undefined;
  const values = Array.isArray(held) ? held : [held];
  if ('match' in condition) return values.some((value) => condition.match.some((wanted) => wanted === value));
  if (index !== 'datetime') throw new Refusal(400, `Bad request: no range index for ${key}`);
  const { lt, lte, gt, gte } = condition.range;
  return values.some((value) => {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    const isIn = (bound: string | null | undefined, test: (bound: number) => boolean) =>
      !bound || test(Date.parse(bound));
    return (
      !Number.isNaN(at) &&
      isIn(lt, (bound) => at < bound) &&
      isIn(lte, (bound) => at <= bound) &&
      isIn(gt, (bound) => at > bound) &&
      isIn(gte, (bound) => at >= bound)
    );
  });
}
