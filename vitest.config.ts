import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files share few processes, as tickets share one for weeks: what is left behind shows, and nothing is loaded twice. */
const project = (name: string, testTimeout: number) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    isolate: false,
  },
});

/** For projects that start the service and its command line again and again. */
const QUICK_START = 'test/support/quick-start/setup.ts';

const starting = (name: string, testTimeout: number) => ({
  test: { ...project(name, testTimeout).test, globalSetup: QUICK_START },
});

/** Back ends are awaited most of the time, so more of these run at once, after the others. */
const waiting = (name: string, testTimeout: number) => ({
  test: { ...project(name, testTimeout).test, maxWorkers: 6, sequence: { groupOrder: 1 } },
});

const ALONE = 'test/faults/processes/healed.test.ts';

/** Real processes under faults, for minutes: `npm test` leaves them out. Five at once wait most of the time. */
const faults = {
  test: {
    ...project('faults', 300_000).test,
    exclude: [ALONE],
    globalSetup: [QUICK_START, 'test/faults/setup.ts'],
    maxWorkers: 2,
    maxConcurrency: 5,
    sequence: { groupOrder: 2 },
  },
};

/** What is timed has the machine for itself, afterwards. */
const timedFaults = {
  test: { ...faults.test, name: 'faults-timed', include: [ALONE], exclude: [], sequence: { groupOrder: 3 } },
};

/** The longest of the fault suite, a minute and more: begun last, one would run alone at the end. */
const LONGEST = /faults\/.*\/(clock|redis-restart|kill|folder|away|errors|again|config|blocked)\.test\.ts$/;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.test(moduleId);
    return [...usual.filter(isLong), ...usual.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    projects: [
      project('unit', 5_000),
      waiting('contract', 60_000),
      starting('integration', 60_000),
      starting('e2e', 180_000),
      faults,
      timedFaults,
    ],
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
