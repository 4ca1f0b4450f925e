import { describe, expect, test } from 'vitest';
import { get, headers, many, open, put, search, sendAll } from './paced.ts';

describe('after a 429', () => {
  const answer = (reason: string | null, pauseMs: number) => ({
    headers: headers(reason === null ? {} : { 'RateLimit-Reason': reason }),
    pauseMs,
  });

  test.each([
    ['a burst', 'jira-burst-based', [put(2)], [get(1), search]],
    ['too many writes', 'jira-per-issue-on-write', [put(1)], [put(2), get(1), search]],
    ['an empty quota', 'jira-quota-global-based', [put(1), put(2), get(1), search], []],
    ['a reason nobody heard of', 'jira-cost-based', [put(1), get(1), search], []],
    ['a gateway that gives no reason', null, [put(1), get(1), search], []],
  ])('for %s only that waits', async (_what, reason, waiting, going) => {
    const desk = open();
    desk.pace.heed(put(1), answer(reason, 60_000));
    for (const request of going) expect(await desk.pace.admit(request)).toBe(0);
    for (const request of waiting)
      await expect(desk.pace.admit(request)).rejects.toMatchObject({ retryAfterMs: 60_000 });
    await desk.clock.pass(60_000);
    for (const request of waiting) expect(await desk.pace.admit(request)).toBe(0);
  });

  test('a short pause is waited for, and not everybody comes back at once', async () => {
    const desk = open();
    desk.pace.heed(put(1), answer('jira-burst-based', 500));
    const { sent } = await sendAll(
      desk,
      many(10, (index) => put(index + 10)),
    );
    expect(sent[0]).toBe(500);
    expect(sent.at(-1)).toBe(500 + 9 * 20);
  });

  test('who waits already waits on', async () => {
    const desk = open();
    const sent: number[] = [];
    await Promise.all(many(11, (index) => desk.pace.admit(put(index + 1))));
    for (let index = 0; index < 20; index += 1)
      void desk.pace.admit(put(index + 100)).then(() => sent.push(desk.clock.now()));
    desk.pace.heed(put(1), answer('jira-burst-based', 300));
    await desk.clock.pass(299);
    expect(sent).toEqual([]);
    await desk.clock.pass(1_000);
    expect(sent).toHaveLength(20);
  });

  test('who would wait too long in all is told so', async () => {
    const desk = open();
    for (let index = 0; index < 60; index += 1) void desk.pace.admit(put(index + 1)).catch(() => {});
    const late = desk.pace.admit(put(999));
    const settled = expect(late).rejects.toMatchObject({ scope: 'site' });
    desk.pace.heed(put(1), answer('jira-quota-tenant-based', 900_000));
    await desk.clock.pass(1_000);
    await settled;
  });

  test('a longer pause is not shortened by a later shorter one', async () => {
    const desk = open();
    desk.pace.heed(put(1), answer(null, 60_000));
    desk.pace.heed(put(2), answer(null, 2_000));
    await expect(desk.pace.admit(put(3))).rejects.toMatchObject({ retryAfterMs: 60_000 });
  });
});

describe('while Jira says that little is left', () => {
  const told = (entries: Readonly<Record<string, string>>) => ({ headers: headers(entries), pauseMs: null });
  const burst = many(200, (index) => put(index + 1));
  const goneWith = async (...answers: Readonly<Record<string, string>>[]) => {
    const desk = open();
    for (const entries of answers) desk.pace.heed(put(1), told(entries));
    return (await sendAll(desk, burst)).sent.length;
  };

  test('that endpoint is used sparingly, the less is left the more so', async () => {
    const full = await goneWith({});
    const tenth = await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '35' });
    const none = await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '0' });
    expect(tenth).toBeLessThan(full * 0.6);
    expect(none).toBeLessThan(full * 0.15);
    expect(none).toBeGreaterThan(0);
  });

  test('it is not slowed down while enough is left, nor longer than needed', async () => {
    const full = await goneWith({});
    const little = { 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '1' };
    expect(await goneWith({ 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '300' })).toBe(full);
    expect(await goneWith(little, { 'X-RateLimit-Limit': '350', 'X-RateLimit-Remaining': '349' })).toBe(full);
    const desk = open();
    desk.pace.heed(put(1), told(little));
    await desk.clock.pass(10_000);
    expect((await sendAll(desk, burst)).sent.length).toBe(full);
  });

  test('everything goes at half the pace when the quota is nearly used up', async () => {
    const desk = open();
    desk.pace.heed(get(1), told({ 'X-RateLimit-NearLimit': 'true' }));
    const full = await goneWith({});
    expect((await sendAll(desk, burst)).sent.length).toBeLessThan(full * 0.6);
  });

  test.each(['', 'many', '-1', 'NaN', 'Infinity', '0x10'])('a header that says %j stops nothing', async (value) => {
    expect(await goneWith({ 'X-RateLimit-Limit': value, 'X-RateLimit-Remaining': '90' })).toBe(await goneWith({}));
    expect(await goneWith({ 'X-RateLimit-Limit': '0', 'X-RateLimit-Remaining': value })).toBeGreaterThan(0);
  });
});
