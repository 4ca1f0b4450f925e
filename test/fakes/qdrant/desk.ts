import { z } from 'zod';
import { brought, Collection } from './collection.ts';
import { notFound, notHere, Refusal, wrongInput } from './reply.ts';
import { search } from './search.ts';
import {
  type AliasAction,
  AliasSchema,
  CountSchema,
  CreateSchema,
  OperationSchema,
  QuerySchema,
  RetrieveSchema,
  ScrollSchema,
} from './shapes.ts';

export interface Call {
  readonly method: string;
  /** Without the slash it begins with, in parts. */
  readonly path: readonly string[];
  readonly body: unknown;
}

/** Everything the server holds, and what its endpoints do with it. */
export class Desk {
  readonly collections = new Map<string, Collection>();
  readonly aliases = new Map<string, string>();
  version = '1.19.0';

  /** The result of a call. Throws `Refusal`. */
  answer(call: Call): unknown {
    const [first, name] = call.path;
    if (call.path.length === 1 && first === 'aliases') return { aliases: this.#aliasList() };
    if (first !== 'collections') throw notHere(call.path.join('/'));
    if (name === undefined) return { collections: [...this.collections.keys()].map((own) => ({ name: own })) };
    if (name === 'aliases' && call.path.length === 2) return this.#changeAliases(call.body);
    return call.path.length === 2 ? this.#whole(call, name) : this.#within(call, this.#named(name));
  }

  #named(name: string): Collection {
    const found = this.collections.get(this.aliases.get(name) ?? name);
    if (!found) throw notFound(name);
    return found;
  }

  #aliasList() {
    return [...this.aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name }));
  }

  /** In turn, and without going back when one fails, as the server does it. */
  #changeAliases(body: unknown): boolean {
    for (const action of read(z.strictObject({ actions: z.array(AliasSchema) }), body).actions)
      this.#changeAlias(action);
    return true;
  }

  #changeAlias(action: AliasAction): void {
    if ('create_alias' in action) {
      const { alias_name: alias, collection_name: collection } = action.create_alias;
      if (!this.collections.has(collection)) throw notFound(collection);
      if (this.collections.has(alias)) throw wrongInput(`Collection \`${alias}\` already exists!`);
      this.aliases.set(alias, collection);
      return;
    }
    if ('delete_alias' in action) return void this.aliases.delete(action.delete_alias.alias_name);
    const { old_alias_name: old, new_alias_name: fresh } = action.rename_alias;
    const collection = this.aliases.get(old);
    if (collection === undefined) throw new Refusal(404, `Not found: Alias ${old} does not exists!`);
    this.aliases.delete(old);
    this.aliases.set(fresh, collection);
  }

  #whole({ method, body }: Call, name: string): unknown {
    if (method === 'PUT') {
      if (this.collections.has(name)) throw new Refusal(409, `Wrong input: Collection \`${name}\` already exists!`);
      this.collections.set(name, new Collection(read(CreateSchema, body)));
      return true;
    }
    if (method === 'DELETE') {
      for (const [alias, target] of [...this.aliases]) if (target === name) this.aliases.delete(alias);
      return this.collections.delete(name);
    }
    const { config } = this.#named(name);
    if (method === 'PATCH') return updateVectors(config, body);
    const { metadata, ...params } = config;
    return { status: 'green', points_count: this.#named(name).points.size, config: { params, metadata } };
  }

  #within({ method, path, body }: Call, collection: Collection): unknown {
    const route = `${method} ${path.slice(2).join('/')}`;
    const act = ROUTES[route];
    if (!act) throw notHere(route);
    return act(collection, body);
  }
}

function updateVectors({ vectors }: Collection['config'], body: unknown): boolean {
  const { vectors: changes } = read(z.strictObject({ vectors: z.record(z.string(), z.looseObject({})) }), body);
  for (const [name, change] of Object.entries(changes)) Object.assign(vectors[name] ?? {}, change);
  return true;
}

const done = { operation_id: 0, status: 'completed' };
const Index = z.strictObject({ field_name: z.string(), field_schema: z.enum(['keyword', 'datetime']) });

const ROUTES: Readonly<Record<string, (collection: Collection, body: unknown) => unknown>> = {
  'PUT index': (collection, body) => {
    const { field_name: field, field_schema: schema } = read(Index, body);
    collection.indexes.set(field, schema);
    return done;
  },
  'POST points': (collection, body) => {
    const { ids, ...wanted } = read(RetrieveSchema, body);
    return ids.flatMap((id) => {
      const point = collection.points.get(id);
      return point ? [brought(point, wanted, true)] : [];
    });
  },
  'POST points/batch': (collection, body) => {
    const { operations } = read(z.strictObject({ operations: z.array(OperationSchema) }), body);
    return operations.map((operation) => {
      collection.apply(operation);
      return done;
    });
  },
  'POST points/delete': (collection, body) => {
    collection.apply(read(OperationSchema, { delete: body }));
    return done;
  },
  'POST points/scroll': (collection, body) => {
    const request = read(ScrollSchema, body);
    const { points, next } = collection.scroll(request);
    return { points: points.map((point) => brought(point, request, true)), next_page_offset: next };
  },
  'POST points/count': (collection, body) => ({ count: collection.find(read(CountSchema, body).filter).length }),
  'POST points/query/batch': (collection, body) =>
    read(z.strictObject({ searches: z.array(QuerySchema) }), body).searches.map((query) => ({
      points: search(collection, query).map(({ point, score }) => ({
        ...brought(point, query, false),
        score,
        version: 0,
      })),
    })),
};

/** A body as far as this server understands it; what it does not understand is refused rather than left out. */
function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const found = schema.safeParse(body);
  if (found.success) return found.data;
  throw new Refusal(400, `the stand-in does not understand: ${z.prettifyError(found.error)}`);
}
