import { z } from 'zod';

/** One or several, as Qdrant takes both. */
const some = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .union([z.array(schema), schema.transform((one) => [one])])
    .nullish()
    .transform((many) => many ?? []);

const Text = z.string();
const PointId = z.union([z.guid(), z.int()]).transform(String);

const Bounds = z.strictObject({
  lt: Text.nullish(),
  lte: Text.nullish(),
  gt: Text.nullish(),
  gte: Text.nullish(),
});

const Match = z.union([
  z.strictObject({ value: z.union([Text, z.number(), z.boolean()]) }).transform(({ value }) => [value]),
  z.strictObject({ any: z.array(z.union([Text, z.number()])) }).transform(({ any }) => any),
]);

const FieldCondition = z.union([
  z.strictObject({ key: Text, match: Match }),
  z.strictObject({ key: Text, range: Bounds }),
]);

export type Condition =
  | z.output<typeof FieldCondition>
  | { readonly has_id: readonly string[] }
  | { readonly has_vector: string }
  | Filter;

export interface Filter {
  readonly must: readonly Condition[];
  readonly must_not: readonly Condition[];
  readonly should: readonly Condition[];
}

const AnyCondition: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    FieldCondition,
    z.strictObject({ has_id: z.array(PointId) }),
    z.strictObject({ has_vector: Text }),
    FilterSchema,
  ]),
);

/** Filters as far as this server understands them; what it does not understand is refused. */
export const FilterSchema: z.ZodType<Filter> = z.strictObject({
  must: some(AnyCondition),
  must_not: some(AnyCondition),
  should: some(AnyCondition),
});

const Sparse = z.strictObject({ indices: z.array(z.int().min(0).max(0xffffffff)), values: z.array(z.number()) });
export type Sparse = z.infer<typeof Sparse>;
const Dense = z.array(z.number());

const NamedVectors = z.record(Text, z.union([Dense, Sparse]));
export type NamedVectors = Readonly<z.infer<typeof NamedVectors>>;

const Payload = z.record(Text, z.unknown());
export type Payload = Readonly<z.infer<typeof Payload>>;

/** What is stored: vectors in single precision, dense ones at length 1. */
export interface Point {
  readonly id: string;
  payload: Payload;
  vectors: NamedVectors;
}

const Selected = { points: z.array(PointId).nullish(), filter: FilterSchema.nullish() };

export const OperationSchema = z.union([
  z.strictObject({
    upsert: z.strictObject({
      points: z.array(z.strictObject({ id: PointId, vector: NamedVectors, payload: Payload.nullish() })),
      update_filter: FilterSchema.nullish(),
      update_mode: z.enum(['upsert', 'insert_only', 'update_only']).default('upsert'),
    }),
  }),
  z.strictObject({ set_payload: z.strictObject({ payload: Payload, ...Selected }) }),
  z.strictObject({
    update_vectors: z.strictObject({
      points: z.array(z.strictObject({ id: PointId, vector: NamedVectors })).min(1),
      update_filter: FilterSchema.nullish(),
    }),
  }),
  z.strictObject({ delete: z.strictObject(Selected) }),
]);
export type Operation = z.output<typeof OperationSchema>;

const Brought = {
  with_payload: z
    .union([z.boolean(), z.array(Text), z.strictObject({ exclude: z.array(Text) })])
    .nullish()
    .transform((wanted) => wanted ?? null),
  with_vector: z
    .union([z.boolean(), z.array(Text)])
    .nullish()
    .transform((wanted) => wanted ?? false),
};
export type Brought = z.output<z.ZodObject<typeof Brought>>;

export const QuerySchema = z.strictObject({
  query: z.union([Dense, Sparse]),
  using: Text,
  filter: FilterSchema.nullish(),
  limit: z.int().min(1).default(10),
  params: z.looseObject({}).nullish(),
  ...Brought,
});
export type Query = z.output<typeof QuerySchema>;

export const ScrollSchema = z.strictObject({
  filter: FilterSchema.nullish(),
  limit: z.int().min(1).default(10),
  offset: PointId.nullish(),
  order_by: z.strictObject({ key: Text, direction: z.enum(['asc', 'desc']).default('asc') }).nullish(),
  ...Brought,
});
export type Scroll = z.output<typeof ScrollSchema>;

export const RetrieveSchema = z.strictObject({ ids: z.array(PointId), ...Brought });
export const CountSchema = z.strictObject({ filter: FilterSchema.nullish(), exact: z.boolean().default(true) });

const Vectors = z.record(Text, z.looseObject({ size: z.int(), distance: z.literal('Cosine') }));

export const CreateSchema = z.looseObject({
  vectors: Vectors.default({}),
  sparse_vectors: z.record(Text, z.looseObject({ modifier: z.enum(['none', 'idf']).default('none') })).default({}),
  shard_number: z.int().default(1),
  replication_factor: z.int().default(1),
  write_consistency_factor: z.int().default(1),
  metadata: Payload.nullish(),
});
export type Config = z.output<typeof CreateSchema>;

export const AliasSchema = z.union([
  z.strictObject({ create_alias: z.strictObject({ alias_name: Text, collection_name: Text }) }),
  z.strictObject({ delete_alias: z.strictObject({ alias_name: Text }) }),
  z.strictObject({ rename_alias: z.strictObject({ old_alias_name: Text, new_alias_name: Text }) }),
]);
export type AliasAction = z.output<typeof AliasSchema>;
