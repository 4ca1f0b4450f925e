import { createHash } from 'node:crypto';
import { matches } from './filter.ts';
import { Refusal, wrongInput } from './reply.ts';
import type { Brought, Config, Filter, NamedVectors, Operation, Point, Scroll, Sparse } from './shapes.ts';

/** One collection: points by id, and what is indexed. */
export class Collection {
  readonly config: Config;
  readonly points = new Map<string, Point>();
  readonly indexes = new Map<string, string>();
  /** How often something was changed. */
  changes = 0;

  constructor(config: Config) {
    this.config = config;
  }

  /** Points that match, in the order of their ids. Filters need an index here, as in Qdrant's strict mode. */
  find(filter: Filter | null | undefined): Point[] {
    const all = [...this.points.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
    return filter ? all.filter((point) => matches(filter, point, this.indexes)) : all;
  }

  scroll({ filter, limit, offset, order_by: order }: Scroll): { points: Point[]; next: string | null } {
    const found = this.find(filter);
    if (order) {
      if (this.indexes.get(order.key) !== 'datetime')
        throw wrongInput(`No range index for \`order_by\` key: \`${order.key}\``);
      if (offset) throw wrongInput('Cannot use an `offset` when using `order_by`');
      const sign = order.direction === 'asc' ? 1 : -1;
      const at = ({ payload }: Point) => Date.parse(String(payload[order.key]));
      found.sort((one, other) => sign * (at(one) - at(other)) || byChance(one.id, other.id));
      return { points: found.slice(0, limit), next: null };
    }
    const from = found.filter(({ id }) => !offset || id >= offset);
    return { points: from.slice(0, limit), next: from[limit]?.id ?? null };
  }

  apply(operation: Operation): void {
    this.changes++;
    if ('upsert' in operation) this.#upsert(operation.upsert);
    else if ('update_vectors' in operation) this.#updateVectors(operation.update_vectors);
    else this.#change(operation);
  }

  #change(operation: Exclude<Operation, { upsert: unknown } | { update_vectors: unknown }>): void {
    const chosen = 'delete' in operation ? operation.delete : operation.set_payload;
    const points = chosen.filter ? this.find(chosen.filter) : (chosen.points ?? []).map((id) => this.#known(id));
    if ('set_payload' in operation) {
      for (const point of points) if (point) point.payload = { ...point.payload, ...operation.set_payload.payload };
      if (points.includes(undefined)) throw noPoint();
      return;
    }
    for (const point of points) if (point) this.points.delete(point.id);
  }

  #upsert({
    points,
    update_filter: filter,
    update_mode: mode,
  }: Extract<Operation, { upsert: unknown }>['upsert']): void {
    for (const { id, vector, payload } of points) {
      const known = this.#known(id);
      if (known && (mode === 'insert_only' || (filter && !matches(filter, known, this.indexes)))) continue;
      if (!known && mode === 'update_only') continue;
      this.points.set(id, { id, payload: payload ?? {}, vectors: this.#stored(vector) });
    }
  }

  /** As the server does it: whatever its filter says, a point that is not there is an error, and others may be done. */
  #updateVectors(update: Extract<Operation, { update_vectors: unknown }>['update_vectors']): void {
    const { points, update_filter: filter } = update;
    for (const { id, vector } of points) {
      const known = this.#known(id);
      if (!known) throw noPoint();
      if (filter && !matches(filter, known, this.indexes)) continue;
      known.vectors = { ...known.vectors, ...this.#stored(vector) };
    }
  }

  #known(id: string): Point | undefined {
    return this.points.get(id);
  }

  #stored(vectors: NamedVectors): NamedVectors {
    return Object.fromEntries(
      Object.entries(vectors).map(([name, vector]) => [
        name,
        Array.isArray(vector) ? this.#dense(name, vector) : this.#sparse(name, vector),
      ]),
    );
  }

  #dense(name: string, vector: readonly number[]): number[] {
    const params = Object.hasOwn(this.config.vectors, name) ? this.config.vectors[name] : undefined;
    if (!params) throw wrongInput(`Not existing vector name error: ${name}`);
    if (params.size !== vector.length)
      throw wrongInput(`Vector dimension error: expected dim: ${params.size}, got ${vector.length}`);
    return atLengthOne(vector);
  }

  #sparse(name: string, { indices, values }: Sparse): Sparse {
    if (!Object.hasOwn(this.config.sparse_vectors, name)) throw wrongInput(`Not existing vector name error: ${name}`);
    if (indices.length !== values.length || new Set(indices).size !== indices.length)
      throw new Refusal(422, 'Validation error: indices: must be unique and as many as values');
    return { indices, values: values.map(Math.fround) };
  }
}

const noPoint = () => new Refusal(404, 'Not found: No point with id found');

/** Vectors whose squared length is 1 within a millionth, or 0, stay as they are. */
export function atLengthOne(vector: readonly number[]): number[] {
  const squares = vector.reduce((sum, number) => Math.fround(sum + Math.fround(number) ** 2), 0);
  if (squares < 2 ** -23 || Math.abs(squares - 1) <= 1e-6) return vector.map(Math.fround);
  return vector.map((number) => Math.fround(Math.fround(number) / Math.fround(Math.sqrt(squares))));
}

const chances = new Map<string, string>();

/** An order that means nothing, for what Qdrant promises no order of. */
export function byChance(one: string, other: string): number {
  return chanceOf(one) < chanceOf(other) ? -1 : 1;
}

function chanceOf(id: string): string {
  const known = chances.get(id) ?? createHash('md5').update(id).digest('hex');
  chances.set(id, known);
  return known;
}

/** A point as it is answered. */
export function brought({ id, payload, vectors }: Point, wanted: Brought, usual: boolean) {
  const { with_payload: fields, with_vector: names } = wanted;
  const has = (key: string) => {
    if (fields === null || typeof fields === 'boolean') return fields ?? usual;
    return Array.isArray(fields) ? fields.includes(key) : !fields.exclude.includes(key);
  };
  const shown = Object.entries(payload).filter(([key]) => has(key));
  const given = Object.entries(vectors).filter(([name]) => names === true || (names !== false && names.includes(name)));
  return {
    id,
    ...(fields === false || (fields === null && !usual) ? {} : { payload: Object.fromEntries(shown) }),
    ...(names === false ? {} : { vector: Object.fromEntries(given) }),
  };
}
