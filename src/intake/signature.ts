import { createHash, createHmac, hash, timingSafeEqual } from 'node:crypto';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Whether a WebSub signature header (`sha256=<hex>`) fits the raw body under one of the secrets. Total: never throws,
 * and takes the same time whichever secret fits. Any other method than sha256 is refused.
 * Source: WebSub (W3C Recommendation 2018) §8, as Jira Cloud signs admin webhooks.
 */
export function isSigned(body: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean {
  const hex = SIGNATURE.exec(header ?? '')?.[1];
  if (!hex) return false;
  const given = Buffer.from(hex, 'hex');
  return secrets
    .map((secret) => timingSafeEqual(given, createHmac('sha256', secret).update(body).digest()))
    .includes(true);
}

/** Whether a signature header has the one form that could be right; what has not need not even be read. */
export function hasSignature(header: string | undefined): boolean {
  return SIGNATURE.test(header ?? '');
}

/** Whether a shared secret was presented, in constant time whatever its length. */
export function isSecret(given: string | undefined, expected: string | null): boolean {
  if (expected === null || given === undefined) return false;
  return timingSafeEqual(sha256(given), sha256(expected));
}

/** SHA-256 of a body as hex: the name of its content in the inbox. */
export function contentHash(body: Uint8Array): string {
  return hash('sha256', body, 'hex');
}

function sha256(data: string | Uint8Array): Buffer {
  return createHash('sha256').update(data).digest();
}
