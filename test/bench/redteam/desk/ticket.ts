import { parseIssue } from '../../../../src/adapters/jira/issue-schema.ts';
import type { Issue } from '../../../../src/domain/ticket/issue.ts';
import { deskTickets, TEAM_FIELD } from '../../../support/desk.ts';

/** What somebody wrote. */
export interface Written {
  readonly summary: string;
  readonly text: string;
}

/** What a desk made of a ticket, as far as it did. */
export interface Values {
  readonly category?: string;
  readonly component?: string;
  readonly priority?: string;
  readonly team?: string;
  readonly assignee?: string;
}

export interface Circumstances {
  readonly id: number;
  readonly createdMs: number;
  readonly reporter?: string;
  readonly issueType?: string;
  /** Of a finished ticket; absent: it is new. */
  readonly values?: Values;
}

/** When the new tickets begin to arrive, an hour apart; everything in memory is older. */
export const NOW_MS = Date.parse('2026-11-22T08:00:00.000Z');
const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
/** Whoever attacks is nobody the desk knows. */
const STRANGER = 'user-9999';

const { history } = deskTickets();
const distinct = (pick: (ticket: (typeof history)[number]) => string) => [...new Set(history.map(pick))].sort();

/** What Jira takes for each field, the highest priority first. */
export const LIVE = {
  priorities: ['Highest', 'High', 'Medium', 'Low'],
  components: distinct(({ component }) => component),
  teams: distinct(({ team }) => team),
} as const;

/** A ticket as the service reads it from Jira. */
export function issueFrom({ summary, text }: Written, circumstances: Circumstances): Issue {
  const { id, createdMs, reporter = STRANGER, issueType = 'Incident', values } = circumstances;
  const created = new Date(createdMs).toISOString();
  return parseIssue({
    id: String(id),
    key: `IT-${id}`,
    fields: {
      summary,
      description: text,
      issuetype: { name: issueType },
      project: { key: 'IT' },
      reporter: { accountId: reporter, displayName: reporter },
      created,
      updated: created,
      status: values ? { name: 'Done', statusCategory: { key: 'done' } } : { name: 'To Do' },
      ...fieldsOf(values),
    },
    editmeta: { fields: EDITABLE },
  });
}

function fieldsOf(values: Values = {}) {
  const { category, component, priority = 'Medium', team, assignee } = values;
  return {
    priority: { name: priority },
    labels: category === undefined ? [] : [`cat-${category}`],
    components: component === undefined ? [] : [{ name: component }],
    ...(assignee === undefined ? {} : { assignee: { accountId: assignee } }),
    ...(team === undefined ? {} : { [TEAM_FIELD]: { value: team } }),
  };
}

const EDITABLE = {
  labels: {},
  assignee: {},
  priority: { allowedValues: LIVE.priorities.map((name) => ({ name })) },
  components: { allowedValues: LIVE.components.map((name) => ({ name })) },
  [TEAM_FIELD]: { allowedValues: LIVE.teams.map((value) => ({ value })) },
};

/** The next new ticket of its own hour. */
export function freshIssue(written: Written, id: number): Issue {
  return issueFrom(written, { id, createdMs: NOW_MS + id * HOUR_MS });
}

/** The desk's finished tickets, one a day, the last one yesterday. */
export function finishedIssues(): readonly Issue[] {
  return history.map(({ summary, description, reporter, issueType, ...values }, index) =>
    issueFrom(
      { summary, text: description },
      { id: 1 + index, createdMs: NOW_MS - (history.length - index) * DAY_MS, reporter, issueType, values },
    ),
  );
}
