import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MisconfiguredError } from '../../../../src/domain/errors.ts';
import { redisAccess } from '../../../support/redis-access.ts';

function faultsOf(url: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  try {
    redisAccess(url, env);
    return [];
  } catch (error) {
    if (error instanceof MisconfiguredError) return error.faults;
    throw error;
  }
}

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

describe('REDIS_URL', () => {
  test.each([
    ['redis://queue', { kind: 'single', hosts: [{ host: 'queue', port: 6379 }], database: 0, isEncrypted: false }],
    [
      'rediss://queue:6380/3',
      { kind: 'single', hosts: [{ host: 'queue', port: 6380 }], database: 3, isEncrypted: true },
    ],
    ['redis://queue/', { username: null, password: null, database: 0 }],
    ['redis://[::1]:7000', { hosts: [{ host: '::1', port: 7000 }] }],
    ['redis://:word@queue', { username: null, password: 'word' }],
    ['redis://us%40er:p%2Fa%3As%25@queue', { username: 'us@er', password: 'p/a:s%' }],
    ['redis://user:a@b:c@queue', { username: 'user', password: 'a@b:c', hosts: [{ host: 'queue', port: 6379 }] }],
    [
      'redis+sentinel://user:pass@h1:26380,h2,[fe80::2]:26381/desk/2',
      {
        kind: 'sentinel',
        hosts: [
          { host: 'h1', port: 26_380 },
          { host: 'h2', port: 26_379 },
          { host: 'fe80::2', port: 26_381 },
        ],
        master: 'desk',
        database: 2,
        username: 'user',
        password: 'pass',
      },
    ],
    ['rediss+sentinel://h1/desk', { master: 'desk', database: 0, isEncrypted: true }],
    [
      'rediss+cluster://user:pass@h1:7000,h2',
      {
        kind: 'cluster',
        hosts: [
          { host: 'h1', port: 7000 },
          { host: 'h2', port: 6379 },
        ],
        master: null,
        isEncrypted: true,
        prefix: '{triage}',
      },
    ],
  ])('%s is understood', (url, meant) => {
    expect(redisAccess(url)).toMatchObject(meant);
  });

  test.each([
    ['http://queue', 'must look like'],
    ['redis+ring://h1', 'must look like'],
    ['redis://queue?db=1', 'must look like'],
    ['redis://user:pa?ss@queue', 'must look like'],
    ['redis://h1,h2', 'redis+cluster://'],
    ['redis://', 'every server'],
    ['redis://queue:70000', 'every server'],
    ['redis+cluster://h1,,h2', 'every server'],
    ['redis://queue/one', 'number of a database'],
    ['redis+sentinel://h1', 'name of the master'],
    ['redis+sentinel://h1/', 'name of the master'],
    ['redis+cluster://h1/1', 'no numbered databases'],
    ['redis://user@queue', 'needs a password'],
    ['redis://user:@queue', 'needs a password'],
    ['redis://user:50%@queue', '%25'],
  ])('%s is a fault', (url, hint) => {
    expect(faultsOf(url)).toEqual([expect.stringMatching(/^REDIS_URL: /)]);
    expect(faultsOf(url)[0]).toContain(hint);
  });

  test('is read back whatever the password is, when it is written as URLs are', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (username, password) => {
        const login = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`;
        expect(redisAccess(`redis+cluster://${login}@h1:7000,h2`)).toMatchObject({ username, password });
      }),
    );
  });

  test('never shows a password in a fault', () => {
    const password = fc.string({ minLength: 6, unit: fc.constantFrom(...'aZ9%/?#@:,!') });
    fc.assert(
      fc.property(password, fc.constantFrom('redis://', 'redis+sentinel://', 'x://'), (secret, scheme) => {
        const url = `${scheme}user:${secret}XYZZY@h1,h2/desk/9/9`;
        expect(faultsOf(url).join()).not.toContain('XYZZY');
      }),
    );
  });
});

describe('what comes with it', () => {
  test('is taken over', () => {
    const env = {
      REDIS_CA: CA,
      REDIS_SERVERNAME: 'redis.internal',
      REDIS_SENTINEL_USERNAME: 's',
      REDIS_SENTINEL_PASSWORD: 'w',
    };
    expect(redisAccess('rediss+sentinel://h1/desk', env)).toMatchObject({
      tls: { ca: CA, servername: 'redis.internal' },
      sentinel: { username: 's', password: 'w' },
      mayForget: false,
    });
    expect(redisAccess('redis://h1', { REDIS_ACCEPT_LOSS: 'on' })).toMatchObject({ tls: null, mayForget: true });
  });

  test.each([
    ['redis://h1', 'desk.triage', 'desk.triage'],
    ['redis+cluster://h1', 'desk', '{desk}'],
    ['redis+cluster://h1', 'a{desk}', 'a{desk}'],
  ])('the prefix keeps keys together only where there are several servers: %s, %s', (url, REDIS_PREFIX, prefix) => {
    expect(redisAccess(url, { REDIS_PREFIX }).prefix).toBe(prefix);
  });

  test.each([
    ['redis://h1', { REDIS_CA: CA }, 'REDIS_CA'],
    ['redis://h1', { REDIS_SERVERNAME: 'h' }, 'REDIS_SERVERNAME'],
    ['rediss://h1', { REDIS_CA: '/etc/ca.pem' }, 'REDIS_CA'],
    ['redis://h1', { REDIS_SENTINEL_PASSWORD: 'w' }, 'REDIS_SENTINEL_PASSWORD'],
    ['redis+sentinel://h1/desk', { REDIS_SENTINEL_USERNAME: 's' }, 'REDIS_SENTINEL_PASSWORD'],
    ['redis://h1', { REDIS_PREFIX: 'a b' }, 'REDIS_PREFIX'],
    ['redis://h1', { REDIS_PREFIX: '{}' }, 'REDIS_PREFIX'],
    ['redis://h1', { REDIS_ACCEPT_LOSS: 'yes' }, 'REDIS_ACCEPT_LOSS'],
  ])('%s with %j is a fault', (url, env, name) => {
    expect(faultsOf(url, env)).toEqual([expect.stringMatching(new RegExp(`^${name}\\b`))]);
  });
});
