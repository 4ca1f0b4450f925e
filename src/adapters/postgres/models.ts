import { setImmediate as breathe } from 'node:timers/promises';
import { z } from 'zod';
import type { ModelStore } from '../../domain/ports/model.ts';
import type { Sql } from './sql.ts';

/** An embedded database writes a part in 16 ms, on the thread that serves; between parts everyone else has a turn. */
const PART_BYTES = 512 * 1024;
const KEPT = 3;

/** Trained models as rows of half a megabyte: one home for all replicas, whatever the disks. */
export function postgresModels(sql: Sql): ModelStore {
  return {
    newest: async () => {
      const rows = await sql.rows(
        z.object({ version: z.string(), stored_at: z.date() }),
        'select version, stored_at from triage.models where is_whole order by turn desc limit 1',
      );
      return rows[0] ? { version: rows[0].version, storedAt: rows[0].stored_at.toISOString() } : null;
    },
    load: (version) => load(sql, version),
    save: (version, bytes) => save(sql, version, bytes),
  };
}

async function load(sql: Sql, version: string): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  for (let part = 0; ; part++) {
    const [row] = await sql.rows(
      z.object({ bytes: z.instanceof(Uint8Array) }),
      'select bytes from triage.model_parts where version = $1 and part = $2',
      [version, part],
    );
    if (!row) return parts.length === 0 ? null : Buffer.concat(parts);
    parts.push(row.bytes);
    await breathe();
  }
}

/**
 * The model is seen once it is whole. Saves may overlap; parts that a crash left behind belong to a model that never
 * became whole, and go with it after an hour.
 */
async function save(sql: Sql, version: string, bytes: Uint8Array): Promise<void> {
  await sql.execute('insert into triage.models (version) values ($1) on conflict (version) do nothing', [version]);
  for (let part = 0; part * PART_BYTES < bytes.length; part++) {
    const slice = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    await sql.execute(
      `insert into triage.model_parts (version, part, bytes) values ($1, $2, decode($3, 'base64'))
       on conflict (version, part) do update set bytes = excluded.bytes`,
      [version, part, Buffer.from(slice).toString('base64')],
    );
    await breathe();
  }
  await sql.execute(
    `insert into triage.models (version, is_whole) values ($1, true)
     on conflict (version) do update set is_whole = true, stored_at = clock_timestamp(), turn = excluded.turn`,
    [version],
  );
  await sql.execute(
    `delete from triage.models
      where version not in (select version from triage.models where is_whole order by turn desc limit $1)
        and (is_whole or stored_at < now() - interval '1 hour')`,
    [KEPT],
  );
  await sql.execute('delete from triage.model_parts where version not in (select version from triage.models)');
}
