import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pauseOf, verdictOf } from '../../../../../src/adapters/jira/pace/answer.ts';
import { countedAs } from '../../../../../src/adapters/jira/pace/limits.ts';
import { leastLeft } from '../../../../../src/adapters/jira/pace/quotas.ts';
import { answer, put } from './paced.ts';

const NOW = Date.parse('2026-05-01T08:20:00Z');
const pause = (status: number, headers: Readonly<Record<string, string>> = {}) => pauseOf(answer(status, headers), NOW);

describe('the pause an answer asks for', () => {
  test.each([
    ['jira-burst-based', 'burst', 'endpoint'],
    ['jira-per-issue-on-write', 'issue', 'issue'],
    ['jira-quota-global-based', 'quota', 'site'],
    ['jira-quota-tenant-based', 'quota', 'site'],
    ['jira-cost-based', 'quota', 'site'],
    ['jira-max-concurrent-threads-across-all-instances-per-tenant-per-user', 'concurrency', 'site'],
    ['jira-burst-based, jira-burst-based', 'burst', 'endpoint'],
    ['constructor', 'other', 'site'],
    ['', 'gateway', 'site'],
  ])('for %j is about the right thing', (given, reason, scope) => {
    expect(pause(429, { 'RateLimit-Reason': given, 'Retry-After': '3' })).toEqual({ reason, scope, ms: 3_000 });
  });

  test.each([
    [{ 'Retry-After': '7' }, 7_000],
    [{ 'Retry-After': '1.5' }, 1_500],
    [{ 'Retry-After': 'Fri, 01 May 2026 08:21:30 GMT' }, 90_000],
    [{ 'Retry-After': 'Fri, 01 May 2026 08:21:30 GMT', Date: 'Fri, 01 May 2026 08:21:00 GMT' }, 30_000],
    [{ 'X-RateLimit-Reset': '2026-05-01T08:20:09Z' }, 9_000],
    [{ 'X-RateLimit-Reset': '2026-05-01T08:22Z' }, 120_000],
    [{ 'Retry-After': '2', 'X-RateLimit-Reset': '2026-05-01T09:00:00Z' }, 2_000],
    [{}, 5_000],
    [{ 'Retry-After': 'soon' }, 5_000],
    [{ 'Retry-After': '', 'X-RateLimit-Reset': 'never' }, 5_000],
    [{ 'Retry-After': '0' }, 1_000],
    [{ 'Retry-After': '-3' }, 1_000],
    [{ 'Retry-After': 'Thu, 01 Jan 1970 00:00:00 GMT' }, 1_000],
    [{ 'Retry-After': '999999999999999999999' }, 3_600_000],
  ])('%j lasts %i ms', (headers, ms) => {
    expect(pause(429, headers)?.ms).toBe(ms);
  });

  test('told twice lasts as long as the longer one', () => {
    expect(pauseOf({ status: 429, headers: { 'retry-after': ['2', '5'] } }, NOW)?.ms).toBe(5_000);
  });

  test('for an empty quota lasts to the top of the hour where Jira does not say', () => {
    expect(pause(429, { 'RateLimit-Reason': 'jira-quota-global-based' })?.ms).toBe(40 * 60_000);
  });

  test('is one for a 503 that names a time, within five minutes, and none else', () => {
    expect(pause(503, { 'Retry-After': '30' })).toEqual({ reason: 'unavailable', scope: 'site', ms: 30_000 });
    expect(pause(503, { 'Retry-After': '86400' })?.ms).toBe(300_000);
    expect(pause(503)).toBeNull();
    expect(pause(503, { 'Retry-After': 'soon' })).toBeNull();
    expect(pause(500, { 'Retry-After': '30' })).toBeNull();
    expect(pause(200, { 'Retry-After': '30', 'RateLimit-Reason': 'jira-burst-based' })).toBeNull();
  });

  test('is finite and of some length, whatever the headers say', () => {
    const hostile = fc.oneof(fc.string(), fc.constantFrom('1e999', 'NaN', '٣', ' 12 ', '2026', '0x7f', '"x"', ','));
    const names = ['retry-after', 'x-ratelimit-reset', 'ratelimit-reason', 'date', 'ratelimit', 'ratelimit-policy'];
    fc.assert(
      fc.property(
        fc.constantFrom(429, 503, 200),
        fc.dictionary(fc.constantFrom(...names), hostile),
        (status, headers) => {
          const asked = pauseOf({ status, headers }, NOW);
          if (asked !== null) expect(asked.ms >= 1_000 && asked.ms <= 3_600_000).toBe(true);
          const verdict = verdictOf(countedAs(put(1)), { status, headers });
          if (verdict?.kind === 'ease') expect(verdict.share >= 0 && verdict.share < 1).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what is left of quotas', () => {
  const POLICY = '"global-app-quota";q=65000;w=3600';
  test.each([
    ['"global-app-quota";r=11000;t=600', POLICY, 11_000 / 65_000],
    ['"global-app-quota";t=600', POLICY, null],
    ['"tenant-app-quota"; r=50; t=9, "global-app-quota";t=600;r=6500', `"tenant-app-quota";q=100, ${POLICY}`, 0.1],
    ['"jira-burst-based";r=1;t=1', '"jira-burst-based";q=100;w=1', null],
    ['"global-app-quota";r=0;t=2788', null, 0],
    ['"global-app-quota";r=17842;t=2107', null, 0.1],
    ['"global-app-quota";r=-5', POLICY, null],
    ['r=0', POLICY, null],
    ['";;;,,,"', POLICY, null],
    [null, POLICY, null],
  ])('%j with %j', (limits, policies, left) => {
    const least = leastLeft(limits, policies);
    if (left === null) expect(least).toBeNull();
    else expect(least).toBeCloseTo(left);
  });

  test('that are not enforced yet are no concern', () => {
    const headers = { 'Beta-RateLimit': '"global-app-quota";r=0;t=600', 'X-Beta-RateLimit-NearLimit': 'true' };
    expect(verdictOf(countedAs(put(1)), answer(200, headers))).toBeNull();
  });

  test('are read in linear time', () => {
    const startedAt = performance.now();
    leastLeft(`"${';r=1'.repeat(20_000)}`, '"a"'.repeat(20_000));
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});

describe('a request counts', () => {
  test.each([
    ['/rest/api/3/issue/DESK-7/comment/10010', '/rest/api/3/issue/{}/comment/{}'],
    ['/rest/api/3/issue/desk-7', '/rest/api/3/issue/{}'],
    ['/rest/api/3/issue/a%2Fb', '/rest/api/3/issue/{}'],
    ['/rest/api/3/project/HR/statuses', '/rest/api/3/project/{}/statuses'],
    ['/rest/servicedeskapi/request/DESK-1/comment', '/rest/servicedeskapi/request/{}/comment'],
    ['/rest/api/3/issue/createmeta', '/rest/api/3/issue/createmeta'],
    ['/rest/api/3/search/approximate-count', '/rest/api/3/search/approximate-count'],
  ])('%s as %s', (path, endpoint) => {
    expect(countedAs({ method: 'GET', path }).endpoint).toBe(`GET ${endpoint}`);
  });
});
