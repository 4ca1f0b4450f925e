import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ADA, type Colleague, openColleague, REPORTER } from '../../support/colleague.ts';

const TICKETS = 40;
const EACH = { projectKey: 'IT', summary: 'mail is down', reporter: REPORTER };

describe('an undo that is killed in the middle', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague({
      words: ['mail'],
      targets: { priority: { kind: 'priority', defaults: ['Medium'], mode: 'auto' } },
      alongside: { mail: { priority: 'High' } },
      // As long as a real site takes, so that the end of the process falls between two undos.
      site: { requestLatencyMs: 20 },
    });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  test('goes on after a restart: each ticket once, and nothing that a person touched', async () => {
    const { site } = desk;
    const keys: string[] = [];
    for (let ticket = 0; ticket < TICKETS; ticket++) keys.push((await site.createIssue(EACH)).key);
    await desk.settle();
    expect(keys.map((key) => desk.now(key).priority)).toEqual(keys.map(() => 'High'));
    const [touched = '', ...others] = keys;
    site.editAs(ADA, touched, { priority: 'Low' });
    await desk.settle();

    const { revision } = await desk.admin.status();
    const { undos } = await desk.admin.undo({ revision, since: '1h', actor: 'ada' });
    expect(undos).toHaveLength(TICKETS);
    const undone = () => keys.filter((key) => desk.edits(key).length > 1);
    await vi.waitUntil(() => undone().length >= TICKETS / 4, { timeout: 20_000, interval: 5 });
    await desk.service.kill();
    expect(undone().length).toBeLessThan(TICKETS);

    await desk.start();
    const ends = await Promise.all(undos.map(({ id }) => desk.admin.write(id)));
    expect(ends.map(({ state }) => state)).toEqual(undos.map(() => 'applied'));
    expect(keys.map((key) => desk.edits(key).length)).toEqual(keys.map(() => 2));
    expect(
      others.map((key) => desk.now(key)).filter(({ labels, priority }) => labels[0] || priority !== 'Medium'),
    ).toEqual([]);
    expect(desk.now(touched)).toMatchObject({ labels: [], priority: 'Low' });
    expect(ends.find(({ issueKey }) => issueKey === touched)?.heldBack).toEqual({ priority: 'human-set' });
    expect(site.violations).toEqual([]);
  });
});
