import { expect } from 'vitest';
import { openPace, type Pace } from '../../../../../src/adapters/jira/pace/pace.ts';
import type { RateLimitedError } from '../../../../../src/domain/errors.ts';
import { type StoppedClock, stoppedClock } from './stopped-clock.ts';

export const put = (issue: string | number) => ({ method: 'PUT', path: `/rest/api/3/issue/${issue}` });
export const get = (issue: string | number) => ({ method: 'GET', path: `/rest/api/3/issue/${issue}` });
export const search = { method: 'POST', path: '/rest/api/3/search/jql' };

export function open(share?: number) {
  const clock = stoppedClock();
  return { clock, pace: openPace({ share, timer: clock }) };
}

/** When each request went, or the error it got at once; time passes until all are settled. */
export async function sendAll(
  { clock, pace }: { clock: StoppedClock; pace: Pace },
  requests: readonly ReturnType<typeof put>[],
  forMs = 2_000,
) {
  const sent: number[] = [];
  const refused: RateLimitedError[] = [];
  for (const request of requests) {
    void pace.admit(request).then(
      () => sent.push(clock.now()),
      (error) => refused.push(error),
    );
  }
  await clock.pass(forMs);
  expect(sent.length + refused.length).toBe(requests.length);
  return { sent, refused };
}

export const many = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, at) => item(at));
export const most = (times: readonly number[], windowMs: number) =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length));
/** An answer with these headers, whose names Jira writes in any case and Node in lower case. */
export const answer = (status: number, headers: Readonly<Record<string, string>> = {}) => ({
  status,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
});
