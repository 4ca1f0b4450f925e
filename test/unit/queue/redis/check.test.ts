import { describe, expect, test } from 'vitest';
import { judge, readInfo } from '../../../../src/queue/redis/check.ts';

const PLACE = { host: 'queue.internal', port: 6380 };
const WELL = { version: '7.2.4', appendOnly: true, eviction: 'noeviction' };

describe('what INFO tells', () => {
  test('is read line by line', () => {
    const info =
      '# Server\r\nredis_version:7.0.15\r\n# Memory\r\nmaxmemory_policy:noeviction\r\n# Persistence\r\naof_enabled:1\r\n';
    expect(readInfo(info)).toEqual({ version: '7.0.15', appendOnly: true, eviction: 'noeviction' });
    expect(readInfo('aof_enabled:0\r\n').appendOnly).toBe(false);
  });

  test('may be nothing', () => {
    expect(readInfo('')).toEqual({ version: null, appendOnly: null, eviction: null });
  });
});

describe('a server', () => {
  test('that keeps what it is given is well', () => {
    expect(judge(WELL, PLACE)).toEqual({ faults: [], losses: [], silent: [] });
  });

  test.each([
    [
      { appendOnly: false },
      'redis-cli -h queue.internal -p 6380 CONFIG SET appendonly yes',
      'redis.conf: appendonly yes',
    ],
    [
      { eviction: 'volatile-lru' },
      'redis-cli -h queue.internal -p 6380 CONFIG SET maxmemory-policy noeviction',
      'redis.conf: maxmemory-policy noeviction',
    ],
  ])('that may lose it is told what to set: %j', (parts, command, line) => {
    const { faults, losses } = judge({ ...WELL, ...parts }, PLACE);
    expect(faults).toEqual([]);
    expect(losses).toHaveLength(1);
    for (const hint of [command, line, 'REDIS_ACCEPT_LOSS=on']) expect(losses[0]).toContain(hint);
  });

  test('that says nothing of it is named', () => {
    const { losses, silent } = judge({ version: null, appendOnly: null, eviction: null }, PLACE);
    expect(losses).toEqual([]);
    expect(silent).toEqual([expect.stringContaining('queue.internal:6380')]);
  });

  test.each([
    ['5.0.14', 1],
    ['6.0.20', 1],
    ['6.2.0', 0],
    ['7.0.15', 0],
    ['8.10.1', 0],
  ])('of version %s has %i faults', (version, count) => {
    expect(judge({ ...WELL, version }, PLACE).faults).toHaveLength(count);
  });
});
