import { z } from 'zod';

const PoolSize = z.coerce.number().int().min(1).max(1_000);

/** PostgreSQL; every field is optional. */
export const DatabaseSchema = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** Connections of a process for deliveries, decisions and memory. */
  DATABASE_POOL_SIZE: PoolSize.default(10),
  /** Connections of a process for queues kept in PostgreSQL; each of six workers holds one of them all the time. */
  DATABASE_QUEUE_POOL_SIZE: PoolSize.min(8, 'must be 8 at least: workers hold six of them').default(20),
});

/** How many connections a process opens at most. */
export interface PoolSizes {
  readonly rows: number;
  readonly jobs: number;
}

export function poolSizesOf(it: z.output<typeof DatabaseSchema>): PoolSizes {
  return { rows: it.DATABASE_POOL_SIZE, jobs: it.DATABASE_QUEUE_POOL_SIZE };
}
