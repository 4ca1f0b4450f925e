import { describe, expect, test } from 'vitest';
import { answer, get, many, open, put, search, sendAll } from './paced.ts';

const told = (reason: string | null, seconds: number) =>
  answer(429, { 'Retry-After': String(seconds), ...(reason === null ? {} : { 'RateLimit-Reason': reason }) });

describe('after a 429', () => {
  test.each([
    ['a burst', 'jira-burst-based', 'endpoint', [put(2)], [get(1), search]],
    ['too many writes', 'jira-per-issue-on-write', 'issue', [put(1)], [put(2), get(1), search]],
    ['an empty quota', 'jira-quota-global-based', 'site', [put(1), put(2), get(1), search], []],
    ['a quota by cost', 'jira-cost-based', 'site', [put(1), get(1), search], []],
    ['a reason nobody heard of', 'jira-moon-based', 'site', [put(1), get(1), search], []],
    ['a gateway that gives no reason', null, 'site', [put(1), get(1), search], []],
  ])('for %s only that waits', async (_what, reason, scope, waiting, going) => {
    const desk = open();
    await desk.pace.heed(put(1), told(reason, 60));
    for (const request of going) expect(await desk.pace.admit(request)).toBe(0);
    for (const request of waiting)
      await expect(desk.pace.admit(request)).rejects.toMatchObject({ retryAfterMs: 60_000, scope });
    await desk.clock.pass(60_000);
    for (const request of waiting) expect((await sendAll(desk, [request])).refused).toEqual([]);
  });

  test('a short pause is waited for, and who waited comes back slowly', async () => {
    const desk = open();
    await desk.pace.heed(put(1), told('jira-burst-based', 1));
    await desk.clock.pass(500);
    const { sent, refused } = await sendAll(
      desk,
      many(10, (index) => put(index + 10)),
    );
    // A tenth of 50 a second, and a little more with every moment.
    expect(sent).toEqual([1_000, 1_200, 1_400]);
    expect(refused).toHaveLength(7);
  });

  test('who waits already waits on', async () => {
    const desk = open();
    const sent: number[] = [];
    await Promise.all(many(11, (index) => desk.pace.admit(put(index + 1))));
    for (let index = 0; index < 4; index += 1)
      void desk.pace.admit(put(index + 100)).then(
        () => sent.push(desk.clock.now()),
        () => {},
      );
    await desk.clock.pass(10);
    await desk.pace.heed(put(1), answer(429, { 'RateLimit-Reason': 'jira-burst-based', 'Retry-After': '1' }));
    await desk.clock.pass(900);
    expect(sent).toEqual([]);
    await desk.clock.pass(1_000);
    for (const at of sent) expect(at).toBeGreaterThanOrEqual(1_010);
  });

  test('who would wait too long in all is told so', async () => {
    const desk = open();
    for (let index = 0; index < 60; index += 1) void desk.pace.admit(put(index + 1)).catch(() => {});
    const late = desk.pace.admit(put(999));
    const settled = expect(late).rejects.toMatchObject({ scope: 'site', retryAfterMs: expect.closeTo(900_000, -4) });
    await desk.pace.heed(put(1), told('jira-quota-tenant-based', 900));
    await desk.clock.pass(1_000);
    await settled;
  });

  test('a longer pause is not shortened by a later shorter one', async () => {
    const desk = open();
    await desk.pace.heed(put(1), told(null, 60));
    await desk.pace.heed(put(2), told(null, 2));
    await expect(desk.pace.admit(put(3))).rejects.toMatchObject({ retryAfterMs: 60_000 });
  });

  test('a 503 that says for how long pauses everything, one that does not pauses nothing', async () => {
    const desk = open();
    await desk.pace.heed(put(1), answer(503));
    expect(await desk.pace.admit(search)).toBe(0);
    await desk.pace.heed(put(1), answer(503, { 'Retry-After': '30' }));
    await expect(desk.pace.admit(search)).rejects.toMatchObject({ retryAfterMs: 30_000, scope: 'site' });
  });
});

describe('while Jira says that little is left', () => {
  const burst = many(200, (index) => put(index + 1));
  const goneWith = async (...headers: Readonly<Record<string, string>>[]) => {
    const desk = open();
    for (const entries of headers) await desk.pace.heed(put(1), answer(200, entries));
    return (await sendAll(desk, burst)).sent.length;
  };

  test('that endpoint is used sparingly, the less is left the more so', async () => {
    const full = await goneWith({});
    const tenth = await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '35' });
    const none = await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '0' });
    expect(tenth).toBeLessThan(full * 0.7);
    expect(none).toBeLessThan(full * 0.15);
    expect(none).toBeGreaterThan(0);
  });

  test('it is not slowed down while enough is left, nor longer than needed', async () => {
    const full = await goneWith({});
    expect(await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '300' })).toBe(full);
    const desk = open();
    await desk.pace.heed(put(1), answer(200, { 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '1' }));
    await desk.clock.pass(10_000);
    expect((await sendAll(desk, burst)).sent.length).toBe(full);
  });

  test.each([
    ['the quota is nearly used up', { 'X-RateLimit-NearLimit': 'true' }, 0.7],
    [
      'a tenth of it is left',
      { RateLimit: '"global-app-quota";r=6500;t=600', 'RateLimit-Policy': '"global-app-quota";q=65000;w=3600' },
      0.7,
    ],
    ['nothing of it is left', { RateLimit: '"tenant-app-quota";r=0;t=2788' }, 0.15],
  ])('everything goes slower when %s', async (_what, headers, most) => {
    const desk = open();
    await desk.pace.heed(get(1), answer(200, headers));
    const full = await goneWith({});
    expect((await sendAll(desk, burst)).sent.length).toBeLessThan(full * most);
  });

  test.each(['', 'many', '-1', 'NaN', 'Infinity', '0x10', '1e400'])(
    'a header that says %j stops nothing',
    async (value) => {
      const full = await goneWith({});
      expect(await goneWith({ 'X-RateLimit-Limit': value, 'X-RateLimit-Remaining': '90' })).toBe(full);
      expect(await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': value })).toBe(full);
      expect(await goneWith({ 'X-RateLimit-Limit': '0', 'X-RateLimit-Remaining': value })).toBe(full);
    },
  );
});
