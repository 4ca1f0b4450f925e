import { describe, expect, test } from 'vitest';
import { type TriageRequest, triage } from '../../../src/triage/triage.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { deliveryWith, issueWith, pastTicketWith, playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
import { everybodyWorks, freeDesk } from '../../support/routing.ts';
import { deskWith } from '../support/tracker.ts';

const issue = issueWith({ id: '77', key: 'IT-77' });
const playbook = playbookWith();

function openDesk() {
  const tracker = deskWith(issue);
  const ledger = ledgerFake();
  const ports = {
    tracker,
    ledger,
    memory: memoryFake(),
    embedder: null,
    ...noModel,
    ...freeDesk,
    localModel: () => null,
    clock: { now: () => new Date() },
  };
  const receive = async (parts: Parameters<typeof deliveryWith>[0] = {}): Promise<TriageRequest> => {
    const [receipt] = await ledger.receive([deliveryWith({ issueId: issue.id, issueKey: issue.key, ...parts })]);
    const delivery = { deliveryId: receipt?.id ?? '', attempt: 1, round: 0, overridesHumans: false };
    return { ...delivery, issueId: issue.id, isForced: false };
  };
  return { tracker, ledger, ports, receive };
}

describe('triage', () => {
  test('decides on the issue as it is now and records the decision', async () => {
    const { ledger, ports, receive } = openDesk();
    const request = await receive();
    const outcome = await triage(request, playbook, ports);
    expect(outcome).toMatchObject({ kind: 'decided', decision: { id: `${request.deliveryId}-1`, issueKey: 'IT-77' } });
    expect((await ledger.story('IT-77')).decisions).toHaveLength(1);
  });

  test('a second run of the same job yields the first decision', async () => {
    const { tracker, ports, receive } = openDesk();
    const request = await receive();
    const first = await triage(request, playbook, ports);
    tracker.change(issue.id, { summary: 'something else by now' });
    expect(await triage(request, playbook, ports)).toEqual(first);
  });

  test('an issue that is gone is ignored, with the reason', async () => {
    const { tracker, ports, receive } = openDesk();
    tracker.remove(issue.id);
    expect(await triage(await receive(), playbook, ports)).toEqual({
      kind: 'ignored',
      reason: 'the issue is gone or not visible to us',
    });
  });

  test('an issue that moved out of our projects is ignored', async () => {
    const { tracker, ports, receive } = openDesk();
    tracker.change(issue.id, { project: 'HR', key: 'HR-3' });
    expect(await triage(await receive(), playbook, ports)).toEqual({
      kind: 'ignored',
      reason: 'project HR is not in the playbook',
    });
  });

  test('the same ticket under the same playbook is not decided twice', async () => {
    const { ports, receive } = openDesk();
    const first = await receive();
    await triage(first, playbook, ports);
    expect(await triage(await receive(), playbook, ports)).toEqual({
      kind: 'ignored',
      reason: `same ticket, same playbook: decision ${first.deliveryId}-1 stands`,
    });
  });

  test.each([
    ['a webhook that comes after the sweep', 'sweep', 'webhook'],
    ['a sweep that found it before its webhook was taken', 'webhook', 'sweep'],
  ] as const)(
    '%s does not decide a new ticket again, not even when it was edited meanwhile',
    async (_what, one, other) => {
      const { tracker, ledger, ports, receive } = openDesk();
      const first = await receive({ door: one });
      await triage(first, playbook, ports);
      await ledger.settle(first.deliveryId, 1, { state: 'triaged' });
      tracker.change(issue.id, { summary: 'now it is the printer' });
      expect(await triage(await receive({ door: other }), playbookWith({ revision: 'next' }), ports)).toEqual({
        kind: 'ignored',
        reason: `delivery ${first.deliveryId} told of this ticket first`,
      });
    },
  );

  test('of a webhook and a sweep that are decided at the same time exactly one goes on, whoever is faster', async () => {
    for (const isReversed of [false, true]) {
      const { ports, receive } = openDesk();
      const requests = [await receive(), await receive({ door: 'sweep' })];
      const order = isReversed ? requests.toReversed() : requests;
      const kinds = (await Promise.all(order.map((request) => triage(request, playbook, ports)))).map(
        ({ kind }) => kind,
      );
      expect(kinds.toSorted()).toEqual(['decided', 'ignored']);
    }
  });

  test('a person who asks for it again is heard after a sweep, and a webhook whose sweep had failed', async () => {
    const { ledger, ports, receive } = openDesk();
    const swept = await receive({ door: 'sweep' });
    await triage(swept, playbook, ports);
    await ledger.settle(swept.deliveryId, 1, { state: 'failed', reason: 'Jira was away' });
    expect(await triage(await receive(), playbook, ports)).toMatchObject({ kind: 'decided' });
    const asked = { ...(await receive({ door: 'admin', event: 'reclassify' })), isForced: true };
    expect(await triage(asked, playbook, ports)).toMatchObject({ kind: 'decided' });
  });

  test.each([
    ['the ticket was edited', { summary: 'now it is the printer' }, playbook, {}],
    ['the playbook changed', {}, playbookWith({ revision: 'next' }), {}],
    ['somebody asks for it', {}, playbook, { isForced: true }],
    ['its first decision came too late', {}, playbook, { round: 1 }],
  ])('it is decided again when %s', async (_what, parts, nextPlaybook, force) => {
    const { tracker, ports, receive } = openDesk();
    await triage(await receive(), playbook, ports);
    tracker.change(issue.id, parts);
    const request = { ...(await receive()), ...force };
    expect(await triage(request, nextPlaybook, ports)).toMatchObject({ kind: 'decided' });
  });

  test('every round of a delivery is a decision of its own, on the ticket as it is then', async () => {
    const { tracker, ledger, ports, receive } = openDesk();
    const request = await receive();
    await triage(request, playbook, ports);
    tracker.change(issue.id, { summary: 'something else by now' });
    await triage({ ...request, round: 1 }, playbook, ports);
    await triage({ ...request, round: 2 }, playbook, ports);
    const { decisions } = await ledger.story('IT-77');
    const rounds = decisions.map(({ id, round }) => [id.replace(request.deliveryId, 'd'), round]);
    expect(rounds).toEqual([
      ['d-1', 0],
      ['d-1.1', 1],
      ['d-1.2', 2],
    ]);
    const hashes = decisions.map(({ inputHash }) => inputHash);
    expect([hashes[0] === hashes[1], hashes[1] === hashes[2]]).toEqual([false, true]);
  });

  test('a playbook that is changed meanwhile does not change who works in the teams of this one', async () => {
    const { tracker, ports, receive } = openDesk();
    const member = { accountId: 'ada', name: 'Ada' };
    const teams = {
      route: { by: 'category', team: 'team', assignee: 'assignee' },
      teams: { Identity: { takes: ['access'], policy: 'round-robin' as const, members: [member] } },
    };
    tracker.change(issue.id, { labels: ['cat-access'] });
    const state = { roster: everybodyWorks };
    const reading = {
      ...tracker,
      issue: (id: string) => {
        // From now on the team has another name, so nobody works in one called Identity.
        state.roster = { whyAway: () => 'absent', onCall: () => [] };
        return tracker.issue(id);
      },
    };
    const during = { ...ports, tracker: reading, roster: () => state.roster };
    const outcome = await triage(await receive(), playbookWith({ teams }), during);
    expect(outcome).toMatchObject({ decision: { routing: { team: 'Identity', assignee: 'ada', passedOver: [] } } });
  });

  test('a target whose brake is on is not decided, until a person takes it off', async () => {
    const { ledger, ports, receive } = openDesk();
    const values = { category: { value: 'access', by: 'human' as const } };
    await ports.memory.put([pastTicketWith({ summary: issue.summary, values })]);
    const pulledAt = '2026-05-01T08:00:00.000Z';
    await ledger.pullBrake({ id: 'b', target: 'category', value: null, kind: 'field-gone', why: 'gone', pulledAt });
    const targetsDecided = async () => {
      const outcome = await triage({ ...(await receive()), isForced: true }, playbook, ports);
      return outcome.kind === 'decided' ? Object.keys(outcome.decision.verdicts) : [];
    };
    expect(await targetsDecided()).not.toContain('category');
    await ledger.releaseBrake('b', 'kim');
    expect(await targetsDecided()).toContain('category');
  });
});
