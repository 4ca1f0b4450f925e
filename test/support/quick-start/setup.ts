import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { CACHE, cachedFolder } from '../cache.ts';

/** What every process of the service loads: twelve hundred of the fifteen hundred files that it finds and links. */
const PACKAGES = [
  '@opentelemetry/api',
  'bullmq',
  'bullmq-otel',
  'cockatiel',
  'express',
  'helmet',
  'ioredis',
  'jira.js/cloud',
  'pg',
  'pino',
  'prom-client',
  'temporal-polyfill',
  'undici',
  'yaml',
  'zod',
];

const LOCK = new URL('../../../package-lock.json', import.meta.url);

/**
 * Before everything else: the packages of the service in few files, a folder for compiled code, and one for what the
 * tests of this run share. Processes that tests start then start in half the time. Demo and benchmarks load what is
 * installed.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await cachedFolder({ name: 'packages', version: await fingerprint() }, bundle);
  process.env['QUICK_START_PACKAGES'] = folder;
  process.env['QUICK_START'] = new URL('hook.ts', import.meta.url).href;
  process.env['NODE_COMPILE_CACHE'] ??= join(CACHE, 'compiled');
  // Several projects are set up this way in one run.
  if (process.env['TEST_RUN_FOLDER'] !== undefined) return async () => {};
  const shared = await mkdtemp(join(tmpdir(), 'jira-triage-run-'));
  process.env['TEST_RUN_FOLDER'] = shared;
  return () => rm(shared, { recursive: true, force: true });
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(LOCK))
    .update(PACKAGES.join());
  return hash.digest('hex').slice(0, 16);
}

async function bundle(folder: string): Promise<void> {
  const files = PACKAGES.map((name) => [name, name.replaceAll(/[@/]/g, '_')] as const);
  for (const [name, file] of files) await writeFile(join(folder, `${file}.entry.mjs`), await entryOf(name));
  const input = Object.fromEntries(files.map(([, file]) => [file, join(folder, `${file}.entry.mjs`)]));
  const bundled = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundled.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' });
  const places = files.map(([name, file]) => [name, `${file}.mjs`]);
  await writeFile(join(folder, 'places.json'), JSON.stringify(Object.fromEntries(places)));
}

/** Says by name what a package exports: of those in CommonJS a bundler knows no names. */
async function entryOf(name: string): Promise<string> {
  const exported = Object.keys(await import(name)).filter((key) => key !== 'module.exports');
  const lines = exported.map((key, index) => {
    const quoted = JSON.stringify(key);
    return `const e${index} = all[${quoted}]; export { e${index} as ${quoted} };`;
  });
  return [`import * as all from ${JSON.stringify(name)};`, ...lines].join('\n');
}
