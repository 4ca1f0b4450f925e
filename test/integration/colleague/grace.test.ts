import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ADA, type Colleague, openColleague, people, REPORTER } from '../../support/colleague.ts';
import { TEAM_FIELD } from '../../support/desk.ts';

/** Long enough for a person who acts as soon as it was decided, on a busy machine too. */
const GRACE_SECONDS = 3;

describe('while a decision waits', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague({
      teams: {
        Mail: { takes: ['mail'], policy: 'round-robin', members: people('mail-1', 'mail-2') },
        Print: { takes: ['print'], policy: 'round-robin', members: people('print-1', 'print-2', 'print-3') },
      },
      playbook: { writeBack: { graceSeconds: GRACE_SECONDS } },
    });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const arrived = async (summary: string) => {
    const { key } = await desk.site.createIssue({ projectKey: 'IT', summary, reporter: REPORTER });
    const { decisions } = await desk.decided(key);
    expect(desk.edits(key)).toEqual([]);
    return { key, routing: decisions[0]?.routing };
  };

  test.concurrent('a person goes first: what they set stays, the rest is written in one edit', async () => {
    const { key } = await arrived('mail is slow');
    desk.site.editAs(ADA, key, { assignee: ADA });
    await desk.settle();
    expect(desk.now(key)).toMatchObject({ assignee: ADA, labels: ['cat-mail'], custom: { [TEAM_FIELD]: 'Mail' } });
    expect(desk.edits(key)).toHaveLength(1);
    const { writes } = await desk.admin.story(key);
    expect(writes).toMatchObject([{ state: 'applied', heldBack: { assignee: 'human-set' } }]);
  });

  test.concurrent('a ticket that is rewritten is decided again, and edited once', async () => {
    const { key } = await arrived('mail is slow');
    desk.site.editAs(REPORTER, key, { summary: 'It is the print queue, not my outbox' });
    await desk.settle();
    expect(desk.now(key)).toMatchObject({ labels: ['cat-print'], custom: { [TEAM_FIELD]: 'Print' } });
    expect(desk.edits(key)).toHaveLength(1);
    const { decisions, writes, deliveries } = await desk.admin.story(key);
    expect(decisions.map(({ round }) => round)).toEqual([0, 1]);
    expect(writes.map(({ state }) => state)).toEqual(['superseded', 'applied']);
    expect(deliveries[0]?.state).toBe('triaged');
  });

  test.concurrent('somebody whose account is closed gives way to the next, and that is on record', async () => {
    const { key, routing } = await arrived('print is pale');
    const [chosen, next] = [routing?.assignee ?? '', routing?.alternates[0]];
    expect(chosen).toMatch(/^print-/);
    desk.site.administer({ kind: 'user', accountId: chosen, change: { active: false } });
    await desk.settle();
    expect(desk.now(key)).toMatchObject({ assignee: next, labels: ['cat-print'] });
    expect(desk.edits(key)).toHaveLength(1);
    const { writes } = await desk.admin.story(key);
    const passedOver = [{ accountId: chosen, why: 'could not be assigned when it was written' }];
    expect(writes).toMatchObject([{ state: 'applied', passedOver, changes: { assignee: { after: next } } }]);
  });
});
