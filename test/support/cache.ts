import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/jira-triage', import.meta.url));

/**
 * The folder that `make` fills from this version of a package, made by whoever comes first and kept till the next
 * `npm ci`; of two made at once, one is thrown away.
 */
export async function cachedFolder(
  { name, from }: { readonly name: string; readonly from: string },
  make: (folder: string) => Promise<unknown>,
): Promise<string> {
  const made = join(CACHE, `${name}-${await versionOf(from)}`);
  if (existsSync(made)) return made;
  await mkdir(CACHE, { recursive: true });
  const scratch = await mkdtemp(`${made}-`);
  try {
    await make(scratch);
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
