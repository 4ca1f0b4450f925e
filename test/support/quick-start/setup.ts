import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { cachedFolder } from '../cache.ts';

/**
 * Before everything else: `jira.js` as one file instead of a thousand, which every process that a test starts would find
 * and link anew, for a third of its start.
 */
export async function setup(): Promise<void> {
  const folder = await cachedFolder({ name: 'jira.js', from: 'jira.js' }, async (scratch) => {
    const bundle = await rolldown({
      input: 'jira.js/cloud',
      platform: 'node',
      external: isForeign,
      logLevel: 'silent',
    });
    await bundle.write({ file: join(scratch, 'cloud.mjs'), format: 'esm' });
  });
  process.env['QUICK_START_JIRA'] = pathToFileURL(join(folder, 'cloud.mjs')).href;
  process.env['QUICK_START'] = new URL('hook.ts', import.meta.url).href;
}

/** What it shares with us must stay one, zod above all. */
function isForeign(id: string): boolean {
  return !id.startsWith('jira.js') && !id.startsWith('.') && !isAbsolute(id);
}
