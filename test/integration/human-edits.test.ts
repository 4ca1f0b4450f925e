import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IssueDraft } from '../fakes/jira/model.ts';
import { type HumanDesk, openHumanDesk, PLAYBOOKS } from '../support/human-edits/desk.ts';
import { deliveryOf, type Happening, openFlow } from '../support/human-edits/flow.ts';
import { deedsOf, fateOf } from '../support/human-edits/judge.ts';
import { type Act, anAct, aTicket, perform } from '../support/human-edits/people.ts';

/** As many as the promise speaks of. */
const TICKETS = 2_000;

interface Story {
  readonly ticket: IssueDraft;
  readonly playbook: keyof typeof PLAYBOOKS;
  readonly happenings: readonly Happening[];
  readonly acts: readonly Act[];
  /** What comes in after the first delivery. */
  readonly later: readonly ('duplicate' | 'another' | 'reclassify')[];
  readonly isTogether: boolean;
}

const aStory: fc.Arbitrary<Story> = fc.record({
  ticket: aTicket,
  playbook: fc.constantFrom('bold', 'bold', 'chatty'),
  happenings: fc.array(
    fc.record({ call: fc.nat(30), isAfter: fc.boolean(), what: fc.constantFrom('edit', 'edit', 'crash') }),
    { maxLength: 5 },
  ),
  acts: fc.array(anAct, { minLength: 5, maxLength: 5 }),
  later: fc.array(fc.constantFrom('duplicate', 'another', 'reclassify'), { maxLength: 2 }),
  isTogether: fc.boolean(),
});

describe('people edit tickets at every point of the flow', () => {
  let desk: HumanDesk;
  const seen = { tickets: 0, written: 0, interrupted: 0, inWindow: 0, putBack: 0, reruns: 0 };

  beforeAll(async () => {
    desk = await openHumanDesk();
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  async function live({ ticket, playbook, happenings, acts, later, isTogether }: Story): Promise<void> {
    const { site, tracker } = desk;
    const born = site.addIssue(ticket);
    const left = [...acts];
    let inWindow = 0;
    const edit = (isInWindow: boolean) => {
      const act = left.shift();
      if (!act) return;
      perform(act, site, born.key);
      inWindow += Number(isInWindow);
    };
    const flow = openFlow(tracker, PLAYBOOKS[playbook], { happenings, edit });
    const first = deliveryOf(born, false);
    const deliveries = later.map((kind) => (kind === 'duplicate' ? first : deliveryOf(born, kind === 'reclassify')));
    const reruns = await flow.run([first, ...deliveries], isTogether);

    const { targets } = PLAYBOOKS[playbook];
    const now = site.issue(born.key) ?? born;
    const fates = targets.map((target) => fateOf(target, born, now, site.botId));
    const { perDecision, comments, others } = deedsOf(site, born.key);
    const edits = [...perDecision.values()].reduce((sum, count) => sum + count, 0);
    seen.tickets += 1;
    seen.written += Number(edits > 0);
    seen.interrupted += Number(left.length < acts.length);
    seen.inWindow += Number(inWindow > 0);
    seen.putBack += edits - perDecision.size;
    seen.reruns += reruns;

    for (const fate of fates.filter(({ isHuman }) => isHuman))
      expect(fate.end, JSON.stringify(fate)).toBe(fate.humanEnd);
    expect(edits - perDecision.size).toBeLessThanOrEqual(inWindow);
    if (inWindow === 0) expect(fates.map(({ overlaid }) => overlaid)).toEqual(fates.map(() => 0));
    expect(others).toEqual([]);
    expect(comments.map(({ internal }) => internal)).toEqual(comments.length > 0 ? [true] : []);
    expect((await flow.ledger.deliveryCounts())['accepted']).toBeUndefined();
  }

  test(`${TICKETS} tickets: no person's value is lost, and no decision makes a second edit but to put one back`, async () => {
    await fc.assert(fc.asyncProperty(aStory, live), { numRuns: TICKETS });
    expect(desk.site.violations).toEqual([]);
    expect(seen.tickets).toBeGreaterThanOrEqual(TICKETS);
    expect(seen.written).toBeGreaterThan(TICKETS / 2);
    expect(seen.interrupted).toBeGreaterThan(TICKETS / 3);
    expect(seen.inWindow).toBeGreaterThan(TICKETS / 20);
    expect(seen.putBack).toBeGreaterThan(0);
    expect(seen.reruns).toBeGreaterThan(TICKETS / 10);
  }, 300_000);
});
