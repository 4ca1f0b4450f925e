/** Runs as a process of its own: creates an empty database in the folder given as the only argument. */
import { PGlite } from '@electric-sql/pglite';
import { keepWebAssemblySmall } from './small-wasm.ts';

const [, , folder] = process.argv;
if (!folder) throw new Error('usage: initialise.ts FOLDER');
keepWebAssemblySmall();
// Whoever wanted it has died, so nobody would put it into place.
process.stdin.once('close', () => process.exit(1)).resume();
const database = await PGlite.create({ dataDir: folder });
await database.close();
process.exit(0);
