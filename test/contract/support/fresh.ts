import { afterAll, beforeAll, beforeEach } from 'vitest';

/** What a suite opens once, and empties before each test. */
export interface Emptied extends AsyncDisposable {
  reset(): Promise<void>;
}

/** Opens it for the suite this is called in, hands it to each test empty, and closes it at the end. */
export function freshEachTime<Opened extends Emptied>(
  open: () => Promise<Opened>,
  hand: (opened: Opened) => void | Promise<void>,
): void {
  let opened: Opened;
  beforeAll(async () => {
    opened = await open();
  });
  beforeEach(async () => {
    await opened.reset();
    await hand(opened);
  });
  afterAll(() => opened[Symbol.asyncDispose]());
}
