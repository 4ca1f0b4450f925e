import { parseIssue } from '../../../src/adapters/jira/issue-schema.ts';
import { documentOf } from '../../../src/adapters/jira/markup.ts';
import type { Tracker } from '../../../src/domain/ports/tracker.ts';
import { type DeskTicket, deskTickets, TEAM_FIELD } from '../../support/desk.ts';
import { wordsOf } from '../memory/past-tickets.ts';

const PAGE = 100;
const MINUTE_MS = 60_000;
const FIRST_MS = Date.UTC(2020, 0, 1);
const DESK = deskTickets().history;

/** A finished issue as Jira's search tells it: real words, with what the desk set. */
function rawIssue(number: number): object {
  const { category, component, team, assignee, reporter, priority, issueType } = deskTicket(number);
  const { summary, text } = wordsOf(number);
  const createdMs = FIRST_MS + number * MINUTE_MS;
  const time = (ms: number) => new Date(ms).toISOString().replace('Z', '+0000');
  return {
    id: String(1_000_000 + number),
    key: `IT-${number}`,
    fields: {
      summary,
      description: documentOf(text.split(/\n+/).filter((line) => line !== '')),
      issuetype: { name: issueType },
      project: { key: 'IT' },
      reporter: { accountId: reporter, displayName: reporter },
      assignee: { accountId: assignee, displayName: assignee },
      creator: { accountId: reporter, displayName: reporter },
      priority: { name: priority },
      labels: [`cat-${category}`],
      components: [{ name: component }],
      status: { name: 'Done', statusCategory: { key: 'done' } },
      resolution: { name: 'Done' },
      created: time(createdMs),
      updated: time(createdMs + 60 * MINUTE_MS),
      resolutiondate: time(createdMs + 60 * MINUTE_MS),
      [TEAM_FIELD]: { value: team },
    },
  };
}

function deskTicket(number: number): DeskTicket {
  const ticket = DESK[number % DESK.length];
  if (!ticket) throw new Error('no tickets to vary');
  return ticket;
}

/** What a search finds, page by page, without a Jira that would be the bottleneck. */
export function issuesFrom(first: number, end: number): Pick<Tracker, 'search' | 'count'> {
  return {
    count: async () => end - first,
    search: async (_jql, page) => {
      const start = page === null ? first : Number(page);
      const size = Math.min(PAGE, end - start);
      const issues = Array.from({ length: size }, (_, offset) => parsed(start + offset));
      return { issues, next: start + size < end ? String(start + size) : null };
    },
  };
}

/** As it comes over the network: a text first. */
function parsed(number: number) {
  const body: unknown = JSON.parse(JSON.stringify(rawIssue(number)));
  return { ...parseIssue(body), isHistoryWhole: false };
}

/** An issue that nobody has touched yet. */
export function newIssue(number: number) {
  const issue = parsed(number);
  return {
    ...issue,
    isFinished: false,
    status: 'Open',
    labels: [],
    components: [],
    assignee: null,
    priority: 'Medium',
  };
}
