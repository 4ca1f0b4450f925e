import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Evidence, Verdict } from '../../../src/domain/decision.ts';
import type { TeamsSchema } from '../../../src/domain/playbook.ts';
import { route } from '../../../src/triage/route.ts';
import {
  ALL_TARGETS,
  abstains,
  evidenceWith,
  issueWith,
  playbookWith,
  says,
  TEAM_FIELD,
} from '../../support/fixtures.ts';

const member = (accountId: string) => ({ accountId, name: accountId });
const teams: z.input<typeof TeamsSchema> = {
  route: { by: 'category', team: 'team', assignee: 'assignee' },
  teams: {
    Identity: {
      takes: ['access', 'onboarding'],
      policy: 'past-resolver',
      members: [member('ada'), member('ben'), member('cleo')],
    },
    Security: { takes: ['security'], policy: 'team-only', members: [member('eve')] },
  },
};
const playbook = playbookWith({ teams });
const decided = (value: string) => new Map([['category', says(value, 0.8)]]);
const solvedBy = (accountId: string, similarity: number) =>
  evidenceWith({ similarity, values: { assignee: accountId } });

/** Routes an untouched issue by what was decided for it. */
const routed = (verdicts: ReadonlyMap<string, Verdict>, evidence: readonly Evidence[] = [], by = playbook) =>
  route(verdicts, { issue: issueWith(), evidence }, by);

describe('routing', () => {
  test('gives the team that takes the value, and the member who solved the most similar tickets', () => {
    const evidence = [solvedBy('ada', 1), solvedBy('ben', 0.8), solvedBy('ben', 0.7)];
    const { routing, verdicts } = routed(decided('access'), evidence);
    expect(routing).toEqual({
      team: 'Identity',
      assignee: 'ben',
      policy: 'past-resolver',
      passedOver: [
        { accountId: 'ada', why: 'solved fewer similar tickets' },
        { accountId: 'cleo', why: 'solved no similar ticket' },
      ],
    });
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Identity', confidence: 0.8, rung: 'routing' });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'value', value: 'ben' });
  });

  test('never gives somebody outside the team, and says why', () => {
    const { routing, verdicts } = routed(decided('access'), [solvedBy('eve', 5)]);
    expect(routing.assignee).toBeNull();
    expect(routing.passedOver).toContainEqual({ accountId: 'eve', why: 'not in team Identity' });
    expect(routing.passedOver).toHaveLength(4);
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Identity' });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'abstain', reason: 'not-routed' });
  });

  test('leaves the person open where the team picks by itself', () => {
    const { routing } = routed(decided('security'), [solvedBy('eve', 1)]);
    expect(routing).toEqual({ team: 'Security', assignee: null, policy: 'team-only', passedOver: [] });
  });

  test.each([
    ['was not decided', new Map([['category', abstains()]])],
    ['was not even looked at', new Map()],
    ['belongs to no team', decided('printing')],
  ])('routes nobody when the value %s', (_what, verdictsBefore) => {
    const { routing, verdicts } = routed(verdictsBefore, [solvedBy('ada', 1)]);
    expect(routing).toEqual({ team: null, assignee: null, policy: null, passedOver: [] });
    expect([...verdicts.values()]).toMatchObject([{ reason: 'not-routed' }, { reason: 'not-routed' }]);
  });

  test('says who it would have been when the value was not sure enough, and chooses nobody', () => {
    const unsure = { ...abstains(), best: { value: 'access', confidence: 0.4 } };
    const { routing, verdicts } = routed(new Map([['category', unsure]]), [solvedBy('ben', 1)]);
    expect(routing).toEqual({ team: null, assignee: null, policy: null, passedOver: [] });
    expect(verdicts.get('team')).toMatchObject({
      kind: 'abstain',
      reason: 'not-routed',
      best: { value: 'Identity', confidence: 0.4 },
    });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'abstain', best: { value: 'ben', confidence: 0.4 } });
  });

  test('follows the value that a person set, whatever we would have said', () => {
    const ours = { ...abstains('human-set'), best: { value: 'access', confidence: 0.9 } };
    const issue = issueWith({ labels: ['cat-security'] });
    const { routing, verdicts } = route(new Map([['category', ours]]), { issue, evidence: [] }, playbook);
    expect(routing.team).toBe('Security');
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Security', confidence: 1 });
  });

  test('a value that a person set and no team takes is not routed', () => {
    const issue = issueWith({ labels: ['cat-printing'] });
    const before = new Map([['category', abstains('human-set')]]);
    const { routing, verdicts } = route(before, { issue, evidence: [] }, playbook);
    expect(routing.team).toBeNull();
    expect(verdicts.get('team')).toMatchObject({ kind: 'abstain', reason: 'not-routed', best: null });
  });

  test('does not touch a target that was decided otherwise', () => {
    const before = new Map([...decided('access'), ['team', says('Board')] as const]);
    expect([...routed(before).verdicts.keys()]).toEqual(['assignee']);
  });

  test('does not decide targets that are off or that evidence decides', () => {
    const targets = {
      ...ALL_TARGETS,
      team: { ...ALL_TARGETS.team, mode: 'off' },
      assignee: { kind: 'assignee' },
    } as const;
    expect(routed(decided('access'), [], playbookWith({ teams, targets })).verdicts.size).toBe(0);
  });

  test('without a route nothing is routed', () => {
    const unrouted = routed(decided('access'), [], playbookWith());
    expect([unrouted.routing.team, unrouted.verdicts.size]).toEqual([null, 0]);
  });

  test('a team that the playbook excludes is not routed to, whoever decided the category', () => {
    const excluding = playbookWith({
      targets: {
        category: { kind: 'label', prefix: 'cat-', mode: 'auto' },
        team: {
          kind: 'select',
          field: TEAM_FIELD,
          decidedBy: 'routing',
          mode: 'auto',
          classes: { Guards: { exclude: true } },
        },
      },
      teams: { route: { by: 'category', team: 'team' }, teams: { Guards: { takes: ['access'] } } },
    });
    const decided = new Map([['category', says('access')]]);
    const { verdicts } = route(decided, { issue: issueWith(), evidence: [] }, excluding);
    expect(verdicts.get('team')?.kind).toBe('abstain');
  });
});
