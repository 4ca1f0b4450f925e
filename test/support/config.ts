import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SHIPPED = fileURLToPath(new URL('../../config', import.meta.url));

/** A copy of the shipped `config/` in this folder that promises no precision, so that each ticket is edited. */
export async function sureConfig(folder: string): Promise<string> {
  const copy = join(folder, 'config');
  await cp(SHIPPED, copy, { recursive: true });
  const path = join(copy, 'playbook.yaml');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/targetPrecision: [\d.]+/g, 'targetPrecision: 0'));
  return copy;
}
