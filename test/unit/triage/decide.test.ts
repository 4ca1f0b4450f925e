import { describe, expect, test } from 'vitest';
import { DecisionSchema } from '../../../src/domain/decision/decision.ts';
import { inputHash } from '../../../src/domain/ticket/input-hash.ts';
import { decide } from '../../../src/triage/decide.ts';
import { memoryFake } from '../../fakes/memory.ts';
import {
  ALL_TARGETS,
  calibrationWith,
  issueWith,
  pastTicketWith,
  playbookWith,
  TEAM_FIELD,
} from '../../support/fixtures.ts';
import { lesson, modelOf } from '../../support/learnt.ts';
import { noModel } from '../../support/model.ts';
import { routingPorts } from '../../support/routing.ts';

const clock = { now: () => new Date('2026-05-01T09:00:00.000Z') };
const delivery = { deliveryId: 'd-1', attempt: 2, round: 0, overridesHumans: false };
const ports = { embedder: null, ...noModel, ...routingPorts({ clock }), localModel: () => null, delivery };
/** Every best guess is taken. */
const careless = { ...ALL_TARGETS, category: { ...ALL_TARGETS.category, targetPrecision: 0 } };

async function deskMemory() {
  const memory = memoryFake();
  const category = (value: string) => ({
    category: { value, by: 'human' as const },
    assignee: { value: 'ada', by: 'human' as const },
  });
  await memory.put([
    ...['1', '2', '3'].map((id) =>
      pastTicketWith({ id, summary: 'cannot sign in', text: 'password', values: category('access') }),
    ),
    pastTicketWith({ id: '4', summary: 'printer jam', text: '', values: category('printing') }),
  ]);
  return memory;
}

const teams = {
  route: { by: 'category', team: 'team', assignee: 'assignee' },
  teams: {
    Identity: { takes: ['access'], policy: 'past-resolver' as const, members: [{ accountId: 'ada', name: 'Ada' }] },
  },
};

describe('deciding', () => {
  test('goes from the ticket to team and person, and keeps what it was made of', async () => {
    const memory = await deskMemory();
    const issue = issueWith({ summary: 'cannot sign in', text: 'password refused' });
    const playbook = playbookWith({ teams, revision: 'rev-7', targets: careless });
    const decision = await decide(issue, playbook, { ...ports, memory });
    expect(decision).toMatchObject({
      id: 'd-1-2',
      deliveryId: 'd-1',
      issueId: issue.id,
      issueKey: issue.key,
      revision: 'rev-7',
      inputHash: inputHash(issue),
      round: 0,
      isControl: false,
      overridesHumans: false,
      unknownWords: null,
      model: null,
      decidedAt: '2026-05-01T09:00:00.000Z',
      verdicts: {
        category: { kind: 'value', value: 'access', rung: 'neighbours' },
        priority: { kind: 'abstain', reason: 'thin-data' },
        component: { kind: 'abstain', reason: 'thin-data' },
        team: { kind: 'value', value: 'Identity', rung: 'routing' },
        assignee: { kind: 'value', value: 'ada', rung: 'routing' },
      },
      routing: { team: 'Identity', assignee: 'ada' },
      retrieval: 'sparse',
    });
    expect(decision.evidence.map(({ id }) => id).slice(0, 3)).toEqual(['1', '2', '3']);
    expect(DecisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(decision);
  });

  test('with an empty memory abstains on everything for thin data', async () => {
    const decision = await decide(issueWith(), playbookWith(), { ...ports, memory: memoryFake() });
    expect(Object.values(decision.verdicts)).toHaveLength(3);
    for (const verdict of Object.values(decision.verdicts))
      expect(verdict).toMatchObject({ reason: 'thin-data', best: null });
  });

  test('promises nothing before anything was measured, and says what it would have been', async () => {
    const issue = issueWith({ summary: 'cannot sign in', text: 'password refused' });
    const decision = await decide(issue, playbookWith({ teams }), { ...ports, memory: await deskMemory() });
    expect(decision.verdicts).toMatchObject({
      category: { kind: 'abstain', reason: 'thin-data', best: { value: 'access' } },
      team: { kind: 'abstain', reason: 'not-routed', best: { value: 'Identity' } },
    });
    expect(decision.routing.team).toBeNull();
  });

  test('uses what was learnt and measured, and keeps which model it was', async () => {
    const learnt = modelOf(
      Array.from({ length: 8 }, (_, index) =>
        index % 2 === 0 ? lesson('cannot sign in password', ['access']) : lesson('printer jam', ['printing']),
      ),
    );
    const measured = calibrationWith({
      cutOffs: { ...calibrationWith().cutOffs, pooled: calibrationWith().cutOffs.pooled.map(() => 0.5) },
    });
    const playbook = playbookWith({ teams, calibrations: new Map([['category', measured]]) });
    const issue = issueWith({ summary: 'cannot sign in', text: 'password refused' });
    const decision = await decide(issue, playbook, { ...ports, memory: await deskMemory(), localModel: () => learnt });
    expect(decision).toMatchObject({
      model: learnt.version,
      unknownWords: expect.any(Number),
      verdicts: {
        category: { kind: 'value', value: 'access', rung: 'local' },
        priority: { kind: 'abstain', reason: 'thin-data', rung: 'neighbours' },
        assignee: { kind: 'value', value: 'ada', rung: 'routing' },
      },
      routing: { team: 'Identity' },
    });
    expect(DecisionSchema.parse(JSON.parse(JSON.stringify(decision)))).toEqual(decision);
  });

  test('routes by the category that a person set, and leaves that alone', async () => {
    const issue = issueWith({ summary: 'printer jam', text: '', labels: ['cat-access'] });
    const playbook = playbookWith({ teams, targets: careless });
    const decision = await decide(issue, playbook, { ...ports, memory: await deskMemory() });
    expect(decision.verdicts).toMatchObject({
      category: { kind: 'abstain', reason: 'human-set', best: { value: 'printing' } },
      team: { kind: 'value', value: 'Identity', confidence: 1, rung: 'routing' },
      assignee: { kind: 'value', value: 'ada' },
    });
  });

  test('asked to override people, decides as if nobody had set anything', async () => {
    const issue = issueWith({
      summary: 'cannot sign in',
      text: 'password refused',
      labels: ['cat-printing'],
      assignee: 'kim',
      custom: { [TEAM_FIELD]: { value: 'Workplace' } },
    });
    const playbook = playbookWith({ teams, targets: careless });
    const memory = await deskMemory();
    const decided = (overridesHumans: boolean) =>
      decide(issue, playbook, { ...ports, memory, delivery: { ...delivery, overridesHumans } });
    const [careful, bold] = [await decided(false), await decided(true)];
    expect(careful.verdicts).toMatchObject({
      category: { reason: 'human-set', best: { value: 'access' } },
      team: { reason: 'human-set' },
      assignee: { reason: 'human-set' },
    });
    expect(bold).toMatchObject({
      overridesHumans: true,
      inputHash: careful.inputHash,
      verdicts: {
        category: { kind: 'value', value: 'access' },
        team: { kind: 'value', value: 'Identity' },
        assignee: { kind: 'value', value: 'ada' },
      },
    });
    const reasons = Object.values(bold.verdicts).map((verdict) => (verdict.kind === 'abstain' ? verdict.reason : null));
    expect(reasons).not.toContain('human-set');
  });

  test('the share of words that the classifier never saw is kept', async () => {
    const learnt = modelOf(Array.from({ length: 8 }, () => lesson('cannot sign in password', ['access'])));
    const unknownWords = async (summary: string) => {
      const parts = { ...ports, memory: memoryFake(), localModel: () => learnt };
      return (await decide(issueWith({ summary, text: '' }), playbookWith(), parts)).unknownWords;
    };
    expect(await unknownWords('cannot sign in password')).toBe(0);
    expect(await unknownWords('zzyzx qwrt')).toBeGreaterThan(0.9);
    expect(await unknownWords('打印机卡纸')).toBeGreaterThan(0.9);
  });

  test('abstains on a ticket that says nothing', async () => {
    const memory = await deskMemory();
    const decision = await decide(issueWith({ summary: '', text: '' }), playbookWith(), { ...ports, memory });
    expect(decision.verdicts['category']).toMatchObject({ kind: 'abstain', reason: 'thin-data' });
  });
});

describe('the input of a decision', () => {
  const issue = issueWith({ id: '1' });

  test.each([
    ['summary', { summary: 'other' }],
    ['text', { text: 'other' }],
    ['type', { issueType: 'Problem' }],
    ['project', { project: 'HR' }],
    ['reporter', { reporter: null }],
  ])('is another one with another %s', (_what, parts) => {
    expect(inputHash(issueWith({ ...issue, ...parts }))).not.toBe(inputHash(issue));
  });

  test.each([
    ['what we write ourselves', { labels: ['cat-access'], priority: 'High', assignee: 'ada', components: ['Login'] }],
    ['times and status', { updated: '2027-01-01T00:00:00.000Z', status: 'Done' }],
  ])('does not change with %s', (_what, parts) => {
    expect(inputHash(issueWith({ ...issue, ...parts }))).toBe(inputHash(issue));
  });

  test('cannot be forged by moving words between fields', () => {
    const one = issueWith({ ...issue, summary: 'a","b', text: 'c' });
    const two = issueWith({ ...issue, summary: 'a', text: 'b","c' });
    expect(inputHash(one)).not.toBe(inputHash(two));
  });
});
