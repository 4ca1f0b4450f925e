import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout },
});

/** Real processes under faults, for minutes: `npm test` leaves them out. Five at once wait most of the time. */
const faults = {
  test: { ...project('faults', 300_000).test, globalSetup: 'test/faults/setup.ts', maxConcurrency: 5 },
};

export default defineConfig({
  test: {
    projects: [
      project('unit', 5_000),
      project('contract', 60_000),
      project('integration', 60_000),
      project('e2e', 180_000),
      faults,
    ],
    maxWorkers: 2,
  },
});
