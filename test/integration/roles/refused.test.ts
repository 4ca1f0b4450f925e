import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { serviceEnv } from '../../support/env.ts';
import { freePort } from '../../support/port.ts';
import { areInstalled, startRedis } from '../../support/redis-server.ts';
import { startService } from '../../support/service.ts';

const hasRedis = areInstalled(['redis-server', 'redis-cli'], 'starts that are refused');

describe('a start that is refused', () => {
  test.runIf(hasRedis).each(['all-in-one', 'intake', 'workers'] as const)(
    'because of Redis ends %s with code 1',
    async (entry) => {
      await using opened = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'triage-refused-'));
      opened.defer(() => rm(folder, { recursive: true, force: true }));
      const redis = opened.use(await startRedis({ appendOnly: false }));
      const env = { ...serviceEnv('https://acme.atlassian.net', folder), REDIS_URL: redis.url };
      await expect(startService(env, entry)).rejects.toThrow(/ended with code 1: .*appendonly/);
    },
  );

  test.runIf(hasRedis)('because of PostgreSQL ends it although Redis is there', async () => {
    await using redis = await startRedis();
    const nobody = `postgres://triage@127.0.0.1:${await freePort()}/triage`;
    const env = { ...serviceEnv('https://acme.atlassian.net', 'unused'), REDIS_URL: redis.url, DATABASE_URL: nobody };
    await expect(startService(env)).rejects.toThrow(/ended with code 1: /);
  });
});
