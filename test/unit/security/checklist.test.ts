import { describe, expect, test } from 'vitest';
import { broken, type Check, holds, notHere, type Section, tell, without } from '../../security/checklist.ts';

/** How many of these do not hold. */
const faultsAmong = (...runs: readonly Check['run'][]) =>
  tell(async (): Promise<Section> => {
    const checks = runs.map((run) => ({ name: 'a rule', run }));
    return { title: 'Rules', checks, [Symbol.asyncDispose]: async () => {} };
  });

describe('the security checklist', () => {
  test('counts what does not hold, and not what cannot be looked at', async () => {
    expect(
      await faultsAmong(
        async () => holds(),
        async () => notHere('no network'),
      ),
    ).toBe(0);
    expect(
      await faultsAmong(
        async () => broken('mend it'),
        async () => holds(),
        async () => broken('mend it'),
      ),
    ).toBe(2);
  });

  test('takes a check that fails for a rule that does not hold', async () => {
    const failing = async () => {
      throw new Error('the server is gone');
    };
    expect(await faultsAmong(failing, async () => holds())).toBe(1);
  });

  test('takes a section that cannot be opened for one, too', async () => {
    expect(await tell(async () => Promise.reject(new Error('no port')))).toBe(1);
  });

  test('names the first troubles and what mends them', () => {
    expect(without([], 'Mend it.', '3 files')).toEqual(holds('3 files'));
    expect(without(['a', 'b'], 'Mend it.')).toEqual(broken('a; b. Mend it.'));
    expect(without(['1', '2', '3', '4', '5', '6', '7'], 'Mend it.')).toEqual(
      broken('1; 2; 3; 4; 5 and 2 more. Mend it.'),
    );
  });
});
