// biome-ignore lint/style/noRestrictedImports: pure, and the ledger is to hold a fingerprint of ticket text, never the text
import { createHash } from 'node:crypto';
import type { Issue } from './issue.ts';

/** A fingerprint of what people write into a ticket; labels, components and custom fields are what we may write ourselves. */
export function inputHash({ project, issueType, summary, text, reporter }: Issue): string {
  return createHash('sha256')
    .update(JSON.stringify([project, issueType, summary, text, reporter?.accountId]))
    .digest('hex')
    .slice(0, 32);
}
