import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { Evidence, Verdict } from '../../../src/domain/decision/decision.ts';
import type { TeamsSchema } from '../../../src/domain/playbook/teams.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
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
import { peopleWith, routingPorts } from '../../support/routing.ts';

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

interface Parts {
  readonly issue?: Partial<Issue>;
  readonly evidence?: readonly Evidence[];
  readonly by?: typeof playbook;
}

/** Routes an issue by what was decided for it. */
const routed = (verdicts: ReadonlyMap<string, Verdict>, { issue, evidence = [], by = playbook }: Parts = {}) =>
  route({ issue: issueWith(issue), evidence, decided: verdicts, key: 'd-1' }, by, routingPorts());

const nobody = { team: null, assignee: null, policy: null, passedOver: [], alternates: [], escalatedFrom: null };

describe('routing', () => {
  test('gives the team that takes the value, and the member who solved the most similar tickets', async () => {
    const evidence = [solvedBy('ada', 1), solvedBy('ben', 0.8), solvedBy('ben', 0.7)];
    const { routing, verdicts } = await routed(decided('access'), { evidence });
    expect(routing).toEqual({
      team: 'Identity',
      assignee: 'ben',
      policy: 'past-resolver',
      passedOver: [
        { accountId: 'ada', why: 'solved fewer such tickets' },
        { accountId: 'cleo', why: 'solved no such ticket' },
      ],
      alternates: ['ada'],
      escalatedFrom: null,
    });
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Identity', confidence: 0.8, rung: 'routing' });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'value', value: 'ben' });
  });

  test('never gives somebody outside the team, and says why', async () => {
    const { routing, verdicts } = await routed(decided('access'), { evidence: [solvedBy('eve', 5)] });
    expect(routing.assignee).toBeNull();
    expect(routing.passedOver).toContainEqual({ accountId: 'eve', why: 'not in team Identity' });
    expect(routing.passedOver).toHaveLength(4);
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Identity' });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'abstain', reason: 'not-routed' });
  });

  test('leaves the person open where the team picks by itself', async () => {
    const { routing } = await routed(decided('security'), { evidence: [solvedBy('eve', 1)] });
    expect(routing).toEqual({ ...nobody, team: 'Security', policy: 'team-only' });
  });

  test.each([
    ['was not decided', new Map([['category', abstains()]])],
    ['was not even looked at', new Map()],
    ['belongs to no team', decided('printing')],
    ['is a name every object has', decided('__proto__')],
  ])('routes nobody when the value %s', async (_what, before) => {
    const { routing, verdicts } = await routed(before, { evidence: [solvedBy('ada', 1)] });
    expect(routing).toEqual(nobody);
    expect([...verdicts.values()]).toMatchObject([{ reason: 'not-routed' }, { reason: 'not-routed' }]);
  });

  test('says which team it would have been when the value was not sure enough, and asks Jira about nobody', async () => {
    const unsure = { ...abstains(), best: { value: 'access', confidence: 0.4 } };
    const asked: string[] = [];
    const ports = routingPorts({ tracker: peopleWith({}, asked) });
    const ticket = { issue: issueWith(), evidence: [solvedBy('ben', 1)], key: 'd-1' };
    const { routing, verdicts } = await route({ ...ticket, decided: new Map([['category', unsure]]) }, playbook, ports);
    expect([routing, asked]).toEqual([nobody, []]);
    const best = { value: 'Identity', confidence: 0.4 };
    expect(verdicts.get('team')).toMatchObject({ kind: 'abstain', reason: 'not-routed', best });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'abstain', reason: 'not-routed', best: null });
  });

  test('does not touch a target that was decided otherwise', async () => {
    const before = new Map([...decided('access'), ['team', says('Board')] as const]);
    expect([...(await routed(before)).verdicts.keys()]).toEqual(['assignee']);
  });

  test('does not decide targets that are off or that evidence decides', async () => {
    const targets = {
      ...ALL_TARGETS,
      team: { ...ALL_TARGETS.team, mode: 'off' },
      assignee: { kind: 'assignee' },
    } as const;
    const { verdicts } = await routed(decided('access'), { by: playbookWith({ teams, targets }) });
    expect(verdicts.size).toBe(0);
  });

  test('without a route nothing is routed', async () => {
    const unrouted = await routed(decided('access'), { by: playbookWith() });
    expect([unrouted.routing.team, unrouted.verdicts.size]).toEqual([null, 0]);
  });

  test('a team that the playbook excludes is not routed to, whoever decided the category', async () => {
    const team = { ...ALL_TARGETS.team, classes: { Guards: { exclude: true } } } as const;
    const excluding = playbookWith({
      targets: { category: ALL_TARGETS.category, team },
      teams: { route: { by: 'category', team: 'team' }, teams: { Guards: { takes: ['access'] } } },
    });
    const { verdicts } = await routed(decided('access'), { by: excluding });
    expect(verdicts.get('team')?.kind).toBe('abstain');
  });
});

describe('what people set', () => {
  test('leads the way like a decided value, whatever we would have said', async () => {
    const ours = { ...abstains('human-set'), best: { value: 'access', confidence: 0.9 } };
    const issue = { labels: ['cat-security'] };
    const { routing, verdicts } = await routed(new Map([['category', ours]]), { issue });
    expect(routing.team).toBe('Security');
    expect(verdicts.get('team')).toMatchObject({ kind: 'value', value: 'Security', confidence: 1 });
  });

  test('leads the way also where we decide nothing about it', async () => {
    const targets = { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, mode: 'off' } } as const;
    const by = playbookWith({ teams, targets });
    expect((await routed(new Map(), { issue: { labels: ['cat-access'] }, by })).routing.team).toBe('Identity');
  });

  test('a value that no team takes is not routed', async () => {
    const before = new Map([['category', abstains('human-set')]]);
    const { routing, verdicts } = await routed(before, { issue: { labels: ['cat-printing'] } });
    expect(routing.team).toBeNull();
    expect(verdicts.get('team')).toMatchObject({ kind: 'abstain', reason: 'not-routed', best: null });
  });

  test('the person comes from the team that a person set, not from the one we would have taken', async () => {
    const evidence = [solvedBy('eve', 1), solvedBy('ada', 0.5)];
    const issue = { custom: { [TEAM_FIELD]: { value: 'Identity' } } };
    const { routing, verdicts } = await routed(decided('security'), { issue, evidence });
    expect(routing).toMatchObject({ team: 'Identity', assignee: 'ada' });
    expect(verdicts.get('team')).toMatchObject({ reason: 'human-set', best: { value: 'Security', confidence: 0.8 } });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'value', value: 'ada', confidence: 1 });
  });

  test('a team that a person set settles it even when we are not sure of the value', async () => {
    const issue = { custom: { [TEAM_FIELD]: { value: 'Identity' } } };
    const before = new Map([['category', abstains()]]);
    const { routing } = await routed(before, { issue, evidence: [solvedBy('cleo', 1)] });
    expect(routing).toMatchObject({ team: 'Identity', assignee: 'cleo' });
  });

  test.each([
    ['nobody knows', { value: 'Board' }],
    ['is a name every object has', { value: '__proto__' }],
    ['we cannot read', [{ value: 'Identity' }, { value: 'Security' }]],
  ])('of a team that %s nobody is chosen', async (_what, raw) => {
    const issue = { custom: { [TEAM_FIELD]: raw } };
    const { routing, verdicts } = await routed(decided('access'), { issue, evidence: [solvedBy('ada', 1)] });
    expect(routing).toEqual(nobody);
    expect(verdicts.get('team')).toMatchObject({ reason: 'human-set' });
    expect(verdicts.get('assignee')).toMatchObject({ kind: 'abstain', reason: 'not-routed' });
  });

  test('a ticket that has its person needs no other, and Jira is asked about nobody', async () => {
    const asked: string[] = [];
    const ports = routingPorts({ tracker: peopleWith({}, asked) });
    const issue = issueWith({ assignee: 'kim' });
    const ticket = { issue, evidence: [solvedBy('ada', 1)], decided: decided('access'), key: 'd-1' };
    const { routing, verdicts } = await route(ticket, playbook, ports);
    expect(routing).toEqual({ ...nobody, team: 'Identity', policy: 'past-resolver' });
    expect([verdicts.get('assignee'), asked]).toMatchObject([{ kind: 'abstain', reason: 'human-set' }, []]);
  });

  test('a team that we set ourselves is no reason to stay with it', async () => {
    const custom = { [TEAM_FIELD]: { value: 'Security' } };
    const mark = { decisionId: 'd', revision: 'r', at: '', values: { team: 'Security' } };
    const { routing } = await routed(decided('access'), { issue: { custom, mark } });
    expect(routing.team).toBe('Identity');
  });
});
