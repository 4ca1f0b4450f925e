import { describe, expect, test } from 'vitest';
import { PermanentError, RateLimitedError } from '../../../src/domain/errors.ts';
import { withBrakes } from '../../../src/domain/playbook/brake.ts';
import type { Playbook } from '../../../src/domain/playbook/playbook.ts';
import type { Issue } from '../../../src/domain/ticket/issue.ts';
import { liveCheck } from '../../../src/upkeep/live-check.ts';
import { ledgerFake } from '../../fakes/ledger.ts';
import { calibrationWith, editableWith, issueWith, playbookWith, TEAM_FIELD } from '../../support/fixtures.ts';

const FIELDS = new Map([
  ['summary', 'Summary'],
  [TEAM_FIELD, 'Team'],
]);

/** A site with these issues, newest first, and these fields. */
function openSite(issues: readonly Issue[], fields: ReadonlyMap<string, string> = FIELDS) {
  const clock = { now: () => new Date('2026-05-02T00:00:00Z') };
  const ledger = ledgerFake(clock);
  const tracker = {
    fields: async () => fields,
    search: async (jql: string) => ({
      issues: issues.filter(({ project }) => jql.includes(`"${project}"`)),
      next: null,
    }),
    issue: async (id: string) => issues.find((issue) => issue.id === id) ?? null,
    person: async (accountId: string) => ({ accountId, displayName: accountId, isActive: true }),
  };
  const ports = { tracker, ledger, clock };
  return { ports, ledger, check: (playbook: Playbook) => liveCheck(playbook, ports) };
}

const offering = (limits: Parameters<typeof editableWith>[0], parts: Partial<Issue> = {}) =>
  issueWith({ editable: editableWith(limits), ...parts });

describe('a custom field that is gone', () => {
  const gone = new Map([['summary', 'Summary']]);
  const without = offering({ [TEAM_FIELD]: null });

  test('switches its target off, and the others go on', async () => {
    const { ledger, check } = openSite([without], gone);
    const playbook = playbookWith();
    const { switchedOff } = await check(playbook);
    expect(switchedOff).toEqual([{ target: 'team', why: expect.stringContaining(`no field ${TEAM_FIELD}`) }]);
    expect(await ledger.brakes()).toMatchObject([
      { target: 'team', value: null, kind: 'field-gone', pulledAt: '2026-05-02T00:00:00.000Z' },
    ]);
    const held = withBrakes(playbook, await ledger.brakes()).targets;
    expect(held.map(({ name, mode }) => [name, mode])).toEqual([
      ['category', 'auto'],
      ['priority', 'auto'],
      ['component', 'auto'],
      ['team', 'off'],
      ['assignee', 'auto'],
    ]);
  });

  test('is told once, not every day', async () => {
    const { ledger, check } = openSite([without], gone);
    await check(playbookWith());
    expect((await check(playbookWith())).switchedOff).toEqual([]);
    expect(await ledger.brakes()).toHaveLength(1);
  });

  test('is told again after a person switched the target on without mending it', async () => {
    const { ledger, check } = openSite([without], gone);
    await check(playbookWith());
    const [brake] = await ledger.brakes();
    await ledger.releaseBrake(brake?.id ?? '', 'ada');
    expect((await check(playbookWith())).switchedOff).toHaveLength(1);
    expect(await ledger.brakes()).toHaveLength(1);
  });

  test('is not believed as long as an issue still offers it', async () => {
    const { ledger, check } = openSite([offering({})], gone);
    expect((await check(playbookWith())).switchedOff).toEqual([]);
    expect(await ledger.brakes()).toEqual([]);
  });

  test.each<[string, readonly Issue[], string]>([
    ['has no issue yet', [], 'IT'],
    ['shows us one of its two projects alone', [without], 'HR'],
  ])('is not believed by a site that %s: our account may have lost its rights', async (_what, issues, unseen) => {
    const { ledger, check } = openSite(issues, gone);
    const projects = issues.length === 0 ? ['IT'] : ['IT', 'HR'];
    const { switchedOff, warnings } = await check(playbookWith({ projects }));
    expect([switchedOff, await ledger.brakes()]).toEqual([[], []]);
    expect(warnings).toEqual([
      `team: Jira does not list field ${TEAM_FIELD}, and shows us no issue of ${unseen} either; look whether the field is gone or our account lost its rights`,
    ]);
  });

  test('is not believed while Jira refuses to show a project', async () => {
    const { ports, ledger, check } = openSite([], gone);
    ports.tracker.search = () => Promise.reject(new PermanentError('IT does not exist'));
    const { switchedOff, warnings } = await check(playbookWith());
    expect([switchedOff, await ledger.brakes()]).toEqual([[], []]);
    expect(warnings).toHaveLength(2);
  });

  test('does not matter for a target that is off, and is only told where it is a feature', async () => {
    const { check } = openSite([without], gone);
    const { switchedOff, warnings } = await check(
      playbookWith({
        targets: { team: { kind: 'select', field: TEAM_FIELD, mode: 'off' } },
        classify: { features: ['reporter', 'customfield_777'] },
      }),
    );
    expect(switchedOff).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('customfield_777')]);
  });
});

describe('values that Jira does not allow any more', () => {
  const select = { team: { kind: 'select', field: TEAM_FIELD, mode: 'auto' } } as const;

  test.each<[string, Parameters<typeof playbookWith>[0]]>([
    ['the taxonomy', { targets: select, taxonomies: { team: ['Netz', 'Network'] } }],
    ['a class of its own', { targets: { team: { ...select.team, classes: { Netz: { exclude: true } } } } }],
    ['the route', { targets: select, teams: { route: { by: 'team' }, teams: { A: { takes: ['Netz'] } } } }],
    [
      'the name of a team',
      { targets: select, teams: { route: { by: 'team', team: 'team' }, teams: { Netz: { takes: ['Network'] } } } },
    ],
    [
      'a cut-off',
      {
        targets: select,
        calibrations: new Map([
          [
            'team',
            calibrationWith({
              target: 'team',
              cutOffs: {
                ...calibrationWith().cutOffs,
                classes: [{ value: 'Netz', tickets: 60, right: 50, cutOffs: calibrationWith().cutOffs.pooled.slice() }],
              },
            }),
          ],
        ]),
      },
    ],
  ])('are told where %s names them', async (_where, draft) => {
    const { check } = openSite([offering({ [TEAM_FIELD]: ['Network', 'Service Desk'] })]);
    const { retired, warnings } = await check(playbookWith(draft));
    expect(retired).toEqual({ team: ['Netz'] });
    expect(warnings).toEqual(['team: Jira does not allow Netz any more; allowed are Network, Service Desk']);
  });

  test('are told where a rule names them', async () => {
    const { check } = openSite([offering({ priority: ['P1', 'P2'] })]);
    const playbook = playbookWith({
      targets: { priority: { kind: 'priority', mode: 'auto' } },
      // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
      rules: [{ name: 'r', when: { textMatches: 'x' }, then: { priority: 'High' } }],
    });
    expect((await check(playbook)).retired).toEqual({ priority: ['High'] });
  });

  test('are only those that no issue type and no project takes', async () => {
    const { check } = openSite([
      offering({ components: ['VPN'] }, { issueType: 'Incident' }),
      offering({ components: ['Mail'] }, { issueType: 'Request' }),
      offering({ components: ['Payroll'] }, { project: 'HR', isFinished: true }),
    ]);
    const { retired } = await check(
      playbookWith({
        projects: ['IT', 'HR', 'NEW'],
        targets: { component: { kind: 'component', mode: 'auto' } },
        taxonomies: { component: ['VPN', 'Mail', 'Payroll', 'Fax'] },
      }),
    );
    expect(retired).toEqual({ component: ['Fax'] });
  });

  test('are not guessed where Jira takes anything, offers nothing, or has no issue to look at', async () => {
    const draft = { targets: select, taxonomies: { team: ['Netz'] } };
    for (const issues of [[], [offering({})], [offering({ [TEAM_FIELD]: null })], [offering({ [TEAM_FIELD]: [] })]]) {
      expect((await openSite(issues).check(playbookWith(draft))).retired).toEqual({ team: [] });
    }
  });
});

test('members who left are told', async () => {
  const { ports } = openSite([]);
  const members = ['ada', 'ben', 'cy'].map((accountId) => ({ accountId, name: accountId }));
  ports.tracker.person = async (accountId) => ({ accountId, displayName: accountId, isActive: accountId !== 'ben' });
  const playbook = playbookWith({ teams: { teams: { Desk: { takes: [], members } } } });
  const { warnings } = await liveCheck(playbook, {
    ...ports,
    tracker: { ...ports.tracker, person: async (id) => (id === 'cy' ? null : ports.tracker.person(id)) },
  });
  expect(warnings).toEqual([
    'teams.yaml teams.Desk.members.2.accountId: Jira knows no account "cy"',
    'ben (ben) of Desk is not active in Jira: gets no tickets',
  ]);
});

test('a project that Jira does not show us is told, and the others are checked', async () => {
  const { ports, check } = openSite([offering({ [TEAM_FIELD]: ['Network'] })]);
  const { search } = ports.tracker;
  ports.tracker.search = (jql) =>
    jql.includes('"HR"') ? Promise.reject(new PermanentError('HR does not exist')) : search(jql);
  const { warnings } = await check(
    playbookWith({
      projects: ['HR', 'IT'],
      targets: { team: { kind: 'select', field: TEAM_FIELD, mode: 'auto' } },
      taxonomies: { team: ['Netz'] },
    }),
  );
  expect(warnings).toEqual([
    'Jira does not show us project HR: HR does not exist',
    expect.stringContaining('does not allow Netz'),
  ]);
});

test('a rate limit is let through', async () => {
  const { ports, check } = openSite([]);
  ports.tracker.fields = () => Promise.reject(new RateLimitedError('slow', { retryAfterMs: 1, scope: 'site' }));
  await expect(check(playbookWith())).rejects.toThrow(RateLimitedError);
});
