import { describe, expect, test } from 'vitest';
import { isInControlGroup } from '../../../src/triage/control-group.ts';
import { decide } from '../../../src/triage/decide.ts';
import { memoryFake } from '../../fakes/memory.ts';
import { issueWith, type PlaybookDraft, playbookWith } from '../../support/fixtures.ts';
import { noModel } from '../../support/model.ts';
import { routingPorts } from '../../support/routing.ts';

const clock = { now: () => new Date('2026-05-01T09:00:00.000Z') };
const NAMES = ['ada', 'ben', 'cleo'];
const teams = {
  route: { by: 'category', team: 'team', assignee: 'assignee' },
  teams: {
    Identity: {
      takes: ['access'],
      policy: 'round-robin' as const,
      members: NAMES.map((accountId) => ({ accountId, name: accountId })),
    },
  },
};

/** A desk where three people take turns; says who gets a ticket. */
function openDesk(draft: PlaybookDraft = {}) {
  const playbook = playbookWith({ teams, ...draft });
  const ports = {
    embedder: null,
    ...noModel,
    ...routingPorts({ clock }),
    memory: memoryFake(),
    localModel: () => null,
  };
  return async (id: string, round = 0) => {
    const delivery = { deliveryId: id, attempt: 1, round, overridesHumans: false };
    const issue = issueWith({ id, labels: ['cat-access'], text: `as it is in round ${round}` });
    const { isControl, routing } = await decide(issue, playbook, { ...ports, delivery });
    return { isControl, assignee: routing.assignee };
  };
}

describe('a turn', () => {
  test('is not taken by a ticket of the control group, which is decided like any other', async () => {
    const controlGroup = { share: 0.5, salt: '' };
    const give = openDesk({ controlGroup });
    const ids = Array.from({ length: 20 }, (_, index) => String(index));
    const given = [];
    for (const id of ids) given.push(await give(id));
    expect(given.map(({ isControl }) => isControl)).toEqual(ids.map((id) => isInControlGroup(id, controlGroup)));
    const treated = given.filter(({ isControl }) => !isControl);
    expect(treated.map(({ assignee }) => assignee)).toEqual(treated.map((_, index) => NAMES[index % NAMES.length]));
    expect(treated.length).toBeLessThan(ids.length);
    expect(given.every(({ assignee }) => assignee !== null)).toBe(true);
  });

  test('is taken once by a ticket that changed before it was written, for the same person', async () => {
    const give = openDesk();
    const given = [await give('1'), await give('1', 1), await give('1', 2), await give('2')];
    expect(given.map(({ assignee }) => assignee)).toEqual(['ada', 'ada', 'ada', 'ben']);
  });
});
