import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Preloaded by processes that tests start, when `setup.ts` has put packages into few files; for our own imports. */
const folder = process.env['QUICK_START_PACKAGES'];
if (folder !== undefined) {
  const places: Readonly<Record<string, string>> = JSON.parse(readFileSync(join(folder, 'places.json'), 'utf8'));
  const urls = new Map(Object.entries(places).map(([name, file]) => [name, pathToFileURL(join(folder, file)).href]));
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = context.parentURL?.includes('/node_modules/') ? undefined : urls.get(specifier);
      return url === undefined ? next(specifier, context) : { url, format: 'module', shortCircuit: true };
    },
  });
}
