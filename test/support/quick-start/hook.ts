import { registerHooks } from 'node:module';

/** Preloaded by processes that tests start, when `setup.ts` has put `jira.js` into one file. */
const url = process.env['QUICK_START_JIRA'];
if (url !== undefined) {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'jira.js/cloud' ? { url, format: 'module', shortCircuit: true } : next(specifier, context),
  });
}
