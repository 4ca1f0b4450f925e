import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serviceEnv } from '../../support/env.ts';
import { areInstalled, startRedis } from '../../support/redis-server.ts';
import { broken, type Check, holds, notHere, type Result, type Section } from '../checklist.ts';

const ENTRY = fileURLToPath(new URL('../../../workers/all-in-one.ts', import.meta.url));
const PATIENCE_MS = 45_000;

/** What the service refuses to start with. */
export async function start(): Promise<Section> {
  const folder = await mkdtemp(join(tmpdir(), 'triage-start-'));
  return {
    title: 'Start',
    checks: checksIn(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function checksIn(folder: string): readonly Check[] {
  const refuses = async (env: Readonly<Record<string, string>>, says: RegExp): Promise<Result> => {
    const { code, said } = await startedWith({
      ...serviceEnv('https://acme.atlassian.net', join(folder, 'data')),
      ...env,
    });
    const isRefused = code !== null && code !== 0 && says.test(said);
    const shown = Object.values(env).find(
      (value) => value.length > 3 && !value.includes('://') && said.includes(value),
    );
    if (shown !== undefined) return broken('it repeats the secret it refuses');
    return isRefused
      ? holds(`exit ${code}: ${said.trim().split('\n')[0]}`)
      : broken(`it ended with ${code}: ${said.slice(0, 300)}`);
  };
  const forgetful = async (config: readonly string[], appendOnly: boolean, says: RegExp) => {
    if (!areInstalled(['redis-server', 'redis-cli'], 'what Redis is refused'))
      return notHere('redis-server is not installed');
    await using redis = await startRedis({ appendOnly, config });
    return await refuses({ REDIS_URL: redis.url }, says);
  };
  return [
    {
      name: 'it refuses to start without a webhook secret',
      run: () => refuses({ WEBHOOK_SECRETS: '' }, /✗ WEBHOOK_SECRETS is missing/),
    },
    {
      name: 'or with a short one',
      run: () => refuses({ WEBHOOK_SECRETS: 'hunter2hunter2' }, /✗ WEBHOOK_SECRETS: .*32 characters.*openssl/),
    },
    {
      name: 'or with a short one among several',
      run: () => refuses({ WEBHOOK_SECRETS: `${'x'.repeat(32)},hunter2hunter2` }, /✗ WEBHOOK_SECRETS: /),
    },
    {
      name: 'or with a short token for /admin',
      run: () => refuses({ ADMIN_TOKEN: 'hunter2hunter2' }, /✗ ADMIN_TOKEN: .*32 characters/),
    },
    { name: 'or on a Redis that keeps nothing on disk', run: () => forgetful([], false, /✗ .*appendonly/i) },
    {
      name: 'or on a Redis that forgets when it is full',
      run: () => forgetful(['maxmemory 50mb', 'maxmemory-policy allkeys-lru'], true, /✗ .*noeviction/i),
    },
  ];
}

/** How a process of ours ends; it is killed when it does not. */
async function startedWith(
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [ENTRY], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  await once(child, 'close');
  clearTimeout(limit);
  return { code: child.exitCode, said };
}
