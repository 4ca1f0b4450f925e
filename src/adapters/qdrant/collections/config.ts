import type { Schemas } from '@qdrant/js-client-rest';
import { z } from 'zod';
import { MisconfiguredError } from '../../../domain/errors.ts';
import type { Space } from '../../../domain/ticket/space.ts';
import { MEANING, WORDS } from '../points.ts';

export interface CollectionOptions {
  /** Names of all collections and aliases begin with it; it holds no dot. */
  readonly prefix: string;
  /** Null: as the server is set up. */
  readonly shards: number | null;
  readonly replicas: number | null;
  readonly quantization: 'off' | 'scalar' | 'binary';
}

/** What a payload means; another number is not read by this version. */
const SCHEMA = 1;

/** How a collection with this space is made. */
export function configFor(space: Space | null, options: CollectionOptions): Schemas['CreateCollection'] {
  const { shards, replicas, quantization } = options;
  return {
    vectors: space
      ? { [MEANING]: { size: space.dimensions, distance: 'Cosine', quantization_config: QUANTIZATIONS[quantization] } }
      : {},
    sparse_vectors: { [WORDS]: { modifier: 'idf' } },
    metadata: { schema: SCHEMA, model: space?.model ?? null, dimensions: space?.dimensions ?? null },
    ...(shards === null ? {} : { shard_number: shards }),
    // Most replicas have to take a write; of two, one, or else the loss of either would stop learning.
    ...(replicas === null ? {} : { replication_factor: replicas, write_consistency_factor: Math.ceil(replicas / 2) }),
  };
}

const QUANTIZATIONS = {
  off: null,
  // As Qdrant's guide has it: the outermost hundredth of the values would cost the others precision.
  scalar: { scalar: { type: 'int8', quantile: 0.99, always_ram: true } },
  binary: { binary: { always_ram: true } },
} as const;

/** How many candidates a quantised search looks at per result before it compares their own vectors. */
const OVERSAMPLING = { off: null, scalar: 2, binary: 4 } as const;

/** Up to here every vector is compared, which takes milliseconds and finds exactly what PostgreSQL would. */
const EXACT_UP_TO = 20_000;
/** Neighbours looked at in the graph: the default, 128 or less, loses about one of thirty. */
const BREADTH = 256;

/** How the meanings of so many tickets are searched. */
export function searchParams(size: number, { quantization }: CollectionOptions): Schemas['SearchParams'] {
  if (size <= EXACT_UP_TO) return { exact: true };
  const oversampling = OVERSAMPLING[quantization];
  return {
    hnsw_ef: BREADTH,
    ...(oversampling === null ? {} : { quantization: { rescore: true, oversampling } }),
  };
}

const Ours = z.object({
  metadata: z.object({ schema: z.literal(SCHEMA), model: z.string().nullable(), dimensions: z.int().nullable() }),
  params: z.object({
    vectors: z.object({ [MEANING]: z.object({ size: z.int(), distance: z.literal('Cosine') }).optional() }).default({}),
    sparse_vectors: z.object({ [WORDS]: z.object({ modifier: z.literal('idf') }) }),
  }),
});

/** The space of a collection. Throws `MisconfiguredError` when it is none of ours or was made by another version. */
export function spaceIn(name: string, { config }: Pick<Schemas['CollectionInfo'], 'config'>): Space | null {
  const { metadata, params } = Ours.safeParse(config).data ?? {};
  const size = params?.vectors[MEANING]?.size ?? null;
  if (!metadata || metadata.dimensions !== size) throw notOurs(name);
  return metadata.model === null || size === null ? null : { model: metadata.model, dimensions: size };
}

export function notOurs(name: string): MisconfiguredError {
  return new MisconfiguredError([
    `Qdrant's collection ${name} was made by something else or by another version of this service. Set QDRANT_PREFIX to a new name and run: triage backfill`,
  ]);
}

const Shape = z.object({
  params: z.object({
    shard_number: z.int().default(1),
    replication_factor: z.int().default(1),
    vectors: z.object({ [MEANING]: z.object({ quantization_config: z.unknown() }).optional() }).default({}),
  }),
});

export interface Drift {
  /** What an operator has to do to get the settings that an existing collection does not have. */
  readonly advice: readonly string[];
  /** What Qdrant can change in place. */
  readonly update: Schemas['UpdateCollection'] | null;
}

/** How an existing collection differs from the settings. */
export function driftOf(name: string, config: unknown, options: CollectionOptions): Drift {
  const { params } = Shape.parse(config);
  const { shards, replicas, quantization } = options;
  const advice: string[] = [];
  if (shards !== null && params.shard_number !== shards)
    advice.push(
      `${name} has ${params.shard_number} shards, not QDRANT_SHARDS=${shards}: only a new collection gets them. Set QDRANT_PREFIX to a new name and run: triage backfill`,
    );
  if (replicas !== null && params.replication_factor !== replicas)
    advice.push(
      `${name} has ${params.replication_factor} replicas, not QDRANT_REPLICAS=${replicas}: add or remove them with POST /collections/${name}/cluster`,
    );
  const meaning = params.vectors[MEANING];
  const wanted = QUANTIZATIONS[quantization];
  const kindOf = (quantized: unknown) =>
    Object.keys(z.record(z.string(), z.unknown()).safeParse(quantized).data ?? {})[0];
  if (!meaning || kindOf(meaning.quantization_config) === kindOf(wanted)) return { advice, update: null };
  return { advice, update: { vectors: { [MEANING]: { quantization_config: wanted ?? 'Disabled' } } } };
}
