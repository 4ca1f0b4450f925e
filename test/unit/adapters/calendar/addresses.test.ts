import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { guardedLookup, isPublic, PrivateAddressError } from '../../../../src/adapters/calendar/addresses.ts';

describe('an address is public', () => {
  test.each(['142.250.185.78', '1.1.1.1', '172.32.0.1', '2a00:1450:4001:82a::200e', '::ffff:8.8.8.8'])(
    '%s',
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );
});

describe('an address is not public', () => {
  test.each([
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:168.63.129.16',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '4000::1',
    '',
    'localhost',
    '１２７.0.0.1',
  ])('%s', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('looking up a name', () => {
  const looked = (addresses: readonly string[], { allowed = false, all = true } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<string | LookupAddress[]>();
    const answers = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const lookup = guardedLookup(
      () => allowed,
      (_host, _options, answer) => answer(null, answers),
    );
    lookup('calendar.example', { all }, (error, address) => (error ? reject(error) : resolve(address)));
    return promise;
  };

  test('answers with all addresses, or with the first', async () => {
    expect(await looked(['1.1.1.1', '2606:4700::1111'])).toEqual([
      { address: '1.1.1.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]);
    expect(await looked(['1.1.1.1', '1.0.0.1'], { all: false })).toBe('1.1.1.1');
  });

  test('refuses a name when one of its addresses is private', async () => {
    await expect(looked(['1.1.1.1', '127.0.0.1'])).rejects.toThrow(PrivateAddressError);
    await expect(looked(['::ffff:10.0.0.1'])).rejects.toThrow(PrivateAddressError);
    await expect(looked(['10.0.0.1'], { all: false })).rejects.toThrow(PrivateAddressError);
  });

  test('lets a name through that was allowed', async () => {
    expect(await looked(['10.0.0.1'], { allowed: true, all: false })).toBe('10.0.0.1');
  });

  test('fails when there is no address', async () => {
    await expect(looked([])).rejects.toThrow('no address');
  });
});
