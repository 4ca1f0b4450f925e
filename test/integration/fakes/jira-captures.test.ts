import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedFolder } from '../../fakes/jira/gate/openapi-document.ts';
import { startReceiver } from '../../fakes/jira/probe/receiver.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

const folder = sharedFolder();
const captures = folder === undefined ? undefined : join(folder, 'data/webhooks');
const hasCaptures = captures !== undefined && existsSync(captures);
if (!hasCaptures && process.env['CI_REQUIRE_SHARED'] === '1')
  throw new Error('the shared captures are required and absent');
if (!hasCaptures) console.log('skipping the comparison with real captures: no shared folder');

const NEWEST = 'cloud-2026-04-issue_created.json';
const LABELLED = 'cloud-2019-issue_updated-labels.json';

describe.skipIf(!hasCaptures)('beside the real captures', () => {
  /** `path: type` of everything in the body that every site has; lists by their first item. */
  function shapeOf(value: unknown, path = '', shape = new Map<string, string>()): Map<string, string> {
    if (/customfield_|changelog\.items|fixVersions/.test(path)) return shape;
    const type = value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value;
    if (path !== '') shape.set(path, type);
    if (Array.isArray(value) && value.length > 0) shapeOf(value[0], `${path}[]`, shape);
    if (type === 'object')
      for (const [key, inner] of Object.entries(value ?? {}))
        shapeOf(inner, path === '' ? key : `${path}.${key}`, shape);
    return shape;
  }

  const capture = (file: string): unknown => JSON.parse(readFileSync(join(captures ?? '', file), 'utf8'));
  // Data that was scrubbed or went away with GDPR, and fields with a plugin behind them.
  const GONE = /\.(name|key|emailAddress)$/;

  test.each([
    ['jira:issue_created', NEWEST],
    ['jira:issue_updated', LABELLED],
    ['jira:issue_updated', 'cloud-2019-issue_updated-assigned.json'],
    ['jira:issue_deleted', 'cloud-2019-issue_deleted.json'],
  ])('%s has the shape of %s', async (event, file) => {
    const ours = shapeOf(await hookOf(event));
    const theirs = shapeOf(capture(file));
    const known = new Map([...shapeOf(capture(LABELLED)), ...shapeOf(capture(NEWEST)), ...theirs]);
    const strange = [...ours].filter(([path, type]) => differs(known.get(path), type));
    expect(strange).toEqual([]);
    const lacking = [...theirs].filter(
      ([path, type]) => differs(ours.get(path), type) && !isPersonal(path) && !ownPart(path, ours),
    );
    expect(lacking).toEqual([]);
  });

  async function hookOf(event: string): Promise<unknown> {
    await using receiver = await startReceiver();
    await using site = await startJiraSite({ webhook: { url: receiver.url, events: [event] } });
    const { key } = await site.createIssue({ projectKey: 'DESK', summary: 'Hello', components: ['Email'] });
    site.editAs('agent-ada', key, { addLabels: ['a'] });
    site.deleteIssue(key);
    await site.webhooks.flush();
    expect(receiver.received).toHaveLength(1);
    return receiver.received[0]?.body;
  }

  function differs(known: string | undefined, type: string): boolean {
    return known !== type && known !== 'null' && !(known !== undefined && type === 'null');
  }

  function isPersonal(path: string): boolean {
    return /^(user|issue\.fields\.(creator|reporter|assignee))\./.test(path) && GONE.test(path);
  }

  /** Parts of a value that is null or empty with us. */
  function ownPart(path: string, ours: Map<string, string>): boolean {
    const parts = path.split(/(?=\.|\[\])/);
    return parts.some((_, index) => ours.get(parts.slice(0, index).join('')) === 'null') || path.includes('[]');
  }

  test('a real create carries its changelog, and so does ours', async () => {
    expect(capture(NEWEST)).toHaveProperty('changelog.items');
  });
});
