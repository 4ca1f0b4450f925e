import { expect } from 'vitest';
import { openPace, type Timer } from '../../../src/adapters/jira/pace/pace.ts';
import { jiraTracker } from '../../../src/adapters/jira/tracker.ts';
import { type Exchange, openTransport } from '../../../src/adapters/jira/transport.ts';
import type { MarkedEdit, Tracker } from '../../../src/domain/ports/tracker.ts';
import type { JiraSite } from '../../fakes/jira/door.ts';
import { botCredentials, type SiteOptionsDraft } from '../../fakes/jira/options.ts';
import { startJiraSite } from '../../fakes/jira/site.ts';

export const TEAM = 'customfield_10050';
export const LOCKED = 'customfield_10051';
export const REQUEST_TYPE = 'customfield_10010';
export const ORGANIZATIONS = 'customfield_10002';

const customFields = [
  { id: TEAM, name: 'Team', kind: 'select' as const, options: ['Desktop', 'Network'] },
  { id: LOCKED, name: 'Locked', kind: 'string' as const, editable: false },
  { id: REQUEST_TYPE, name: 'Request Type', kind: 'request-type' as const },
  { id: ORGANIZATIONS, name: 'Organizations', kind: 'organizations' as const },
];

const opened: JiraSite[] = [];

/** A clock that moves only when somebody sleeps by it or a test turns it. */
export interface Clockwork extends Timer {
  turn(ms: number): void;
}

function clockwork(): Clockwork {
  let now = Date.parse('2026-05-01T08:00:00Z');
  const turn = (ms: number) => {
    now += ms;
  };
  return { now: () => now, turn, sleep: async (ms) => turn(ms) };
}

/**
 * A site and a tracker over the real client, both by one clockwork where `isTimed`; `transport` leads to the same site
 * again. The site has been asked for its fields already.
 */
export async function openDesk({ isTimed = false, ...options }: SiteOptionsDraft & { isTimed?: boolean } = {}) {
  const timer = clockwork();
  const site = await startJiraSite({ customFields, ...options, ...(isTimed ? { now: timer.now } : {}) });
  opened.push(site);
  const exchanges: Exchange[] = [];
  const observe = (exchange: Exchange) => void exchanges.push(exchange);
  const transport = openTransport({ url: site.url, ...botCredentials }, observe, openPace({ timer }));
  const tracker: Tracker = jiraTracker(transport, () => [TEAM, LOCKED], timer.now);
  await tracker.fields();
  exchanges.length = 0;
  site.requests.clear();
  const { id, key } = site.addIssue({
    projectKey: 'DESK',
    summary: 'No network',
    labels: ['vip'],
    components: ['Email'],
  });
  return { site, tracker, exchanges, timer, id, key };
}

/** After each test: no site may have anything to complain about. */
export async function closeDesks(): Promise<void> {
  for (const site of opened.splice(0)) {
    const violations = [...site.violations];
    await site.close();
    expect(violations).toEqual([]);
  }
}

export const mark = {
  decisionId: 'd-1',
  revision: 'r-1',
  at: '2026-05-01T00:00:00.000Z',
  values: { category: 'network' },
};

export const editWith = (parts: Partial<MarkedEdit> = {}): MarkedEdit => ({
  fields: {},
  update: { labels: [{ add: 'cat-network' }] },
  mark,
  notifyUsers: true,
  ...parts,
});
