import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Kept till the next `npm ci`. */
export const CACHE = fileURLToPath(new URL('../../node_modules/.cache/jira-triage', import.meta.url));

interface Cached {
  readonly name: string;
  readonly version: string;
  /** Where it lies; kept till the next `npm ci` when absent. */
  readonly root?: string;
}

/** The folder that `make` fills for this version, made by whoever comes first; of two made at once, one is thrown away. */
export async function cachedFolder(
  { name, version, root = CACHE }: Cached,
  make: (folder: string) => Promise<unknown>,
): Promise<string> {
  const made = join(root, `${name}-${version}`);
  if (existsSync(made)) return made;
  await mkdir(root, { recursive: true });
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

/** Which version of a package is installed. */
export async function versionOf(name: string): Promise<string> {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url);
  return Package.parse(JSON.parse(await readFile(path, 'utf8'))).version;
}
