import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jiraTracker } from '../../../src/adapters/jira/tracker.ts';
import { openTransport } from '../../../src/adapters/jira/transport.ts';
import { PermanentError, RateLimitedError, TransientError } from '../../../src/domain/errors.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { runs, watchRejections } from '../../support/fuzz/bounds.ts';
import { answeringServer, hostileAnswers } from './servers.ts';

const AT = '2026-04-25T18:35:13.605+0530';
const ISSUE = {
  id: '10001',
  key: 'IT-1',
  fields: { summary: 'words', project: { key: 'IT' }, created: AT, updated: AT, status: { name: 'Open' } },
  changelog: { total: 120, histories: [{ id: '1', created: AT, items: [{ field: 'labels', toString: 'a' }] }] },
};
const ME = { accountId: 'bot', displayName: 'Bot', active: true };

/** A call, and what Jira would answer when all is well. */
const CALLS: readonly (readonly [string, (jira: Tracker) => Promise<unknown>, readonly unknown[]])[] = [
  ['issue', (jira) => jira.issue('IT-1'), [ISSUE, [{ id: 'summary', name: 'Summary' }]]],
  ['search', (jira) => jira.search('project = IT', null), [{ issues: [ISSUE], isLast: false, nextPageToken: 'next' }]],
  [
    'glimpse',
    (jira) => jira.glimpse({ jql: 'project = IT', fresh: ['10001'] }, null),
    [{ issues: [ISSUE], isLast: true }],
  ],
  ['serverTime', (jira) => jira.serverTime(), [{ serverTime: AT }]],
  ['count', (jira) => jira.count('project = IT'), [{ count: 3 }]],
  ['myself', (jira) => jira.myself(), [ME]],
  ['person', (jira) => jira.person('ada'), [ME]],
  ['isAssignable', (jira) => jira.isAssignable('IT-1', 'ada'), [[ME]]],
  ['componentLead', (jira) => jira.componentLead('IT', 'Mail'), [[{ name: 'Mail', lead: ME }]]],
  ['fields', (jira) => jira.fields(), [[{ id: 'summary', name: 'Summary', schema: { custom: 'vp-origin' } }]]],
  ['whereabouts', (jira) => jira.whereabouts(['10001']), [{ issues: [ISSUE], issueErrors: [{ id: '7' }] }]],
  [
    'putInternalNote',
    (jira) => jira.putInternalNote('10001', ['why']),
    [{ comments: [{ id: '1', body: {}, author: ME }], total: 1 }, ME],
  ],
  [
    'edit',
    (jira) =>
      jira.edit('10001', {
        fields: {},
        update: {},
        mark: { decisionId: 'd', revision: 'r', at: AT, values: {} },
        notifyUsers: false,
      }),
    [{}, { errorMessages: ['no'], errors: { labels: 'no' } }],
  ],
];

describe('a Jira that answers anything at all', () => {
  test.each(CALLS)(
    'gives %s a value, or an error that says what to do next',
    { timeout: 120_000 },
    async (_name, call, good) => {
      await using server = await answeringServer();
      using rejections = watchRejections();
      const access = { url: server.url, email: 'bot@example.com', apiToken: 'token-of-the-bot' };
      const client = openTransport(access, () => {}, { admit: async () => 0, heed: async () => {} });
      await fc.assert(
        fc.asyncProperty(hostileAnswers(good), async (answer) => {
          server.answerWith(answer);
          // Another one each time: what was remembered would hide the answer.
          const error = await call(jiraTracker(client, () => ['customfield_1'])).then(
            () => null,
            (thrown: unknown) => thrown,
          );
          if (error === null) return;
          const isNamed = [TransientError, RateLimitedError, PermanentError].some((one) => error instanceof one);
          expect(isNamed, String(error instanceof Error ? error.stack : error)).toBe(true);
          expect(String(error)).not.toContain(access.apiToken);
        }),
        runs(100),
      );
      expect(rejections.seen).toEqual([]);
    },
  );
});
