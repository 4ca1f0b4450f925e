import { hostname } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { MisconfiguredError } from '../../domain/errors.ts';

/** The folder belongs to another process, most likely to the running service. */
export class FolderInUseError extends MisconfiguredError {}

/**
 * Holds a folder for this process, because two processes on one PGlite folder lose data silently. The lock is SQLite's
 * file lock: the kernel drops it when the holder dies, however it dies, and nobody can take it from a live one.
 * Throws `FolderInUseError` naming the holder when the folder is taken.
 */
export function lockFolder(folder: string): Disposable {
  const path = join(folder, 'lock.sqlite');
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    claim(database);
  } catch (cause) {
    const holder = describeHolder(database);
    database.close();
    throw new FolderInUseError(
      [
        `${folder} is in use by ${holder}. Stop that process, or set DATA_DIR to another folder, or set DATABASE_URL to share one PostgreSQL.`,
      ],
      { cause },
    );
  }
  return {
    [Symbol.dispose]: () => {
      if (database.isOpen) database.close();
    },
  };
}

/** Writes our name, then keeps a write transaction open; readers may still read the name. */
function claim(database: DatabaseSync): void {
  database.exec('begin immediate');
  database.exec('create table if not exists holder (one integer primary key, name text)');
  const name = `process ${process.pid} on ${hostname()}, started ${new Date().toISOString()}`;
  database.prepare('insert or replace into holder (one, name) values (1, ?)').run(name);
  database.exec('commit');
  database.exec('begin immediate');
  if (readHolder(database) !== name) throw new Error('another process came first');
}

function describeHolder(database: DatabaseSync): string {
  try {
    return readHolder(database) ?? 'another process';
  } catch {
    // The holder is writing its name this very moment.
    return 'another process that is just starting';
  }
}

function readHolder(database: DatabaseSync): string | null {
  const name = database.prepare('select name from holder where one = 1').get()?.['name'];
  return typeof name === 'string' ? name : null;
}
