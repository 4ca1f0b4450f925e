import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Preloaded by processes that tests start, when `setup.ts` has put `jira.js` into one file. */
const bundle = process.env['QUICK_START_JIRA'];
if (bundle !== undefined) {
  const url = pathToFileURL(bundle).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'jira.js/cloud' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  });
}
