import { expect, test } from 'vitest';
import { patiently } from '../../../../src/cli/steering/patience.ts';
import { PermanentError, RateLimitedError } from '../../../../src/domain/errors.ts';

test('waits as often as Jira asks, and does not wait for what will never be', async () => {
  let tries = 0;
  const busy = async () => {
    tries += 1;
    if (tries < 20) throw new RateLimitedError('slow', { retryAfterMs: 1, scope: 'site' });
    return tries;
  };
  expect(await patiently(busy)).toBe(20);
  const never = async () => {
    throw new PermanentError('never');
  };
  await expect(patiently(never)).rejects.toThrow('never');
});
