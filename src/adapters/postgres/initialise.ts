/** Runs as a process of its own: creates an empty database in the folder given as the only argument. */
import { PGlite } from '@electric-sql/pglite';

const [, , folder] = process.argv;
if (!folder) throw new Error('usage: initialise.ts FOLDER');
const database = await PGlite.create({ dataDir: folder });
await database.close();
