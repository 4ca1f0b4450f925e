import { describe, expect, test } from 'vitest';
import { created, openApp, send } from './support.ts';

const issue = { id: '10001', key: 'IT-1', fields: { project: { key: 'IT' } } };

describe('a signed body that means harm', () => {
  test.each([
    ['names a prototype', '{"__proto__":{"webhookEvent":"jira:issue_created"}}', 400],
    ['names a prototype beside the rest', created({ ['__proto__x']: 1 }).replace('__proto__x', '__proto__'), 202],
    ['names a constructor', created({ constructor: { prototype: { isAdmin: true } } }), 202],
    ['has an event of control characters', JSON.stringify({ webhookEvent: 'jira:\u0000issue\u001b[2J' }), 400],
    ['has an event without an end', JSON.stringify({ webhookEvent: `x${'y'.repeat(1_000)}` }), 400],
    ['has a key without an end', created({ issue: { ...issue, key: `${'A'.repeat(5_000)}-1` } }), 400],
    ['has a number without an end', created({ issue: { ...issue, key: `IT-${'1'.repeat(5_000)}` } }), 400],
    ['has a project of escapes', created({ issue: { ...issue, fields: { project: { key: '\u001b]0;x' } } } }), 400],
  ])('%s', async (_what, body, status) => {
    await using app = await openApp();
    expect((await send(app.url, body)).status).toBe(status);
    expect(Object.hasOwn(Object.prototype, 'webhookEvent')).toBe(false);
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });

  test('twice under the same name counts by the last, and is judged by it alone', async () => {
    await using app = await openApp();
    const body = created().replace('"key":"IT-1"', '"key":"IT-1","key":"HR-1"');
    expect(await (await send(app.url, body.replace('"key":"IT"', '"key":"HR"'))).json()).toMatchObject({
      ignored: 'project HR is not in the playbook',
    });
  });

  test('may have hundreds of fields that nobody knows', async () => {
    await using app = await openApp();
    const many = Object.fromEntries(
      Array.from({ length: 800 }, (_, index) => [`customfield_${index}`, { deep: [index] }]),
    );
    const body = created({ issue: { ...issue, fields: { ...issue.fields, ...many } } });
    expect((await send(app.url, body)).status).toBe(202);
  });
});
