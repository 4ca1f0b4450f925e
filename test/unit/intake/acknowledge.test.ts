import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../../src/domain/decision/delivery.ts';
import { TransientError } from '../../../src/domain/errors.ts';
import { queueing } from '../../../src/intake/acknowledge.ts';
import type { PayloadOf, Publish } from '../../../src/queue/catalogue.ts';
import { deliveryWith } from '../../support/fixtures.ts';

const QUEUED = { status: 'queued' };
const news = (name: string) => deliveryWith({ contentHash: name });
const IGNORED = { kind: 'ignore', reason: 'our own edit' } as const;
const ours = (name: string): Delivery =>
  deliveryWith({ contentHash: name, event: 'jira:issue_updated', plan: IGNORED });

/** A queue that may be away, and the groups that it took. */
function openQueue() {
  const groups: string[][] = [];
  const state = { isAway: false };
  const publish: Publish = async (_queue, payloads) => {
    if (state.isAway) throw new TransientError('the queue is away');
    for (const { deliveries } of payloads as readonly PayloadOf<'intake'>[])
      groups.push(deliveries.map(({ contentHash }) => contentHash));
  };
  return { groups, state, publish };
}

describe('a delivery that is only noted', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('goes with the next that is not', async () => {
    const { groups, publish } = openQueue();
    await using queue = queueing(publish);
    expect(await queue.acknowledge(ours('one'))).toEqual(QUEUED);
    expect(groups).toEqual([]);
    expect(await queue.acknowledge(news('two'))).toEqual(QUEUED);
    await queue.acknowledge(news('three'));
    expect(groups).toEqual([['two', 'one'], ['three']]);
  });

  test('is none that tells of a new issue, or comes but once', async () => {
    const { groups, publish } = openQueue();
    await using queue = queueing(publish);
    await queue.acknowledge(deliveryWith({ contentHash: 'created', plan: IGNORED }));
    await queue.acknowledge(deliveryWith({ contentHash: 'automation', door: 'automation', plan: IGNORED }));
    expect(groups).toEqual([['created'], ['automation']]);
  });

  test('goes alone when there is none within a second', async () => {
    const { groups, publish } = openQueue();
    await using queue = queueing(publish);
    await queue.acknowledge(ours('one'));
    await queue.acknowledge(ours('two'));
    await vi.advanceTimersByTimeAsync(900);
    expect(groups).toEqual([]);
    vi.advanceTimersByTime(100);
    await vi.waitFor(() => expect(groups).toEqual([['one', 'two']]));
  });

  test('stays while the queue is away, and the one that it would have gone with is refused', async () => {
    const { groups, state, publish } = openQueue();
    await using queue = queueing(publish);
    await queue.acknowledge(ours('one'));
    state.isAway = true;
    await expect(queue.acknowledge(news('two'))).rejects.toThrow(TransientError);
    vi.advanceTimersByTime(1_000);
    // Only a queue that was asked has refused.
    await new Promise((resume) => setImmediate(resume));
    await new Promise((resume) => setImmediate(resume));
    state.isAway = false;
    vi.advanceTimersByTime(1_000);
    await vi.waitFor(() => expect(groups).toEqual([['one']]));
  });

  test('is refused like any when too many stay', async () => {
    const { groups, state, publish } = openQueue();
    state.isAway = true;
    const queue = queueing(publish);
    for (let count = 0; count < 1_000; count++) await queue.acknowledge(ours(String(count)));
    await expect(queue.acknowledge(ours('one more'))).rejects.toThrow(TransientError);
    await expect(queue[Symbol.asyncDispose]()).rejects.toThrow(TransientError);
    state.isAway = false;
    await queue[Symbol.asyncDispose]();
    expect(groups.flat()).toHaveLength(1_000);
    expect(Math.max(...groups.map((group) => group.length))).toBeLessThanOrEqual(64);
  });

  test('is tried no more after the end', async () => {
    const { groups, state, publish } = openQueue();
    state.isAway = true;
    const queue = queueing(publish);
    await queue.acknowledge(ours('one'));
    vi.advanceTimersByTime(1_000);
    await expect(queue[Symbol.asyncDispose]()).rejects.toThrow(TransientError);
    expect(vi.getTimerCount()).toBe(0);
    expect(groups).toEqual([]);
  });

  test('is handed over before the end', async () => {
    const { groups, publish } = openQueue();
    const queue = queueing(publish);
    await queue.acknowledge(ours('one'));
    await queue[Symbol.asyncDispose]();
    expect(groups).toEqual([['one']]);
  });
});
