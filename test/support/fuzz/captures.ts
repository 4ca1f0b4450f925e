import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { sharedFile } from '../shared.ts';
import { damaged } from './bytes.ts';
import { changed } from './values.ts';

const OURS = {
  timestamp: 1,
  webhookEvent: 'jira:issue_updated',
  user: { accountId: 'customer-cy' },
  issue: {
    id: '10001',
    key: 'IT-1',
    fields: { project: { key: 'IT' }, summary: 'words', status: { statusCategory: { key: 'done' } }, resolution: null },
  },
  changelog: { items: [{ field: 'labels', fieldId: 'labels', fieldtype: 'jira', fromString: '', toString: 'a' }] },
};

/** Real webhook bodies where they are at hand, and one of our own. */
export function capturedBodies(): readonly unknown[] {
  const folder = sharedFile('data/webhooks');
  if (!existsSync(folder)) {
    if (process.env['CI_REQUIRE_SHARED'] === '1') throw new Error(`the real captures are required: ${folder}`);
    return [OURS];
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return [OURS, ...names.map((name): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8')))];
}

/** Webhook bodies as a broken or hostile sender might send them: other values, other shapes, other bytes. */
export function hostileBodies(): fc.Arbitrary<Buffer> {
  const bodies = capturedBodies();
  const asBytes = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
  return damaged(fc.oneof(fc.constantFrom(...bodies), changed(bodies)).map(asBytes));
}
