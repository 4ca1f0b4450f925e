import { describe, expect, test } from 'vitest';
import { openIssueWrites } from '../../../../src/adapters/jira/pace/issue-writes.ts';
import { openPauses } from '../../../../src/adapters/jira/pace/pauses.ts';

describe('what is remembered of writes', () => {
  test('are the issues of the last half minute, not all there ever were', () => {
    const writes = openIssueWrites();
    for (let at = 0; at < 100_000; at += 1) writes.take(`DESK-${at}`, at * 10);
    expect(writes.size()).toBeLessThanOrEqual(3_001);
    expect(writes.nextAt('DESK-1', 1_000_000)).toBe(1_000_000);
  });

  test('is bounded even when they all come at once', () => {
    const writes = openIssueWrites(100);
    for (let issue = 0; issue < 1_000; issue += 1) writes.take(`DESK-${issue}`, 5);
    expect(writes.size()).toBe(100);
  });

  test('is at most as many moments of an issue as its limits need', () => {
    const writes = openIssueWrites();
    for (let at = 0; at < 1_000; at += 1) writes.take('DESK-1', at);
    expect(writes.nextAt('DESK-1', 1_000)).toBe(910 + 30_000);
  });

  test('does not mix up names that objects have', () => {
    const writes = openIssueWrites();
    expect(writes.nextAt('__proto__', 7)).toBe(7);
    expect(writes.nextAt('constructor', 7)).toBe(7);
  });
});

describe('what is remembered of pauses', () => {
  test('ends with them', () => {
    const pauses = openPauses();
    pauses.put('a', 10, 0);
    pauses.put('b', 30, 20);
    expect(pauses.endOf(['a'])).toBe(0);
    expect(pauses.endOf(['b', 'c'])).toBe(30);
  });

  test('is bounded', () => {
    const pauses = openPauses();
    for (let issue = 0; issue < 10_100; issue += 1) pauses.put(`issue ${issue}`, 1_000_000, 0);
    expect(pauses.endOf(['issue 0'])).toBe(0);
    expect(pauses.endOf(['issue 10099'])).toBe(1_000_000);
  });
});
