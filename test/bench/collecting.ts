// Imported by a process that is watched: it collects garbage often, so that what its heap holds is what is in use.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const EVERY_MS = 10_000;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');
setInterval(() => collect(), EVERY_MS).unref();
