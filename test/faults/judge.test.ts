import { beforeEach, describe, expect, it } from 'vitest';
import type { JiraSite } from '../fakes/jira/door.ts';
import { botCredentials } from '../fakes/jira/options.ts';
import { startJiraSite } from '../fakes/jira/site.ts';
import type { AdminStory } from '../support/admin.ts';
import { decisionWith } from '../support/fixtures.ts';
import { ADA, SITE, ticketAbout } from './desk/playbook.ts';
import { type Watch, watchSite } from './desk/watch.ts';
import { judge, type Sent } from './judge.ts';

const AUTHORIZATION = `Basic ${Buffer.from(`${botCredentials.email}:${botCredentials.apiToken}`).toString('base64')}`;

describe('the judge', () => {
  let site: JiraSite;
  let watch: Watch;
  let ticket: Sent;

  beforeEach(async () => {
    site = await startJiraSite(SITE);
    // It is told and never sent: who listens is of no matter here.
    site.webhooks.pause();
    site.webhooks.connect({ url: 'http://127.0.0.1:1/', events: ['jira:issue_created'] });
    watch = watchSite(site);
    ticket = { born: await site.createIssue(ticketAbout('vpn', 1)), matter: 'vpn' };
    return () => site.close();
  });

  const right = { labels: ['cat-vpn'], components: [{ name: 'Login' }] };
  const edit = async (decisionId: string, fields: Readonly<Record<string, unknown>> = right) => {
    const mark = { key: 'jira-triage', value: { decisionId } };
    const response = await fetch(`${site.url}/rest/api/3/issue/${ticket.born.id}`, {
      method: 'PUT',
      headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
      body: JSON.stringify({ fields, properties: [mark] }),
    });
    expect(response.status).toBe(204);
  };
  const judged = async (story: AdminStory = told('triaged', [['d', 'applied']])) => {
    const { lost, doubled, overwritten, problems } = await judge([ticket], {
      site,
      watch,
      admin: { story: async () => story },
    });
    return { lost, doubled, overwritten, problems: problems.length };
  };

  it('finds nothing wrong where one edit made the right values, and the ledger says so', async () => {
    await edit('d');
    expect(await judged()).toEqual({ lost: 0, doubled: 0, overwritten: 0, problems: 0 });
  });

  it('tells a ticket that was never edited, that is open, or has the wrong values', async () => {
    expect(await judged(told('triaged', []))).toMatchObject({ lost: 1 });
    await edit('d', { labels: ['cat-access'], components: [{ name: 'Login' }] });
    expect(await judged()).toMatchObject({ lost: 1 });
    await edit('d');
    expect(await judged(told('accepted', [['d', 'applied']]))).toMatchObject({ lost: 1 });
  });

  it('tells a second edit, by the same decision or another', async () => {
    await edit('d');
    await edit('d');
    expect(await judged()).toMatchObject({ doubled: 1 });
    await edit('e', { ...right, priority: { name: 'Low' } });
    expect(
      await judged(
        told('triaged', [
          ['d', 'applied'],
          ['e', 'applied'],
        ]),
      ),
    ).toMatchObject({ doubled: 1 });
  });

  it("tells a person's value that did not stand", async () => {
    site.editAs(ADA, ticket.born.key, { components: ['Mail'] });
    await edit('d');
    expect(await judged()).toMatchObject({ overwritten: 1 });
  });

  it('tells where the ledger and Jira do not agree', async () => {
    expect(await judged(told('triaged', [['d', 'applied']]))).toMatchObject({ lost: 1 });
    await edit('d');
    expect(await judged(told('triaged', [['d', 'planned']]))).toMatchObject({ lost: 1, problems: 2 });
  });
});

function told(state: string, writes: readonly (readonly [id: string, state: string])[]): AdminStory {
  const at = '2026-05-01T08:00:00.000Z';
  const delivery = { id: 'w', door: 'webhook', event: 'jira:issue_created', reason: null, attempt: 1 };
  const none = { reason: null, heldBack: {}, changes: {}, suggestions: {}, passedOver: [] };
  return {
    deliveries: [{ ...delivery, state, receivedAt: at, settledAt: at }],
    decisions: writes.map(([id]) => decisionWith({ id })),
    writes: writes.map(([decisionId, writeState]) => ({ ...none, decisionId, state: writeState })),
    outcomes: [],
  };
}
