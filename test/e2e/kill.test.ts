import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manyTickets } from '../bench/many-tickets.ts';
import { newDraft } from '../support/desk.ts';
import { type TestStage, testStage } from '../support/stage.ts';

const TICKETS = 500;
let stage: TestStage;

beforeAll(async () => {
  stage = await testStage({ events: ['jira:issue_created'] });
});
afterAll(() => stage[Symbol.asyncDispose]());

describe('kill -9 in the middle of 500 tickets', () => {
  it('triages each after a restart, edits none twice, and loses none', async () => {
    const { site } = stage;
    const keys: string[] = [];
    {
      await using running = await stage.start();
      for (const ticket of manyTickets(TICKETS, 7)) keys.push((await site.createIssue(newDraft(ticket))).key);
      await until(() => editedOf(keys).length >= TICKETS / 4);
      await running.service.kill();
    }
    expect(editedOf(keys).length).toBeLessThan(TICKETS);

    await using running = await stage.start();
    await site.webhooks.flush();
    await running.admin.idle({ timeoutMs: 120_000 });

    const stories = await Promise.all(keys.map((key) => running.admin.story(key)));
    expect(stories.map(({ deliveries }) => deliveries.map(({ state }) => state))).toEqual(keys.map(() => ['triaged']));
    const edits = keys.map((key) => site.edits(key).filter(({ kind }) => kind === 'edit').length);
    expect(edits).toEqual(keys.map(() => 1));
    expect(site.violations).toEqual([]);
  });
});

function editedOf(keys: readonly string[]): readonly string[] {
  return keys.filter((key) => stage.site.edits(key).length > 0);
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error('waited a minute in vain');
    await new Promise((resume) => setImmediate(resume));
  }
}
