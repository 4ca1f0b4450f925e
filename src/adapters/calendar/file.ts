import { readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { PermanentError } from '../../domain/errors.ts';

export const MAX_BYTES = 5 * 1024 * 1024;

/**
 * The text of a file in a folder. Throws `PermanentError` when there is none, or it is too large or lies elsewhere, be it
 * by way of a link.
 */
export async function fileText(folder: string, path: string): Promise<string> {
  const root = await realpath(folder).catch(() => folder);
  const real = await realpath(join(root, path)).catch(() => null);
  if (real === null) throw new PermanentError(`there is no file ${path}`);
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new PermanentError(`${path} lies outside of the config folder; move it there`);
  const { size } = await readable(real, path);
  if (size > MAX_BYTES) throw new PermanentError(`${path} is larger than 5 MB`);
  try {
    return await readFile(real, 'utf8');
  } catch (cause) {
    throw new PermanentError(`${path} must be readable for this process`, { cause });
  }
}

/** A pipe or a device would be waited for, or never end. */
async function readable(real: string, path: string) {
  const found = await stat(real);
  if (!found.isFile()) throw new PermanentError(`${path} is not a file`);
  return found;
}
