import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deskTickets, newDraft } from '../support/desk.ts';
import { type TestStage, testStage } from '../support/stage.ts';

let stage: TestStage;

beforeAll(async () => {
  stage = await testStage({ events: ['jira:issue_created'] });
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('one delivery, however often it arrives', () => {
  it('is edited exactly once: five copies, then a redelivery after a restart', async () => {
    const { site } = stage;
    const [ticket] = deskTickets().fresh;
    if (!ticket) throw new Error('no ticket to send');
    const answers = () => site.webhooks.deliveries()[0]?.attempts.map(({ status }) => status);
    const send = (id: string | undefined) => site.webhooks.redeliver(id ?? '');
    let key: string;
    {
      await using running = await stage.start();
      ({ key } = await site.createIssue(newDraft(ticket)));
      for (let copy = 2; copy <= 5; copy++) send(site.webhooks.deliveries()[0]?.id);
      await site.webhooks.flush();
      await running.admin.idle({ timeoutMs: 20_000 });
      expect(answers()).toEqual([202, 202, 202, 202, 202]);
    }

    await using running = await stage.start();
    send(site.webhooks.deliveries()[0]?.id);
    await site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 20_000 });

    expect(answers()).toEqual([202, 202, 202, 202, 202, 202]);
    const story = await running.admin.story(key);
    expect(story.deliveries.map(({ state, attempt }) => ({ state, attempt }))).toEqual([
      { state: 'triaged', attempt: 1 },
    ]);
    expect(story.writes.map(({ state }) => state)).toEqual(['applied']);
    expect(site.edits(key).map(({ kind }) => kind)).toEqual(['edit']);
    expect(site.violations).toEqual([]);
  });
});
