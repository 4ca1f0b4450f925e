import { describe, expect, test } from 'vitest';
import { redactor } from '../../../src/privacy/redact.ts';

/** Tokens are written in two halves, so that nobody who searches this repository for secrets finds one. */
const MARK = '‸';
const whole = (text: string) => text.replaceAll(MARK, '');
const redact = (text: string) => redactor({ level: 'standard', people: [], patterns: [] }).redact(whole(text));
const LETTERS = 'a8Kd03LqPz7WmXvTn2RyB5cHgJ6sEf4U';

describe('a token', () => {
  test.each([
    ['AWS', 'AKIA‸Q7LM2PXW4RTZVN6B'],
    ['AWS, for a session', 'ASIA‸Q7LM2PXW4RTZVN6B'],
    ['Alibaba', 'LTAI‸5tKx9QmZ3nRbVw7cYdHs'],
    ['Google', `AIza‸Sy${LETTERS}x`],
    ['Google, OAuth', `ya29.‸${LETTERS}`],
    ['Azure', `aB3‸8Q~${LETTERS}`],
    ['GitHub', `ghp_‸${LETTERS}0123`],
    ['GitHub, fine-grained', `github_pat_‸11ABC_${LETTERS}`],
    ['GitLab', 'glpat-‸Xq7vT2mLpR9sKd4wZb1N'],
    ['npm', `npm_‸${LETTERS}abcd`],
    ['PyPI', `pypi-‸${LETTERS}`],
    ['Docker', `dckr_pat_‸${LETTERS}`],
    ['Slack', 'xoxb-‸281930475561-6617283940551-Lq2WmZ8rT0vYcN5kJ7bXsD3f'],
    ['SendGrid', `SG.‸${LETTERS}.${LETTERS}`],
    ['Stripe', 'sk_live_‸51Mz8QvKx2LpYtWn0RbGdHs7C'],
    ['Atlassian', `ATATT3‸xFfGF0${LETTERS}=1A2B`],
    ['OpenAI', `sk-proj-‸${LETTERS}`],
    ['OpenAI, of old', `sk-‸${LETTERS}`],
    ['Anthropic', `sk-ant-‸api03-${LETTERS}`],
    ['Hugging Face', 'hf_‸aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH'],
    ['a JSON web token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.‸${LETTERS}`],
    ['a Windows key', 'W269N-‸WFGWX-YVC9B-4J6C9-T83GX'],
    ['BitLocker', '419023-118745-660214-093357-522841-371690-204468-598103'],
    ['something that only looks random', '9xQ2‸vL7kR4mZ1pT8wN5bY3cJ6hG0dF+sA/eU2iO9qV4'],
  ])('of %s goes, also in the middle of a sentence', (_whose, token) => {
    expect(redact(`I found (${token}), in the log.`)).toBe('I found ([SECRET_1]), in the log.');
  });
});

describe('a private key', () => {
  const body = `${LETTERS}${LETTERS}\n`.repeat(4);
  const key = (kind: string) => `-----BEGIN ${kind}PRIVATE ‸KEY-----\n${body}-----END ${kind}PRIVATE ‸KEY-----`;

  test.each(['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '])('goes whole (%s)', (kind) => {
    expect(redact(`see\n${key(kind)}\nthanks`)).toBe('see\n[SECRET_1]\nthanks');
  });

  test('goes as far as it is one when its end is cut off', () => {
    expect(redact(`-----BEGIN PRIVATE ‸KEY-----\n${body}please help`)).toBe('[SECRET_1]\nplease help');
  });

  test('goes in a line of source text, and twice are two', () => {
    expect(redact(`"${key('').replaceAll('\n', '\\n')}", ${key('EC ')}`)).toBe('"[SECRET_1]", [SECRET_2]');
  });
});

describe('a secret in an address or a header', () => {
  test.each([
    ['postgresql://app:t4ng#erine@db:5432/x', 'postgresql://app:[SECRET_1]@db:5432/x'],
    ['redis://:p0nyExpress@cache:6379', 'redis://:[SECRET_1]@cache:6379'],
    ['jdbc:oracle:thin:scott/t1ger@//ora:1521/X', 'jdbc:oracle:thin:scott/[SECRET_1]@//ora:1521/X'],
    ['https://hooks.slack.com/services/‸T02AB/B07CD/xyz12345', 'https://hooks.slack.com/services/[SECRET_1]'],
    ['https://x.example/f?sv=2023&sig=aB%2Bc1234567890%3D&se=1', 'https://x.example/f?sv=2023&sig=[SECRET_1]&se=1'],
    ['Authorization: Basic c3ZjOkJsYXUh', 'Authorization: Basic [SECRET_1]'],
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer [SECRET_1]'],
    ['curl -u svc:Hase77 https://x', 'curl -u svc:[SECRET_1] https://x'],
    ['Cookie: JSESSIONID=8F3A2B1C9D0E; theme=dark', 'Cookie: JSESSIONID=[SECRET_1]; theme=dark'],
  ])('%s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });
});

describe('what only looks like a secret stays', () => {
  test.each([
    'commit d27492442cf5279f68e014213b870f0b26e7e386, trace 4bf92f3577b34da6a3ce929d0e0e4736',
    '7d3c1f5a-2b9e-4c0d-8a77-51f0e3b6c9d2',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '/opt/app/node_modules/some-library/dist/component-factory/index.production.min.js',
    'com.acme.billing.AbstractAuthenticationTokenFilterFactoryBean2',
    'Basic authentication fails, bearer token missing, basic auth',
    '-----BEGIN CERTIFICATE-----',
    'https://host:8080/path?x=1&code=42',
    'sk-learn-contrib-package and task-1234',
  ])('%s', (text) => {
    expect(redact(text)).toBe(text);
  });
});
