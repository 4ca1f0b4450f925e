import { execFile } from 'node:child_process';
import { Redis } from 'ioredis';
import { broken, notHere, type Result, type Section, without } from './checklist.ts';
import { ROOT } from './packages/npm.ts';

const PROPERTIES = [
  'test/unit/intake/signature.test.ts',
  'test/unit/triage/ladder/hostile.test.ts',
  'test/unit/triage/judge-properties.test.ts',
];

/** What has tests of its own, and what is to be looked at where the service runs. */
export async function elsewhere(): Promise<Section> {
  return {
    title: 'Properties, attacks, and the Redis you run on',
    checks: [
      {
        name: 'no signature makes the verifier throw, and no answer of a model reaches what is protected',
        run: properties,
      },
      {
        name: 'attacks in tickets move nothing',
        run: async () => notHere('npm run redteam takes minutes, and is a step of .ci/run'),
      },
      {
        name: 'the Redis that REDIS_URL names knows us by a user of our own, forgets nothing and keeps it on disk',
        run: ownRedis,
      },
    ],
    [Symbol.asyncDispose]: async () => {},
  };
}

function properties(): Promise<Result> {
  return new Promise((resolve) => {
    const words = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...PROPERTIES];
    execFile(process.execPath, words, { cwd: ROOT, timeout: 55_000, maxBuffer: 16 * 1024 * 1024 }, (error, output) => {
      resolve(
        without(
          error ? [output.slice(-300)] : [],
          'Run npx vitest run --project unit with these files.',
          `${PROPERTIES.length} files`,
        ),
      );
    });
  });
}

async function ownRedis(): Promise<Result> {
  const url = process.env['REDIS_URL'];
  if (!url) return notHere('set REDIS_URL to the one you run on, and run this again');
  if (!/^rediss?:/.test(url))
    return notHere('it is looked at by the service at each start; here only redis:// and rediss:// are');
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, retryStrategy: null });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const user = String(await redis.call('ACL', 'WHOAMI'));
    const info = await redis.info();
    const said = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    return without(
      [
        ...(user === 'default' ? ['we are the default user'] : []),
        ...(said('maxmemory_policy') === 'noeviction' ? [] : [`maxmemory-policy is ${said('maxmemory_policy')}`]),
        ...(said('aof_enabled') === '1' ? [] : ['appendonly is off']),
      ],
      'ACL SETUSER triage on >… ~triage:* &* +@all -@dangerous +info +config|get; config set appendonly yes; maxmemory-policy noeviction.',
    );
  } catch (error) {
    return broken(`it does not answer: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    redis.disconnect();
  }
}
