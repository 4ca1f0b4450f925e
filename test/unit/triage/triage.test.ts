import { describe, expect, test } from 'vitest';
import { triage } from '../../../src/triage/triage.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { deliveryWith, issueWith, playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
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
    localModel: () => null,
    clock: { now: () => new Date() },
  };
  const receive = async (): Promise<{ deliveryId: string; attempt: number; issueId: string; isForced: boolean }> => {
    const [receipt] = await ledger.receive([deliveryWith({ issueId: issue.id, issueKey: issue.key })]);
    return { deliveryId: receipt?.id ?? '', attempt: 1, issueId: issue.id, isForced: false };
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
    ['the ticket was edited', { summary: 'now it is the printer' }, playbook, {}],
    ['the playbook changed', {}, playbookWith({ revision: 'next' }), {}],
    ['somebody asks for it', {}, playbook, { isForced: true }],
  ])('it is decided again when %s', async (_what, parts, nextPlaybook, force) => {
    const { tracker, ports, receive } = openDesk();
    await triage(await receive(), playbook, ports);
    tracker.change(issue.id, parts);
    const request = { ...(await receive()), ...force };
    expect(await triage(request, nextPlaybook, ports)).toMatchObject({ kind: 'decided' });
  });
});
