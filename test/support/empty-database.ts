import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/jira-triage', import.meta.url));
const INITIALISE = fileURLToPath(new URL('../../src/adapters/pglite/initialise.ts', import.meta.url));

/**
 * Puts an empty embedded database into a data folder, as its first start would. Creating one takes a core two seconds
 * each time, a copy a tenth of one; what is tested about the first start begins without.
 */
export async function layEmptyDatabase(dataDir: string): Promise<void> {
  await mkdir(dirname(join(dataDir, 'pg')), { recursive: true, mode: 0o700 });
  await cp(await emptyDatabase(), join(dataDir, 'pg'), { recursive: true });
}

/** Made by whoever comes first, for this version of PGlite; of two at once, one is thrown away. */
async function emptyDatabase(): Promise<string> {
  const made = join(CACHE, `empty-database-${await versionOf('@electric-sql/pglite')}`);
  if (existsSync(made)) return made;
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(`${made}-`);
  try {
    await promisify(execFile)(process.execPath, [INITIALISE, scratch]);
    await rename(scratch, made);
  } catch (error) {
    await rm(scratch, { recursive: true, force: true });
    if (!existsSync(made)) throw error;
  }
  return made;
}

const Package = z.object({ version: z.string() });

async function versionOf(name: string): Promise<string> {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return Package.parse(JSON.parse(await readFile(path, 'utf8'))).version;
}
