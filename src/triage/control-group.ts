import { createHash } from 'node:crypto';
import type { Playbook } from '../domain/playbook/playbook.ts';

/** The first six bytes of a hash, as a fraction of all they can say: exact in a double, and even enough for any share. */
const BYTES = 6;

/** Whether an issue is decided and then left alone: drawn by its id, so it is the same answer every time, everywhere. */
export function isInControlGroup(issueId: string, { share, salt }: Playbook['controlGroup']): boolean {
  const drawn = createHash('sha256').update(`${salt}\n${issueId}`).digest().readUIntBE(0, BYTES);
  return drawn / 256 ** BYTES < share;
}
