import { afterEach, describe, expect, test } from 'vitest';
import { TransientError } from '../../src/domain/errors.ts';
import { ask, paragraph } from '../fakes/jira/probe/caller.ts';
import { closeDesks, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('notes', () => {
  test('are internal, never public', async () => {
    const { site, tracker, key } = await openDesk();
    expect(await tracker.putInternalNote(key, ['Suggestion', 'category: *network* [~x]'])).toEqual({ kind: 'done' });
    expect(site.issue(key)?.comments).toMatchObject([{ author: site.botId, internal: true }]);
    expect(site.edits(key)).toMatchObject([{ kind: 'comment', internal: true }]);
    expect(site.requests.count({ path: '/rest/api/2/' })).toBe(0);
  });

  test('are sent once, and changed in place when they say something else', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.putInternalNote(key, ['Suggestion', 'category: network']);
    await tracker.putInternalNote(key, ['Suggestion', 'category: network']);
    expect(site.edits(key)).toHaveLength(1);
    site.commentAs('agent-ada', key, { body: 'Thanks' });
    expect(await tracker.putInternalNote(key, ['Suggestion', 'category: email'])).toEqual({ kind: 'done' });
    expect(site.issue(key)?.comments.map(({ author, internal }) => [author, internal])).toEqual([
      [site.botId, true],
      ['agent-ada', false],
    ]);
    expect(site.edits(key)).toMatchObject([
      { internal: true },
      { internal: true, text: 'Suggestion\n\ncategory: email' },
    ]);
  });

  test('are found behind many comments', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.putInternalNote(key, ['one']);
    for (let count = 0; count < 250; count += 1) site.commentAs('agent-ada', key, { body: `${count}`, silent: true });
    await tracker.putInternalNote(key, ['two']);
    expect(site.issue(key)?.comments.filter(({ author }) => author === site.botId)).toHaveLength(1);
    expect(site.requests.count({ method: 'GET', path: 'comment' })).toBe(4);
  });

  test('are not looked for without end', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.putInternalNote(key, ['one']);
    for (let count = 0; count < 1_100; count += 1) site.commentAs('agent-ada', key, { body: `${count}`, silent: true });
    await tracker.putInternalNote(key, ['two']);
    expect(site.requests.count({ method: 'GET', path: 'comment' })).toBe(11);
    expect(site.issue(key)?.comments.filter(({ author }) => author === site.botId)).toHaveLength(2);
  });

  test('that somebody opened to customers are left alone, and a new one is internal', async () => {
    const { site, tracker, key } = await openDesk();
    await tracker.putInternalNote(key, ['one']);
    const id = site.issue(key)?.comments[0]?.id;
    const opened = { body: paragraph('one'), properties: [{ key: 'sd.public.comment', value: { internal: false } }] };
    await ask(`${site.url}/rest/api/3/issue/${key}/comment/${id}`, { method: 'PUT', body: opened });
    await tracker.putInternalNote(key, ['two']);
    expect(site.issue(key)?.comments.map(({ internal }) => internal)).toEqual([false, true]);
    expect(site.edits(key).filter((edit) => edit.kind === 'comment' && edit.text === 'two')).toMatchObject([
      { internal: true },
    ]);
  });

  test('that somebody deleted are written anew, also when it happens under our hands', async () => {
    const { site, tracker, key } = await openDesk();
    const deleteNote = () => site.deleteComment(key, site.issue(key)?.comments[0]?.id ?? '');
    await tracker.putInternalNote(key, ['one']);
    deleteNote();
    await tracker.putInternalNote(key, ['two']);
    site.faults.next({ match: { method: 'PUT' }, status: 404, body: { errorMessages: ['Can not find a comment'] } });
    expect(await tracker.putInternalNote(key, ['three'])).toEqual({ kind: 'done' });
    expect(site.issue(key)?.comments.every(({ internal }) => internal)).toBe(true);
    expect(site.edits(key).map((edit) => edit.kind === 'comment' && edit.text)).toEqual(['one', 'two', 'three']);
  });

  test('of an older version, which had no mark, are not repeated', async () => {
    const { site, tracker, key } = await openDesk();
    const body = { body: paragraph('one'), properties: [{ key: 'sd.public.comment', value: { internal: true } }] };
    await ask(`${site.url}/rest/api/3/issue/${key}/comment`, { method: 'POST', body });
    expect(await tracker.putInternalNote(key, ['one'])).toEqual({ kind: 'done' });
    expect(site.edits(key)).toHaveLength(1);
  });

  test('lost on the way back are not repeated', async () => {
    const { site, tracker, key } = await openDesk();
    site.faults.next({ match: { method: 'POST', path: 'comment' }, status: 502, html: 'bad gateway', applied: true });
    await expect(tracker.putInternalNote(key, ['one'])).rejects.toThrow(TransientError);
    expect(await tracker.putInternalNote(key, ['one'])).toEqual({ kind: 'done' });
    expect(site.issue(key)?.comments).toHaveLength(1);
  });

  test('are written although a person said the same', async () => {
    const { site, tracker, key } = await openDesk();
    site.commentAs('agent-ada', key, { body: 'Suggestion' });
    await tracker.putInternalNote(key, ['Suggestion']);
    expect(site.issue(key)?.comments.map(({ author, internal }) => [author, internal])).toEqual([
      ['agent-ada', false],
      [site.botId, true],
    ]);
  });

  test('are refused where we may not comment, and gone where there is no issue', async () => {
    const { site, tracker, id, key } = await openDesk();
    site.setPermission('ADD_COMMENTS', false);
    expect(await tracker.putInternalNote(key, ['hi'])).toMatchObject({ kind: 'refused' });
    site.deleteIssue(key);
    expect(await tracker.putInternalNote(id, ['hi'])).toEqual({ kind: 'gone' });
  });

  test('a POST is never sent twice', async () => {
    const { site, tracker, key } = await openDesk();
    site.faults.next({ match: { method: 'POST', path: 'comment' }, status: 504, html: 'timeout', times: 3 });
    await expect(tracker.putInternalNote(key, ['hi'])).rejects.toThrow(TransientError);
    expect(site.requests.count({ method: 'POST', path: 'comment' })).toBe(1);
    expect(site.issue(key)?.comments).toEqual([]);
  });
});
