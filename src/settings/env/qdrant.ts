import { z } from 'zod';
import { OptionalUrl } from './endpoints.ts';

/** Qdrant as memory; every field is optional. */
export const QdrantSchema = z.object({
  QDRANT_URL: OptionalUrl,
  QDRANT_API_KEY: z.string().optional(),
  /** Names of all collections and aliases begin with it. */
  QDRANT_PREFIX: z
    .string()
    .regex(/^[\w-]{1,50}$/, 'may hold letters, digits, _ and -')
    .default('triage'),
  QDRANT_SHARDS: z.coerce.number().int().min(1).max(1_000).optional(),
  QDRANT_REPLICAS: z.coerce.number().int().min(1).max(100).optional(),
  QDRANT_QUANTIZATION: z.enum(['off', 'scalar', 'binary']).default('off'),
});

export interface QdrantAccess {
  readonly url: string;
  readonly prefix: string;
  /** Null: as the server is set up. */
  readonly shards: number | null;
  readonly replicas: number | null;
  readonly quantization: 'off' | 'scalar' | 'binary';
}

/** Null: past tickets are kept in PostgreSQL. */
export function qdrantOf(it: z.output<typeof QdrantSchema>): QdrantAccess | null {
  if (it.QDRANT_URL === undefined) return null;
  return {
    url: it.QDRANT_URL.replace(/\/+$/, ''),
    prefix: it.QDRANT_PREFIX,
    shards: it.QDRANT_SHARDS ?? null,
    replicas: it.QDRANT_REPLICAS ?? null,
    quantization: it.QDRANT_QUANTIZATION,
  };
}
