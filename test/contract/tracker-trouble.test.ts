import { afterEach, describe, expect, test } from 'vitest';
import { jiraTracker } from '../../src/adapters/jira/tracker.ts';
import { openTransport } from '../../src/adapters/jira/transport.ts';
import { RateLimitedError, TransientError } from '../../src/domain/errors.ts';
import type { JiraSite } from '../fakes/jira/door.ts';
import { botCredentials } from '../fakes/jira/options.ts';
import { closeDesks, openDesk } from './support/jira-desk.ts';

afterEach(closeDesks);

describe('when Jira is in trouble', () => {
  async function failureOf(trouble: (site: JiraSite) => void): Promise<unknown> {
    const { site, tracker, key } = await openDesk();
    trouble(site);
    return tracker.issue(key).then(
      (issue) => `no error but ${JSON.stringify(issue)}`,
      (error: unknown) => error,
    );
  }

  test.each([
    [
      'a burst',
      (site: JiraSite) => site.faults.burst({ retryAfterSeconds: 3 }),
      { retryAfterMs: 3_000, scope: 'endpoint' },
    ],
    [
      'too many writes to one issue',
      (site: JiraSite) => site.faults.perIssue({ retryAfterSeconds: 2 }),
      { retryAfterMs: 2_000, scope: 'issue' },
    ],
    [
      'an empty quota',
      (site: JiraSite) => site.faults.quota({ retryAfterSeconds: 900 }),
      { retryAfterMs: 900_000, scope: 'site' },
    ],
    [
      'an outage that says for how long',
      (site: JiraSite) => site.faults.unavailable({ retryAfterSeconds: 40 }),
      { retryAfterMs: 40_000, scope: 'site' },
    ],
    [
      'a 429 that says nothing',
      (site: JiraSite) => site.faults.next({ status: 429 }),
      { retryAfterMs: 5_000, scope: 'site' },
    ],
  ])('%s is a pause of the right length and width', async (_what, trouble, expected) => {
    const error = await failureOf(trouble);
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject(expected);
  });

  test.each(['0', '-3', '0.2'])(
    'a pause of "%s" seconds is one second, for Redis takes none shorter',
    async (seconds) => {
      const error = await failureOf((site) => site.faults.next({ status: 429, headers: { 'Retry-After': seconds } }));
      expect(error).toBeInstanceOf(RateLimitedError);
      expect(error).toMatchObject({ retryAfterMs: 1_000 });
    },
  );

  test('the gateway’s 429 without Retry-After waits for the reset it names', async () => {
    const error = await failureOf((site) => site.faults.gateway());
    expect(error).toBeInstanceOf(RateLimitedError);
    expect(error).toMatchObject({ scope: 'site', retryAfterMs: expect.closeTo(1_000, -2) });
  });

  test.each([
    ['a maintenance page', (site: JiraSite) => site.faults.unavailable()],
    ['a login page with status 200', (site: JiraSite) => site.faults.loginPage()],
    ['an answer that breaks off', (site: JiraSite) => site.faults.truncated()],
    ['a connection that is reset', (site: JiraSite) => site.faults.reset()],
    ['a conflict', (site: JiraSite) => site.faults.conflict()],
    [
      'a redirect to somewhere else',
      (site: JiraSite) => site.faults.next({ status: 302, headers: { Location: '/login' } }),
    ],
    ['an empty answer with status 200', (site: JiraSite) => site.faults.next({ status: 200 })],
    ['a 500', (site: JiraSite) => site.faults.next({ status: 500, body: {} })],
  ])('%s may pass', async (_what, trouble) => {
    expect(await failureOf(trouble)).toBeInstanceOf(TransientError);
  });

  test('a site that is not there may come back', async () => {
    const transport = openTransport({ url: 'http://127.0.0.1:1', ...botCredentials }, () => {});
    await expect(jiraTracker(transport, () => []).issue('DESK-1')).rejects.toThrow(TransientError);
  });

  test('a token that is refused may be mended, and the message says what to mend', async () => {
    const { site } = await openDesk();
    const transport = openTransport({ url: site.url, email: botCredentials.email, apiToken: 'expired' }, () => {});
    const failure = jiraTracker(transport, () => []).issue('DESK-1');
    await expect(failure).rejects.toThrow(TransientError);
    await expect(failure).rejects.toThrow('JIRA_API_TOKEN');
  });

  test('a 403 may pass: an operator gives the permission back', async () => {
    expect(await failureOf((site) => site.faults.next({ status: 403, body: {} }))).toBeInstanceOf(TransientError);
  });

  test('nothing is retried here', async () => {
    const { site, tracker, key } = await openDesk();
    const faults = [site.faults.unavailable({ times: 5 })];
    await expect(tracker.issue(key)).rejects.toThrow(TransientError);
    expect(faults[0]?.hits).toBe(1);
  });

  test('every answer is observed, with what is left of the budget', async () => {
    const { site, tracker, exchanges, timer, key } = await openDesk();
    site.faults.burst();
    await expect(tracker.issue(key)).rejects.toThrow(RateLimitedError);
    timer.turn(1_000);
    await tracker.issue(key);
    expect(exchanges).toMatchObject([
      { method: 'GET', status: 429, remaining: 0, throttled: 'burst' },
      { method: 'GET', status: 200, remaining: null, throttled: null },
    ]);
    site.faults.reset();
    await expect(tracker.issue(key)).rejects.toThrow(TransientError);
    expect(exchanges.at(-1)).toMatchObject({ path: `/rest/api/3/issue/${key}`, status: 0, throttled: null });
  });

  test('no error tells our token', async () => {
    const errors = await Promise.all([
      failureOf((site) => site.faults.unavailable()),
      failureOf((site) => site.faults.reset()),
      failureOf((site) => site.faults.next({ status: 403, body: {} })),
    ]);
    for (const error of errors)
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(botCredentials.apiToken);
  });
});

describe('scoped tokens', () => {
  test('work through the gateway', async () => {
    const { site, key } = await openDesk();
    const transport = openTransport({ url: site.gatewayUrl, ...botCredentials }, () => {});
    expect(await jiraTracker(transport, () => []).issue(key)).toMatchObject({ key });
  });
});
