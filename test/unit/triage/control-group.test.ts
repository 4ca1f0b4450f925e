import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isInControlGroup } from '../../../src/triage/control-group.ts';

const ids = Array.from({ length: 10_000 }, (_, index) => String(10_000 + index));
const drawnAt = (share: number, salt = '') => ids.filter((id) => isInControlGroup(id, { share, salt }));

describe('the control group', () => {
  test.each([0.01, 0.1, 0.5])('holds a share of %f of all issues', (share) => {
    // Four standard deviations of a fair draw.
    const doubt = 4 * Math.sqrt((share * (1 - share)) / ids.length);
    expect(Math.abs(drawnAt(share).length / ids.length - share)).toBeLessThan(doubt);
  });

  test('is empty where the playbook wants none, and everybody where it wants all', () => {
    expect([drawnAt(0).length, drawnAt(1).length]).toEqual([0, ids.length]);
  });

  test('keeps its members when it grows', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.string(), share, share, fc.string(), (id, one, other, salt) => {
        const [small, large] = [Math.min(one, other), Math.max(one, other)];
        if (isInControlGroup(id, { share: small, salt }))
          expect(isInControlGroup(id, { share: large, salt })).toBe(true);
      }),
    );
  });

  test('is another one under another word', () => {
    const [one, other] = [drawnAt(0.2, 'spring'), new Set(drawnAt(0.2, 'autumn'))];
    const both = one.filter((id) => other.has(id)).length;
    expect(both / one.length).toBeGreaterThan(0.1);
    expect(both / one.length).toBeLessThan(0.3);
  });
});
