import { join } from 'node:path';

/** A file of the shared folder beside the project, wherever `SHARED_DIR` says that is; it may be absent. */
export function sharedFile(path: string): string {
  return join(process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../shared'), path);
}
