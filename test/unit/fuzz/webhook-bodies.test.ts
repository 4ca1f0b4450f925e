import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RejectedError } from '../../../src/domain/errors.ts';
import { hearAutomation, hearWebhook } from '../../../src/intake/event.ts';
import { BOT } from '../../support/fixtures.ts';
import { heapInUse, inTime, runs } from '../../support/fuzz/bounds.ts';
import { hostileBodies } from '../../support/fuzz/captures.ts';

const ears = { projects: ['IT', 'KAN'], ourAccountId: BOT, watched: new Set(['labels', 'customfield_10050']) };
const bodies = hostileBodies();

/** What an entrance makes of a body; null where it turns it away as it should. */
function heard(hear: typeof hearWebhook, body: Buffer) {
  try {
    return hear(body, ears);
  } catch (error) {
    expect(error).toBeInstanceOf(RejectedError);
    expect(error).toMatchObject({ status: 400 });
    return null;
  }
}

describe('a webhook body that is anything at all', () => {
  test.each([
    ['webhook', hearWebhook],
    ['automation', hearAutomation],
  ])('is heard or turned away at the %s door, in time', { timeout: 60_000 }, (_door, hear) => {
    fc.assert(
      fc.property(bodies, (body) => {
        const event = inTime(() => heard(hear, body));
        if (!event || event.plan.kind === 'ignore') return;
        expect(event.issueId).toMatch(/^\d{1,19}$/);
        expect(event.issueKey).toMatch(/^[A-Z][A-Z0-9_]{1,99}-\d{1,18}$/);
      }),
      runs(150),
    );
  });

  test('records nothing that a terminal or a database would trip over', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { event = '', plan } = heard(hearWebhook, body) ?? {};
        const said = `${event} ${plan?.kind === 'ignore' ? plan.reason : ''}`;
        expect(said).toMatch(/^[\x20-\x7e]*$/);
        expect(said.length).toBeLessThan(400);
      }),
      runs(80),
    );
  });

  test('changes nothing that all objects share', { timeout: 60_000 }, () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(bodies, (body) => void heard(hearWebhook, body)),
      runs(80),
    );
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
  });

  test('leaves nothing in memory', { timeout: 60_000 }, () => {
    const some = fc.sample(bodies, { ...runs(100), seed: 7 });
    const round = () => {
      for (const body of some) heard(hearWebhook, body);
    };
    round();
    const before = heapInUse();
    for (let times = 0; times < 20; times += 1) round();
    expect(heapInUse() - before).toBeLessThan(8_000_000);
  });
});
