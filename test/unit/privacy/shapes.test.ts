import { describe, expect, test } from 'vitest';
import { redactor } from '../../../src/privacy/redact.ts';

const redact = (text: string) => redactor({ level: 'standard', people: [], patterns: [] }).redact(text);
const stays = (text: string) => expect(redact(text)).toBe(text);

describe('an e-mail address goes', () => {
  test.each([
    ['write to Jana.Mueller+x@sub.firma-a.co.uk.', 'write to [EMAIL_1].'],
    ['<j@d.io>,mailto:foo@bar.de?subject=x', '<[EMAIL_1]>,mailto:[EMAIL_2]?subject=x'],
    ['邮箱是wangwei@qinghe.com.cn，谢谢', '邮箱是[EMAIL_1]，谢谢'],
    ['üser@müller.de and o’neill@x.ie', '[EMAIL_1] and [EMAIL_2]'],
    ['jana [at] acme.de, jana(at)acme (dot) de', '[EMAIL_1], [EMAIL_2]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each(['git@github.com:acme/x.git', 'npm i foo@1.2.3 @acme/ui', 'logo@2x.png', 'root@host01', 'meet @here @ 9'])(
    'but not %s',
    stays,
  );
});

describe('a phone number goes', () => {
  test.each([
    '+49 171 5550123',
    '+49 (0)30 555 01-99',
    '+49.621.555.0142',
    '0049 171 5550123',
    '0171 5550188',
    '0171/5550188',
    '0151 / 555 01 234',
    '089/5550-177',
    '(040) 555 01-0',
    '017155501234',
    '+41 44 555 01 42',
    '+86 139-8765-4321',
    '138 1234 5678',
    '021-5555 0123',
    '400-555-0199',
    '(555) 012-3456',
    '555-867-5309',
    '1-800-555-0199',
    '+1 (415) 555-0132',
    '020 7946 0958',
    '07700 900123',
    '06 12 34 56 78',
    '07.55.50.12.34',
    '+33(0)2 55 50 07 08',
    '+34 915 550 123',
    '612 34 56 78',
    '91 555 01 23',
    '+81 3-5555-0134',
  ])('%s', (phone) => {
    expect(redact(`Please ring ${phone} at 09:30, before 20.11.2026.`)).toBe(
      'Please ring [PHONE_1] at 09:30, before 20.11.2026.',
    );
    expect(redact(`(${phone})`)).toBe('([PHONE_1])');
  });

  test('where only its label tells', () => {
    expect(redact('Rufnummer 6215550142, phone number: 4155550132, 手机13700001234')).toBe(
      'Rufnummer [PHONE_1], phone number: [PHONE_2], 手机[PHONE_3]',
    );
  });

  test.each([
    'OPS-1234, INC0012345, KB5034441, NB-20417, IT-2023-00412',
    'Error 0x80070005, -2147467259, ORA-12154, F5201, event 4625, AADSTS50076',
    'Version 10.0.19045.3086, 16.0.17328.20184, 2.14.0-rc.3, 24295.605.3225.8804, 4.10.07061',
    'on 20.11.2026 14:32, 2026-11-20 14:32:07, 11/20/2026, 2026-11-20T06:42:10Z, 03:12:44',
    'Beleg 1900004711, order 4500017723, IDoc 0000000004711823, Kostenstelle 471100, Kundennr. 0815-4711-99',
    'SKU 5550-1187-22, ISBN 978-3-16-148410-0, EAN 4006381333931, 1Z999AA10123456784',
    '1.234.567,89 EUR, 12 345 678 bytes, 1 000 000, $1,204.00, 404-410, ext. 1187, Durchwahl -412, 9:30-11:00',
    '13700001234 is an order here',
  ])('but not %s', stays);
});

describe('an address in a network goes', () => {
  test.each([
    ['from 203.0.113.77, 10.0.0.1-10.0.0.9', 'from [IP_1], [IP_2]-[IP_3]'],
    ['10.20.0.0/16 192.168.1.1:8080 http://172.16.4.4/x', '[IP_1]/16 [IP_2]:8080 http://[IP_3]/x'],
    ['server 20.50.88.1, IP地址192.168.5.77', 'server [IP_1], IP地址[IP_2]'],
    ['fe80::1c2d:44ff:fe5a:9b31, 2001:db8:44:7::1f', '[IP_1], [IP_2]'],
    ['3C-52-82-1F-9A-07 a4bb.6d1e.77c0 MAC 001A2B3C4D5E', '[MAC_1] [MAC_2] MAC [MAC_3]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([
    'version 10.1.2.3, Firmware: 10.2.3.4, VPN client 5.1.2.42, Outlook 12.0.4.5, 版本 5.0.3.1, v10.1.2.3',
    'build 10.0.19045.3086, chapter 4.1.2.7, 1.2.3.4.5, 300.1.2.3',
    '127.0.0.1, 0.0.0.0, 255.255.255.0, ::1',
    'std::vector, Foo::Bar::baz, 12:34:56, 1234.5678.9012, a::b, Cafe::Bad',
  ])('but not %s', stays);
});

describe('an account goes', () => {
  test.each([
    ['IBAN DE44 5001 0517 5407 3249 31 BIC X', 'IBAN [IBAN_1] BIC X'],
    ['IBAN:de44500105175407324931, GB15-MIDL-4005-1512-3456-78', 'IBAN:[IBAN_1], [IBAN_2]'],
    ['card 4539 5786 3291 8451 08/27, 3714 496353 98431', 'card [CARD_1] 08/27, [CARD_2]'],
    ['4539578632918451；6222-0202-0011-2230', '[CARD_1]；[CARD_2]'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  test.each([
    'DE44 5001 0517 5407 3249 32 has a wrong check digit',
    'VA01 VA01 Drucker OPS-1234',
    '4539 5786 3291 8452, IDoc 4539578632918450, 14539578632918451',
  ])('but not %s', stays);
});
