import fc from 'fast-check';
import { expect } from 'vitest';

/** Nothing of an account or card number is left that is long enough to find it again. */
export function bannedFrom(redacted: string, number: string): void {
  expect(redacted).not.toContain(number);
  expect(redacted.replace(/[ -]/g, '')).not.toContain(number.replace(/[ -]/g, ''));
}

const digits = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`));
const grouped = (text: string, joint: string) => (text.match(/.{1,4}/g) ?? []).join(joint);

/** A valid IBAN of one of some countries, written as people do. */
export const iban = fc
  .tuple(
    fc.constantFrom(['DE', 18], ['AT', 16], ['CH', 17], ['ES', 20], ['BE', 12], ['PL', 24]),
    fc.constantFrom('', ' '),
    fc.boolean(),
  )
  .chain(([[country, length], joint, isLower]) =>
    digits(Number(length)).map((account) => {
      const whole = `${country}${checkDigits(String(country), account)}${account}`;
      return grouped(isLower ? whole.toLowerCase() : whole, joint);
    }),
  );

function checkDigits(country: string, account: string): string {
  const letters = [...country].map((letter) => String(letter.charCodeAt(0) - 55)).join('');
  return String(98n - (BigInt(`${account}${letters}00`) % 97n)).padStart(2, '0');
}

/** A valid card number of one of the brands, written as people do. */
export const cardNumber = fc
  .tuple(
    fc.constantFrom(['4', 16], ['51', 16], ['2221', 16], ['37', 15], ['6222', 16], ['3566', 16], ['6011', 16]),
    fc.constantFrom('', ' ', '-'),
  )
  .chain(([[begin, length], joint]) =>
    digits(Number(length) - String(begin).length - 1).map((rest) => grouped(withCheckDigit(`${begin}${rest}`), joint)),
  );

function withCheckDigit(number: string): string {
  const sum = [...number].reverse().reduce((total, digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + Math.floor(value / 10) + (value % 10);
  }, 0);
  return `${number}${(10 - (sum % 10)) % 10}`;
}
