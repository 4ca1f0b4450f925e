import { openPace } from '../../../src/adapters/jira/pace/pace.ts';
import { jiraTracker } from '../../../src/adapters/jira/tracker.ts';
import { openTransport } from '../../../src/adapters/jira/transport.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import type { JiraSite } from '../../fakes/jira/door.ts';
import { botCredentials } from '../../fakes/jira/options.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';
import { type PlaybookDraft, playbookWith } from '../fixtures.ts';

export const TEAM = 'customfield_10050';
export const TEAMS = ['Desk', 'Network', 'Backoffice'];
export const COMPONENTS = ['Login', 'Mail', 'Printer'];
export const PRIORITIES = ['High', 'Medium', 'Low'];
export const AGENTS = ['agent-ada', 'agent-ben', 'agent-cem'];
/** Who edits tickets; takes none. */
export const EVE = 'agent-eve';

/** What a ticket may be about; the words decide everything. */
export const MATTERS = ['vpn', 'login', 'printer'];

const targets = {
  category: { kind: 'label', prefix: 'cat-', mode: 'auto' },
  topics: { kind: 'label', prefix: 'top-', multiple: true, mode: 'auto' },
  priority: { kind: 'priority', defaults: ['Medium'], mode: 'auto' },
  component: { kind: 'component', mode: 'auto' },
  team: { kind: 'select', field: TEAM, decidedBy: 'routing', mode: 'auto' },
  assignee: { kind: 'assignee', decidedBy: 'routing', mode: 'auto' },
} as const satisfies PlaybookDraft['targets'];

/** Every ticket that names its matter gets these values. */
function rule(matter: string, values: Readonly<Record<string, string>>) {
  // biome-ignore lint/suspicious/noThenProperty: reads as the sentence "when … then …" in YAML
  return { name: matter, when: { textMatches: matter }, then: values };
}

const draft = {
  targets,
  rules: [
    rule('vpn', { category: 'vpn', topics: 'home net', component: 'Login' }),
    rule('login', { category: 'access', priority: 'High', topics: 'home' }),
    rule('printer', { category: 'printer', component: 'Printer', priority: 'Low' }),
  ],
  teams: {
    route: { by: 'category', team: 'team', assignee: 'assignee' },
    teams: {
      Desk: { takes: ['access', 'printer'], policy: 'round-robin' as const, members: AGENTS.slice(0, 2).map(named) },
      Network: { takes: ['vpn'], policy: 'round-robin' as const, members: AGENTS.slice(1).map(named) },
    },
  },
} satisfies PlaybookDraft;

function named(accountId: string) {
  return { accountId, name: accountId };
}

/** Everything is written; or the half of it is suggested in a note. */
export const PLAYBOOKS = {
  bold: playbookWith(draft),
  chatty: playbookWith({
    ...draft,
    targets: {
      ...targets,
      priority: { ...targets.priority, mode: 'suggest' },
      assignee: { ...targets.assignee, mode: 'suggest' },
    },
    writeBack: { note: 'decisions' },
  }),
};

export interface HumanDesk extends AsyncDisposable {
  readonly site: JiraSite;
  /** The real client; its pauses take no time. */
  readonly tracker: Tracker;
}

/** A site whose clock moves with every look at it, so that no two changes are of one moment. */
export async function openHumanDesk(): Promise<HumanDesk> {
  let time = Date.parse('2026-05-01T08:00:00Z');
  const now = () => {
    time += 1;
    return time;
  };
  const sleep = async (ms: number) => {
    time += ms;
  };
  const site = await startJiraSite({
    projects: [{ key: 'IT', components: COMPONENTS }],
    customFields: [{ id: TEAM, name: 'Team', kind: 'select', options: TEAMS }],
    priorities: PRIORITIES,
    defaultPriority: 'Medium',
    users: [...AGENTS, EVE].map((accountId) => ({ accountId, displayName: `Name of ${accountId}` })),
    requestLogSize: 10,
    now,
  });
  const client = openTransport({ url: site.url, ...botCredentials }, () => {}, openPace({ timer: { now, sleep } }));
  return { site, tracker: jiraTracker(client, () => [TEAM], now), [Symbol.asyncDispose]: () => site.close() };
}
