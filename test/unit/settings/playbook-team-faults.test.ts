import { describe, expect, test } from 'vitest';
import { faultsOf, load, PLAYBOOK, TAXONOMY } from './support.ts';

const TAKES = { access: 'Passwords', network: 'Wires', phones: 'Phones', security: 'Phishing' };
const VALUES = `values:\n${Object.entries(TAKES)
  .map(([value, description]) => `  ${value}: { description: ${description} }\n`)
  .join('')}`;

/** A file that routes by category, with these teams below line 2. */
const teamsOf = (teams: string) => ({
  'taxonomies/category.yaml': VALUES,
  'teams.yaml': `route: { by: category, team: team }\nteams:\n${teams}`,
});

describe('a team', () => {
  test.each(['round-robin', 'least-loaded', 'past-resolver'])('that chooses by %s needs members', (policy) => {
    expect(faultsOf(teamsOf(`  Desk:\n    takes: [access]\n    policy: ${policy}\n`))).toEqual([
      `teams.yaml:5 teams.Desk.policy: ${policy} chooses among members, and the team has none; add some, or make it team-only`,
    ]);
  });

  test('with a queue of its own, or led by components, needs none', () => {
    expect(faultsOf(teamsOf('  Desk: { takes: [access] }\n'))).toEqual([]);
    const decided = {
      'playbook.yaml': PLAYBOOK.replace('rules:', '  component: { kind: component, mode: off }\nrules:'),
    };
    expect(faultsOf({ ...teamsOf('  Desk: { takes: [access], policy: component-lead }\n'), ...decided })).toEqual([]);
  });

  test.each([
    [
      'on call without saying who',
      '  Desk:\n    takes: [access]\n    members: [{ accountId: a, name: A }]\n    policy: on-call\n',
      ['teams.yaml:6 teams.Desk.policy: on-call needs onCall: { order, since }'],
    ],
    [
      'left to leads of components that nobody decides',
      '  Desk: { takes: [access], policy: component-lead }\n',
      ['teams.yaml:3 teams.Desk.policy: component-lead needs a target of kind component in playbook.yaml'],
    ],
    [
      'with the same member twice',
      '  Desk:\n    takes: [access]\n    members:\n      - { accountId: a, name: A }\n      - { accountId: b, name: B }\n      - accountId: a\n        name: A again\n',
      ['teams.yaml:8 teams.Desk.members.2.accountId: "a" is already entry 1'],
    ],
    [
      'with a skill for what it does not take',
      '  Desk:\n    takes: [access]\n    members:\n      - { accountId: a, name: A, skills: [access] }\n      - accountId: b\n        name: B\n        skills:\n          - access\n          - network\n',
      ['teams.yaml:11 teams.Desk.members.1.skills.1: the team does not take "network", only access'],
    ],
    [
      'that calls people of other teams',
      '  Desk:\n    takes: [access]\n    members: [{ accountId: a, name: A }]\n    policy: on-call\n    onCall:\n      since: 2026-01-05\n      order:\n        - a\n        - b\n',
      [expect.stringMatching(/^teams\.yaml:11 teams\.Desk\.onCall\.order\.1: "b" is not a member/)],
    ],
    [
      'whose hours overlap',
      '  Desk:\n    takes: [access]\n    hours:\n      - { from: "08:00", to: "12:00" }\n      - { from: "11:00", to: "17:00" }\n',
      expect.arrayContaining([expect.stringMatching(/^teams\.yaml:7 teams\.Desk\.hours\.1: .*overlaps/)]),
    ],
  ])('%s is told with its line', (_what, teams, faults) => {
    expect(faultsOf(teamsOf(teams))).toEqual(faults);
  });
});

describe('escalation', () => {
  const chain = (links: Readonly<Record<string, string | null>>) =>
    teamsOf(
      Object.entries(links)
        .map(([name, to], index) => {
          const takes = Object.keys(TAKES)[index] ?? '';
          return `  ${name}: { takes: [${takes}]${to === null ? '' : `, escalation: ${to}`} }\n`;
        })
        .join(''),
    );

  test('may pass through several teams', () => {
    expect(faultsOf(chain({ One: 'Two', Two: 'Three', Three: null }))).toEqual([]);
  });

  test('to nobody is told', () => {
    expect(faultsOf(chain({ One: 'Tow', Two: null }))).toEqual([
      'teams.yaml:3 teams.One.escalation: unknown team "Tow", known are One, Two',
    ]);
    expect(faultsOf(chain({ One: 'constructor' }))).toEqual([expect.stringContaining('unknown team "constructor"')]);
  });

  test('to itself is told', () => {
    expect(faultsOf(chain({ One: 'One' }))).toEqual([
      'teams.yaml:3 teams.One.escalation: leads back to the team itself: One → One',
    ]);
  });

  test('in a circle is told for each team of the circle, and not for those that lead into it', () => {
    expect(faultsOf(chain({ Lead: 'A', A: 'B', B: 'C', C: 'A' }))).toEqual([
      'teams.yaml:4 teams.A.escalation: leads back to the team itself: A → B → C → A',
      'teams.yaml:5 teams.B.escalation: leads back to the team itself: B → C → A → B',
      'teams.yaml:6 teams.C.escalation: leads back to the team itself: C → A → B → C',
    ]);
  });
});

test('every fault of every team is told at once, in any language', () => {
  const teams = teamsOf(
    '  Zugänge:\n    takes: [access]\n    policy: round-robin\n    escalation: 网络\n  网络:\n    takes: [network]\n    escalation: Zugänge\n',
  );
  expect(faultsOf(teams)).toEqual([
    expect.stringMatching(/^teams\.yaml:5 teams\.Zugänge\.policy: /),
    expect.stringMatching(/^teams\.yaml:6 teams\.Zugänge\.escalation: .*Zugänge → 网络 → Zugänge$/),
    expect.stringMatching(/^teams\.yaml:9 teams\.网络\.escalation: /),
  ]);
});

test('a file may say the same thing once and refer to it', () => {
  const teams = `route: { by: category, team: team }
teams:
  Identity: { takes: [access], hours: &office [{ from: '08:00', to: '17:00' }] }
  Security: { takes: [security], hours: *office, policy: round-robin }
`;
  expect(faultsOf({ 'taxonomies/category.yaml': TAXONOMY, 'teams.yaml': teams })).toEqual([
    expect.stringMatching(/^teams\.yaml:4 teams\.Security\.policy: /),
  ]);
  expect(
    load({ 'teams.yaml': teams.replace('round-robin', 'team-only') }).teams.teams['Security']?.hours,
  ).toMatchObject([{ from: '08:00', to: '17:00' }]);
});
