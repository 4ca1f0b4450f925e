import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cachedFolder, versionOf } from './cache.ts';

const INITIALISE = fileURLToPath(new URL('../../src/adapters/pglite/initialise.ts', import.meta.url));

/**
 * Puts an empty embedded database into a data folder, as its first start would. Creating one takes a core two seconds
 * each time, a copy a twentieth of one (by `cp`, which is not done natively, four tenths more); what is tested about the
 * first start begins without.
 */
export async function layEmptyDatabase(dataDir: string): Promise<void> {
  const version = await versionOf('@electric-sql/pglite');
  const empty = await cachedFolder({ name: 'empty-database', version }, (folder) =>
    promisify(execFile)(process.execPath, [INITIALISE, folder]),
  );
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  cpSync(empty, join(dataDir, 'pg'), { recursive: true });
}
