import { isRateLimitError } from 'jira.js/core';
import { describe, expect, test } from 'vitest';
import { ask, clientOf } from '../../fakes/jira/probe/caller.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

async function openDesk(options = {}) {
  const site = await startJiraSite(options);
  const { key } = site.addIssue({ projectKey: 'DESK', summary: 'No network' });
  return Object.assign(site, { key, path: `${site.url}/rest/api/3/issue/${key}` });
}

const label = (name: string) => ({ method: 'PUT', body: { update: { labels: [{ add: name }] } } });

describe('rate limits', () => {
  test('the twenty-first write to one issue within two seconds is refused, and others go on', async () => {
    let now = 1_000_000;
    await using site = await openDesk({ now: () => now });
    const other = site.addIssue({ projectKey: 'DESK', summary: 'Other' });
    const statuses: number[] = [];
    for (let count = 0; count < 21; count += 1) statuses.push((await ask(site.path, label(`l${count}`))).status);
    expect(statuses).toEqual([...Array(20).fill(204), 429]);
    const refused = await ask(site.path, label('again'));
    expect(Object.fromEntries(refused.headers)).toMatchObject({
      'retry-after': '2',
      'ratelimit-reason': 'jira-per-issue-on-write',
      'x-ratelimit-remaining': '0',
    });
    expect((await ask(`${site.url}/rest/api/3/issue/${other.key}`, label('fine'))).status).toBe(204);
    now += 2_001;
    expect((await ask(site.path, label('later'))).status).toBe(204);
    expect(site.edits(site.key)).toHaveLength(21);
  });

  test('the client sees a 429 as a rate limit with the time to wait', async () => {
    await using site = await openDesk();
    site.faults.burst({ retryAfterSeconds: 3 });
    const error: unknown = await clientOf(site)
      .issues.getIssue({ issueIdOrKey: site.key })
      .catch((reason: unknown) => reason);
    expect(isRateLimitError(error) && error.retryAfterMs).toBe(3_000);
  });

  test('a quota says so, and the gateway says nothing but 429', async () => {
    await using site = await openDesk();
    site.faults.quota({ retryAfterSeconds: 900 });
    site.faults.gateway();
    const quota = await ask(site.path);
    const gateway = await ask(site.path);
    expect(Object.fromEntries(quota.headers)).toMatchObject({
      'retry-after': '900',
      'ratelimit-reason': 'jira-quota-global-based',
    });
    expect(gateway.status).toBe(429);
    expect(gateway.headers.get('retry-after')).toBeNull();
    expect(gateway.headers.get('x-failure-category')).toBe('FAILURE CLIENT RATE LIMITED');
  });

  test('a full bucket empties per endpoint and method', async () => {
    await using site = await openDesk({ burstPerSecond: 2, now: () => 5_000_000 });
    const statuses = [
      await ask(site.path),
      await ask(site.path),
      await ask(site.path),
      await ask(`${site.url}/rest/api/3/field`),
    ].map((answer) => answer.status);
    expect(statuses).toEqual([200, 200, 429, 200]);
  });
});

describe('faults', () => {
  test('hit only what they match, as often as told, and nothing afterwards', async () => {
    await using site = await openDesk();
    const fault = site.faults.next({
      match: { method: 'PUT', path: /\/issue\// },
      times: 2,
      status: 500,
      body: { oops: 1 },
    });
    expect((await ask(site.path)).status).toBe(200);
    expect([(await ask(site.path, label('a'))).status, (await ask(site.path, label('b'))).status]).toEqual([500, 500]);
    expect((await ask(site.path, label('c'))).status).toBe(204);
    expect([fault.hits, site.issue(site.key)?.labels]).toEqual([2, ['c']]);
    expect(site.requests.count({ method: 'PUT', status: 500 })).toBe(2);
  });

  test('can lose the answer to a write that was done', async () => {
    await using site = await openDesk();
    site.faults.unavailable({ applied: true, retryAfterSeconds: 1 });
    const answer = await ask(site.path, label('done'));
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('retry-after')]).toEqual([
      503,
      'text/html;charset=UTF-8',
      '1',
    ]);
    expect(site.issue(site.key)?.labels).toEqual(['done']);
  });

  test('conflict, login page, cut and reset look as they do on Cloud', async () => {
    await using site = await openDesk();
    site.faults.conflict();
    expect((await ask(site.path, label('x'))).status).toBe(409);
    site.faults.loginPage();
    expect(await ask(site.path)).toMatchObject({ status: 200, text: expect.stringContaining('<html>') });
    site.faults.truncated();
    await expect(ask(site.path)).rejects.toThrow('terminated');
    site.faults.reset();
    await expect(ask(site.path)).rejects.toThrow('fetch failed');
    expect(site.requests.count({ status: 0 })).toBe(1);
  });

  test('a hanging write that was done is done, though its caller is gone', async () => {
    await using site = await openDesk();
    site.faults.hang(60_000, { applied: true });
    const body = JSON.stringify({ update: { labels: [{ add: 'done' }] } });
    const headers = {
      Authorization: `Basic ${Buffer.from('triage-bot@serviceaccount.example.com:bot-token').toString('base64')}`,
    };
    await expect(fetch(site.path, { method: 'PUT', headers, body, signal: AbortSignal.timeout(50) })).rejects.toThrow(
      'timeout',
    );
    expect(site.issue(site.key)?.labels).toEqual(['done']);
  });

  test('a hanging request is never done once its caller is gone', async () => {
    await using site = await openDesk();
    const fault = site.faults.hang(60_000);
    const gone = fetch(site.path, { method: 'PUT', body: '{}', signal: AbortSignal.timeout(50) });
    await expect(gone).rejects.toThrow('timeout');
    expect([fault.hits, site.edits(site.key)]).toEqual([1, []]);
  });

  test('random errors come in the same places for the same seed', async () => {
    const run = async (seed: number) => {
      await using site = await openDesk();
      site.faults.randomErrors({ share: 0.4, seed, statuses: [502] });
      const statuses: number[] = [];
      for (let count = 0; count < 30; count += 1) statuses.push((await ask(site.path)).status);
      return statuses;
    };
    const first = await run(7);
    expect(first).toContain(502);
    expect(first).toContain(200);
    expect(await run(7)).toEqual(first);
  });
});
