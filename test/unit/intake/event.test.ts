import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RejectedError } from '../../../src/domain/errors.ts';
import { hearAutomation, hearWebhook, watchedFields } from '../../../src/intake/event.ts';
import { BOT, playbookWith, TEAM_FIELD, targetWith } from '../../support/fixtures.ts';

const watched = watchedFields(playbookWith().targets);
const ears = { projects: ['IT', 'KAN'], ourAccountId: BOT, watched };
const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const hear = (body: unknown) => hearWebhook(bytes(body), ears);

const issue = (parts: Record<string, unknown> = {}, fields: Record<string, unknown> = {}) => ({
  id: '10001',
  key: 'IT-1',
  fields: { project: { key: 'IT' }, resolution: null, ...fields },
  ...parts,
});
const event = (webhookEvent: string, parts: Record<string, unknown> = {}) => ({
  webhookEvent,
  user: { accountId: 'ada' },
  issue: issue(),
  ...parts,
});

const todo = (intent: string) => ({ kind: 'do', intent, isForced: false });
const ignored = (reason: string | RegExp) => ({ kind: 'ignore', reason: expect.stringMatching(reason) });

describe('a webhook', () => {
  test('about a new issue asks for triage', () => {
    expect(hear(event('jira:issue_created'))).toEqual({
      event: 'jira:issue_created',
      issueId: '10001',
      issueKey: 'IT-1',
      plan: todo('triage'),
    });
  });

  test.each([
    ['a resolution', { resolution: { name: 'Done' } }],
    ['a finished status', { status: { statusCategory: { key: 'done' } } }],
  ])('about an issue with %s asks to learn from it', (_what, fields) => {
    expect(hear(event('jira:issue_updated', { issue: issue({}, fields) })).plan).toEqual(todo('learn'));
  });

  test('about an issue in progress asks for nothing', () => {
    expect(hear(event('jira:issue_updated')).plan).toEqual(ignored(/not finished/));
  });

  const touching = (...items: readonly Record<string, unknown>[]) =>
    hear(event('jira:issue_updated', { changelog: { items } })).plan;

  test.each([
    ['by id', { field: 'labels', fieldId: 'labels' }],
    ['by name alone', { field: 'Component' }],
    ['by id, the name being another', { field: 'Component', fieldId: 'components' }],
    ['by the id of a custom field', { field: 'Team (IT)', fieldId: TEAM_FIELD, fieldtype: 'custom' }],
    ['by a custom field’s name, which may be ours', { field: '团队', fieldtype: 'custom' }],
    ['among others', { field: 'assignee', fieldId: 'assignee' }],
  ])('about a change of a field of ours, told %s, asks to look whoever made it', (_how, item) => {
    expect(touching({ field: 'status', fieldId: 'status', fieldtype: 'jira' }, item)).toEqual(todo('learn'));
  });

  test.each([
    ['another field', { field: 'summary', fieldId: 'summary', fieldtype: 'jira' }],
    ['another custom field', { field: 'labels', fieldId: 'customfield_10999', fieldtype: 'custom' }],
    ['a field that every object has', { field: '__proto__', fieldId: 'constructor' }],
    ['a field without a name', { field: '', fieldId: 7 }],
  ])('about a change of %s asks for nothing', (_what, item) => {
    expect(touching(item)).toEqual(ignored(/in no field of ours/));
    expect(touching()).toEqual(ignored(/in no field of ours/));
  });

  test('about a change of a field of ours in another project is not for us', () => {
    const foreign = issue({ key: 'HR-1' }, { project: { key: 'HR' } });
    const changelog = { items: [{ field: 'labels', fieldId: 'labels' }] };
    expect(hear(event('jira:issue_updated', { issue: foreign, changelog })).plan).toEqual(ignored(/project HR/));
  });

  test('names a custom field only where there is one of ours to be meant', () => {
    const labels = watchedFields([targetWith('category', { kind: 'label', prefix: 'cat-' })]);
    const changelog = { items: [{ field: 'Team', fieldtype: 'custom' }] };
    const body = bytes(event('jira:issue_updated', { changelog }));
    expect(hearWebhook(body, { ...ears, watched: labels }).plan.kind).toBe('ignore');
  });

  test('about a deleted issue asks to forget it', () => {
    expect(hear(event('jira:issue_deleted')).plan).toEqual(todo('forget'));
  });

  test.each(['jira:issue_created', 'jira:issue_updated', 'jira:issue_deleted'])(
    '%s that we caused ourselves is an echo',
    (name) => {
      expect(hear(event(name, { user: { accountId: BOT } })).plan).toEqual(ignored('our own edit'));
    },
  );

  test('is no echo while we do not know who we are', () => {
    const body = bytes({ ...event('jira:issue_created'), user: {} });
    expect(hearWebhook(body, { ...ears, ourAccountId: null }).plan).toEqual(todo('triage'));
  });

  test('of a project the playbook does not name is not for us', () => {
    const foreign = issue({ key: 'HR-1' }, { project: { key: 'HR' } });
    expect(hear(event('jira:issue_created', { issue: foreign })).plan).toEqual(
      ignored('project HR is not in the playbook'),
    );
  });

  test('without fields is judged by the key of the issue', () => {
    expect(hear(event('jira:issue_deleted', { issue: { id: 7, key: 'IT-7' } }))).toMatchObject({
      issueId: '7',
      plan: todo('forget'),
    });
    expect(hear(event('jira:issue_created', { issue: { id: 7, key: 'HR-7', fields: null } })).plan.kind).toBe('ignore');
  });

  test('that an issue was deleted, moved, restricted or opened again reaches memory whatever the project', () => {
    const issue = { id: 7, key: 'HR-7', fields: null };
    expect(hear(event('jira:issue_deleted', { issue })).plan).toEqual(todo('forget'));
    for (const field of ['Key', 'project', 'security', 'resolution']) {
      const changelog = { items: [{ field }] };
      expect(hear(event('jira:issue_updated', { issue, changelog })).plan).toEqual(todo('learn'));
    }
  });

  test.each(['comment_created', 'sprint_closed', 'jira:version_released', 'something_new'])(
    '%s is of no use',
    (name) => {
      expect(hear({ webhookEvent: name })).toEqual({
        event: name,
        issueId: null,
        issueKey: null,
        plan: ignored(`event ${name} is not used`),
      });
    },
  );

  test('an issue event that is yet unknown is of no use', () => {
    expect(hear(event('jira:issue_archived')).plan).toEqual(ignored(/not used/));
  });

  test.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['a string', '"x"'],
    ['null', 'null'],
    ['no event', {}],
    ['an event of a thousand letters', event('x'.repeat(1000))],
    ['an issue event without an issue', { webhookEvent: 'jira:issue_created' }],
    ['an id with letters', event('jira:issue_created', { issue: issue({ id: '1; drop table' }) })],
    ['a fractional id', event('jira:issue_created', { issue: issue({ id: 1.5 }) })],
    ['a negative id', event('jira:issue_created', { issue: issue({ id: -1 }) })],
    ['an id too long for a number', event('jira:issue_created', { issue: issue({ id: '9'.repeat(20) }) })],
    ['a key in lower case', event('jira:issue_created', { issue: issue({ key: 'it-1' }) })],
    ['a key with a path in it', event('jira:issue_created', { issue: issue({ key: 'IT-1/../2' }) })],
  ])('with %s is rejected', (_what, body) => {
    expect(() => hear(body)).toThrow(RejectedError);
  });

  test('says what is wrong and where, never what the ticket says', () => {
    const body = event('jira:issue_created', { issue: issue({ id: 'my password' }) });
    expect(() => hear(body)).toThrow(/what Jira sends: id/);
    expect(() => hear(body)).not.toThrow(/my password/);
  });

  test('of any JSON is heard or rejected, never an error of another kind', () => {
    fc.assert(
      fc.property(fc.json(), fc.jsonValue(), (text, value) => {
        for (const body of [bytes(text), bytes(event('jira:issue_created', { issue: value }))]) {
          try {
            expect(['do', 'ignore']).toContain(hearWebhook(body, ears).plan.kind);
          } catch (error) {
            expect(error).toBeInstanceOf(RejectedError);
          }
        }
      }),
    );
  });
});

describe('an automation request', () => {
  const hearIt = (body: unknown) => hearAutomation(bytes(body), ears);

  test.each([
    ['Automation format, a bare issue with a numeric id', issue({ id: 10_001, changelog: { histories: null } })],
    ['Jira format, an issue in an envelope', { issue: issue({ id: 10_001 }) }],
  ])('in %s asks for triage', (_format, body) => {
    expect(hearIt(body)).toEqual({ event: 'automation', issueId: '10001', issueKey: 'IT-1', plan: todo('triage') });
  });

  test('of another project is not for us', () => {
    expect(hearIt(issue({ key: 'HR-1' }, { project: { key: 'HR' } })).plan.kind).toBe('ignore');
  });

  test.each([['{'], [{}], [[]], [{ issue: null }], [{ issue: { id: 1 } }]])('of %j is rejected', (body) => {
    expect(() => hearIt(body)).toThrow(RejectedError);
  });
});

const folder = join(process.env['SHARED_DIR'] ?? join(import.meta.dirname, '../../../../shared'), 'data/webhooks');
const hasCaptures = existsSync(folder);
if (!hasCaptures && process.env['CI_REQUIRE_SHARED'] === '1')
  throw new Error(`the real captures are required: ${folder}`);
if (!hasCaptures) console.log('skipping the real webhook captures: no shared folder');

describe('a real capture', () => {
  const capture = (name: string) => {
    const body = readFileSync(join(folder, name));
    const project = /"key":\s*"([A-Z][A-Z0-9_]+)-\d+"/.exec(body.toString())?.[1] ?? 'NONE';
    return hearWebhook(body, { projects: [project], ourAccountId: BOT, watched });
  };

  test.skipIf(!hasCaptures).each([
    ['cloud-2026-04-issue_created.json', 'jira:issue_created', 'KAN-3', todo('triage')],
    ['cloud-2019-issue_created.json', 'jira:issue_created', expect.any(String), todo('triage')],
    ['cloud-2019-issue_created-security-level.json', 'jira:issue_created', expect.any(String), todo('triage')],
    ['cloud-2019-issue_deleted.json', 'jira:issue_deleted', expect.any(String), todo('forget')],
    ['cloud-2019-issue_updated-assigned.json', 'jira:issue_updated', expect.any(String), todo('learn')],
    ['cloud-2019-issue_updated-custom-field.json', 'jira:issue_updated', expect.any(String), ignored(/no field of/)],
    ['cloud-2019-issue_updated-labels.json', 'jira:issue_updated', expect.any(String), todo('learn')],
    [
      'SIMULATED-2024-issue_updated-assigned-empty-changelog.json',
      'jira:issue_updated',
      expect.any(String),
      ignored(/not finished/),
    ],
    [
      'server-2019-issue_updated-issue_commented-wiki-description.json',
      'jira:issue_updated',
      expect.any(String),
      ignored(/not finished/),
    ],
    ['cloud-2019-comment_created.json', 'comment_created', null, ignored(/not used/)],
    ['cloud-2024-07-comment_created-wiki-mention.json', 'comment_created', null, ignored(/not used/)],
  ])('%s is heard as %s', (name, heardEvent, issueKey, plan) => {
    expect(capture(name)).toMatchObject({ event: heardEvent, issueKey, plan });
  });
});
