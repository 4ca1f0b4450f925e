import { expect, test } from 'vitest';
import { askedAtOnce, openEndpoints } from '../../../src/compose/endpoints.ts';
import { readEndpoints } from '../../../src/settings/env.ts';
import { readPlaybook } from '../../../src/settings/playbook-store.ts';

const { playbook } = readPlaybook('config', null);
const KEY = { OPENAI_API_KEY: 'k' };

test('a worker takes as many tickets more as its first endpoint takes questions', async () => {
  expect(askedAtOnce(await openEndpoints(readEndpoints(KEY), playbook), playbook)).toBe(
    playbook.model?.endpoints.main.concurrency,
  );
  expect(playbook.model?.endpoints.main.concurrency).toBe(32);
});

test('and none more where nobody can be asked', async () => {
  expect(askedAtOnce(await openEndpoints(readEndpoints({}), playbook), playbook)).toBe(0);
  const { model: _, ...silent } = playbook;
  expect(askedAtOnce(await openEndpoints(readEndpoints(KEY), silent), silent)).toBe(0);
});
