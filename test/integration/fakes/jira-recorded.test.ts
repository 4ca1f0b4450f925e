import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { sharedFolder } from '../../fakes/jira/gate/openapi-document.ts';
import { ask } from '../../fakes/jira/probe/caller.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

const caseSchema = z.object({
  request: z.string(),
  status: z.number(),
  contentType: z.string(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.record(z.string(), z.unknown()),
});
const file = join(sharedFolder() ?? '', 'reference/jira-errors.json');
const hasRecordings = existsSync(file);
if (!hasRecordings && process.env['CI_REQUIRE_SHARED'] === '1')
  throw new Error('the recorded errors are required and absent');
if (!hasRecordings) console.log('skipping the comparison with recorded errors: no shared folder');
const recorded = hasRecordings
  ? z.object({ cases: z.array(caseSchema) }).parse(JSON.parse(readFileSync(file, 'utf8'))).cases
  : [];

describe.skipIf(!hasRecordings)('recorded errors', () => {
  test.each(recorded)('$request', async ({ request, status, contentType, headers = {}, body }) => {
    await using site = await startJiraSite({ projects: [{ key: 'PUB', anonymous: true }] });
    site.addIssue({ projectKey: 'PUB', summary: 'Open to all' });
    const [, method = '', address = '', json] = /^(\w+) (.+?)(?: (\{.*\}))?$/.exec(request) ?? [];
    const path = address.replace('https://api.atlassian.com', '').replaceAll(' ', '%20');
    const sent: unknown = json === undefined ? undefined : JSON.parse(json);
    const answer = await ask(`${site.url}${path}`, { method, as: null, ...(sent !== undefined && { body: sent }) });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, contentType]);
    expect({ ...answer.json, timestamp: body['timestamp'] }).toEqual({ ...body, timestamp: body['timestamp'] });
    expect(Object.fromEntries(answer.headers)).toMatchObject(
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    );
  });
});
