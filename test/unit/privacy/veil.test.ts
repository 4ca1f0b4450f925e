import { describe, expect, test } from 'vitest';
import { TransientError } from '../../../src/domain/errors.ts';
import type { PiiFinder } from '../../../src/privacy/finder.ts';
import { veil, veiledText } from '../../../src/privacy/veil.ts';
import { issueWith, playbookWith } from '../../support/fixtures.ts';

const { privacy } = playbookWith();

describe('a veil', () => {
  test('gives the same thing the same placeholder in every text of a ticket', async () => {
    const texts = ['Mail cy@acme.example', 'cy@acme.example and ada@acme.example', ''];
    const redact = await veil(texts, [], { privacy, finder: null });
    expect(texts.map(redact)).toEqual(['Mail [EMAIL_1]', '[EMAIL_1] and [EMAIL_2]', '']);
    expect(redact('ada@acme.example')).toBe('[EMAIL_2]');
  });

  test('keeps texts apart, even where a secret begins in one and seems to end in the next', async () => {
    const texts = ['-----BEGIN RSA PRIVATE KEY-----\nMIIE', 'VPN drops', 'MIIE\n-----END RSA PRIVATE KEY----- printer'];
    const redact = await veil(texts, [], { privacy, finder: null });
    expect(redact(texts[1] ?? '')).toBe('VPN drops');
    expect(redact(texts[2] ?? '')).toContain('printer');
  });

  test('is off when the playbook says so', async () => {
    const off = { ...privacy, redaction: 'off' as const };
    const redact = await veil(['cy@acme.example'], [], { privacy: off, finder: null });
    expect(redact('cy@acme.example')).toBe('cy@acme.example');
  });

  test('takes out what a finder sees, and nothing leaves when it cannot look', async () => {
    const finder: PiiFinder = {
      find: async (text) => [{ start: text.indexOf('Zoe'), end: text.indexOf('Zoe') + 3, kind: 'PERSON' }],
    };
    const redact = await veil(['ask Zoe please'], [], { privacy, finder });
    expect(redact('ask Zoe please')).toBe('ask [PERSON_1] please');
    const broken: PiiFinder = {
      find: async () => {
        throw new TransientError('Presidio answered 500');
      },
    };
    await expect(veil(['x'], [], { privacy, finder: broken })).rejects.toThrow('Presidio answered 500');
  });

  test('covers what is embedded, with the names that Jira knows', () => {
    const issue = issueWith({ summary: 'Account of Ada Lovelace', text: 'see 10.1.2.3', people: ['Ada Lovelace'] });
    expect(veiledText(privacy)(issue)).toBe('Account of [PERSON_1]\nsee [IP_1]');
  });
});
