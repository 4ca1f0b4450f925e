import { postgresMemory } from '../adapters/postgres/memory.ts';
import type { Sql } from '../adapters/postgres/sql.ts';
import type { Memory } from '../domain/ports/memory.ts';
import type { Settings } from '../settings/env.ts';
import type { Logger } from '../telemetry/log.ts';

/** Past tickets, in Qdrant where one is set, else where the rows are. Throws `MisconfiguredError` like `qdrantMemory`. */
export async function openMemory({ storage, secrets }: Settings, sql: Sql, log: Logger): Promise<Memory> {
  if (storage.qdrant === null) return postgresMemory(sql);
  // Its client is a hundred modules, which nobody else needs to load.
  const { qdrantMemory } = await import('../adapters/qdrant/memory.ts');
  const onAdvice = (advice: string) => log.warn({ advice }, 'qdrant');
  return qdrantMemory({ ...storage.qdrant, apiKey: secrets.qdrant, onAdvice });
}
