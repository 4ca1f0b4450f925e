import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Dice } from '../seed.ts';

/** What a power cut, a full disk or a careless copy can leave of a PostgreSQL folder. */
export const DAMAGES = {
  /** The last bytes of the log never reached the disk. */
  'log cut': async (folder: string, dice: Dice) => {
    const { path, used } = await lastLog(folder);
    await truncate(path, used - dice.between(1, 4_000));
  },
  'log torn': async (folder: string, dice: Dice) => {
    const { path, used } = await lastLog(folder);
    await scribble(path, used - dice.between(500, 4_000), Buffer.alloc(500));
  },
  'log garbled': async (folder: string, dice: Dice) => {
    const { path, used } = await lastLog(folder);
    const bytes = Uint8Array.from({ length: 500 }, () => dice.between(0, 255));
    await scribble(path, used - dice.between(500, 4_000), bytes);
  },
  'log gone': async (folder: string) => rm((await lastLog(folder)).path),
  'PG_VERSION gone': async (folder: string) => rm(join(folder, 'PG_VERSION')),
  'control file garbled': async (folder: string, dice: Dice) => {
    const bytes = Uint8Array.from({ length: 300 }, () => dice.between(0, 255));
    await writeFile(join(folder, 'global', 'pg_control'), bytes);
  },
} as const satisfies Readonly<Record<string, (folder: string, dice: Dice) => Promise<void>>>;
export type Damage = keyof typeof DAMAGES;

/** Size of every file by its path, for telling whether a folder was touched. */
export async function inventory(folder: string): Promise<Readonly<Record<string, number>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const sizes = await Promise.all(
    files.map(async (path) => [relative(folder, path), (await stat(path)).size] as const),
  );
  return Object.fromEntries(sizes.toSorted());
}

/** The segment that is written to, and how much of it: what follows are zeros. */
async function lastLog(folder: string): Promise<{ readonly path: string; readonly used: number }> {
  const segments = (await readdir(join(folder, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  for (const name of segments.toReversed()) {
    const path = join(folder, 'pg_wal', name);
    const bytes = await readFile(path);
    const used = bytes.findLastIndex((byte) => byte !== 0) + 1;
    if (used > 8_192) return { path, used };
  }
  throw new Error('no segment of the log holds anything');
}

async function scribble(path: string, at: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'r+');
  await file.write(bytes, 0, bytes.length, at);
}
