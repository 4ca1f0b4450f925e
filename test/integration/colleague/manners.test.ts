import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { richTextToWiki } from '../../fakes/jira/render/adf.ts';
import { ADA, type Colleague, openColleague, people, REPORTER } from '../../support/colleague.ts';

describe('written back', () => {
  let desk: Colleague;

  beforeAll(async () => {
    desk = await openColleague({
      teams: {
        Desk: { takes: ['mail', 'print'], policy: 'round-robin', members: people('desk-1', 'desk-2') },
        Safe: { takes: ['leak', 'fraud'], policy: 'round-robin', members: people('safe-1') },
      },
      targets: {
        category: {
          kind: 'label',
          prefix: 'cat-',
          mode: 'auto',
          classes: { leak: { atMost: 'suggest' }, fraud: { atMost: 'suggest' } },
        },
      },
      playbook: { writeBack: { note: 'suggestions' } },
    });
  });
  afterAll(() => desk[Symbol.asyncDispose]());

  const again = async (key: string, how = {}) => {
    await desk.admin.reclassify(key, how);
    await desk.settle();
    const { decisions, writes } = await desk.admin.story(key);
    return { decision: decisions.at(-1), write: writes.at(-1) };
  };

  test('what a person once set is theirs for ever, also after they cleared it', async () => {
    const key = await desk.report('mail is down');
    expect(desk.now(key).labels).toEqual(['cat-mail']);
    desk.site.editAs(ADA, key, { labels: ['cat-print'], assignee: ADA });
    desk.site.editAs(ADA, key, { labels: [], assignee: null });
    const { decision, write } = await again(key);
    expect(decision?.verdicts).toMatchObject({ category: { kind: 'value', value: 'mail' } });
    expect(write).toMatchObject({ state: 'unchanged', heldBack: { category: 'human-set', assignee: 'human-set' } });
    expect(desk.now(key)).toMatchObject({ labels: [], assignee: null });
    expect(desk.edits(key)).toHaveLength(1);
  });

  test('nothing goes back to where a person moved it from, even where people’s values may be replaced', async () => {
    const key = await desk.report('mail is down');
    desk.site.editAs(ADA, key, { labels: ['cat-print'] });
    const { decision, write } = await again(key, { overrideHumans: true, actor: 'ada' });
    expect(decision).toMatchObject({ overridesHumans: true, verdicts: { category: { value: 'mail' } } });
    expect(write?.heldBack).toMatchObject({ category: 'moved-away-by-a-person' });
    expect(desk.edits(key)).toHaveLength(1);
  });

  test('a ticket that is decided again stays with whom it was given', async () => {
    const key = await desk.report('print is pale');
    const { assignee } = desk.now(key);
    expect(assignee).toMatch(/^desk-/);
    const { decision, write } = await again(key);
    expect(decision?.routing.assignee).toBe(assignee);
    expect(write).toMatchObject({ state: 'unchanged', heldBack: { category: 'same', assignee: 'same' } });
    expect(desk.now(key).assignee).toBe(assignee);
  });

  test('a value of high risk is only suggested, in a property and in one internal note that is kept up to date', async () => {
    const key = await desk.report('a leak of customer data');
    const suggested = () => desk.now(key).properties['jira-triage'];
    const notes = () =>
      desk.now(key).comments.map(({ id, internal, body }) => ({ id, internal, text: richTextToWiki(body) }));
    expect(desk.now(key)).toMatchObject({ labels: [], assignee: null });
    expect(suggested()).toMatchObject({ suggested: { category: 'leak', assignee: 'safe-1' }, values: {} });
    const [note] = notes();
    expect(notes()).toMatchObject([{ internal: true, text: expect.stringContaining('category: leak (a rule)') }]);
    expect(note?.text).toContain('Suggestion from Jira Triage');

    desk.site.editAs(REPORTER, key, { summary: 'It was fraud by a supplier' });
    await again(key);
    expect(desk.now(key)).toMatchObject({ labels: [], assignee: null });
    expect(suggested()).toMatchObject({ suggested: { category: 'fraud' } });
    expect(notes()).toMatchObject([{ id: note?.id, internal: true, text: expect.stringContaining('category: fraud') }]);
    expect(notes()[0]?.text).not.toContain('leak');
    const told = desk.site.edits(key).length;
    await again(key);
    expect(desk.site.edits(key)).toHaveLength(told);
  });

  test('our own edit comes back as a webhook and ends there', async () => {
    const key = await desk.report('print is pale');
    const { deliveries, decisions } = await desk.admin.story(key);
    expect(deliveries).toMatchObject([
      { event: 'jira:issue_created', state: 'triaged' },
      { event: 'jira:issue_updated', state: 'ignored', reason: 'our own edit' },
    ]);
    expect(decisions).toHaveLength(1);
    expect(desk.edits(key)).toHaveLength(1);
    expect(desk.now(key).comments).toEqual([]);
    expect(desk.site.violations).toEqual([]);
  });
});
