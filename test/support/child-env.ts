/** What a process that a test starts takes over from ours: where programs lie, and what makes it start sooner. */
export function childEnv(): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE, QUICK_START, QUICK_START_PACKAGES } = process.env;
  return {
    PATH,
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    ...(QUICK_START && QUICK_START_PACKAGES ? { QUICK_START_PACKAGES, NODE_OPTIONS: `--import=${QUICK_START}` } : {}),
  };
}
