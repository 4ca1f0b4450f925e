import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contentHash, isSecret, isSigned } from '../../../src/intake/signature.ts';

const BODY = Buffer.from('Hello World!');
const SECRET = "It's a Secret to Everybody";
const SIGNATURE = 'sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9';

describe('a signature', () => {
  test('fits the vector that Atlassian publishes', () => {
    expect(isSigned(BODY, SIGNATURE, [SECRET])).toBe(true);
  });

  test('may be made with any of several secrets', () => {
    expect(isSigned(BODY, SIGNATURE, ['other', SECRET, 'third'])).toBe(true);
    expect(isSigned(BODY, SIGNATURE, ['other', 'third'])).toBe(false);
  });

  test('never fits without a secret or without a header', () => {
    expect(isSigned(BODY, SIGNATURE, [])).toBe(false);
    expect(isSigned(BODY, undefined, [SECRET])).toBe(false);
  });

  test.each([
    ['another method', SIGNATURE.replace('sha256', 'sha512')],
    ['upper case', SIGNATURE.toUpperCase()],
    ['something before it', ` ${SIGNATURE}`],
    ['something after it', `${SIGNATURE}\n`],
    ['too few digits', SIGNATURE.slice(0, -1)],
    ['too many digits', `${SIGNATURE}0`],
    ['no method', SIGNATURE.slice(7)],
  ])('with %s is none', (_what, header) => {
    expect(isSigned(BODY, header, [SECRET])).toBe(false);
  });

  test('is over every byte of the body', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.string({ minLength: 1 }), (body, place, secret) => {
        const header = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
        const other = body.map((byte, index) => (index === place % body.length ? byte ^ 1 : byte));
        expect([isSigned(body, header, [secret]), isSigned(other, header, [secret])]).toEqual([true, false]);
      }),
    );
  });

  test('may be any string: the answer is no, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), fc.array(fc.string()), (body, header, secrets) => {
        expect(isSigned(body, header, secrets)).toBe(false);
        expect(isSigned(body, `sha256=${header}`, secrets)).toBe(false);
      }),
    );
  });
});

describe('a shared secret', () => {
  test('is the very same string', () => {
    expect(isSecret('secret', 'secret')).toBe(true);
    expect(isSecret('Secret', 'secret')).toBe(false);
    expect(isSecret('secret-and-more', 'secret')).toBe(false);
    expect(isSecret('', 'secret')).toBe(false);
  });

  test('is never right when none is given or none is set', () => {
    expect(isSecret(undefined, 'secret')).toBe(false);
    expect(isSecret('secret', null)).toBe(false);
    expect(isSecret('null', null)).toBe(false);
  });
});

test('content is named by its SHA-256', () => {
  expect(contentHash(BODY)).toBe('7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069');
  expect(contentHash(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
