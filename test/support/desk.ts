import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { IssueDraft } from '../fakes/jira/model.ts';
import type { SiteOptionsDraft } from '../fakes/jira/options.ts';

const Ticket = z.object({
  summary: z.string(),
  description: z.string(),
  reporter: z.string(),
  issueType: z.string(),
  priority: z.string(),
  category: z.string(),
  component: z.string(),
  team: z.string(),
  assignee: z.string(),
  lang: z.string(),
});
export type DeskTicket = z.infer<typeof Ticket>;

export const TEAM_FIELD = 'customfield_10050';
const DAY_MS = 24 * 3600 * 1000;

/** The invented tickets: finished ones, oldest first, and new ones in order of arrival. */
export function deskTickets(): { readonly history: readonly DeskTicket[]; readonly fresh: readonly DeskTicket[] } {
  return { history: readLines('history.jsonl'), fresh: readLines('new.jsonl') };
}

function readLines(name: string): DeskTicket[] {
  const text = readFileSync(new URL(`../fixtures/desk/${name}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => Ticket.parse(JSON.parse(line)));
}

/** A site as the shipped `config/` expects it. */
export function deskSite(tickets: readonly DeskTicket[]): SiteOptionsDraft {
  const distinct = (pick: (ticket: DeskTicket) => string) => [...new Set(tickets.map(pick))].sort();
  const agents = distinct((ticket) => ticket.assignee);
  return {
    projects: [
      {
        key: 'IT',
        name: 'IT Help',
        components: distinct((ticket) => ticket.component),
        issueTypes: ['Incident', 'Service Request'],
      },
    ],
    priorities: ['Highest', 'High', 'Medium', 'Low'],
    defaultPriority: 'Medium',
    customFields: [{ id: TEAM_FIELD, name: 'Team', kind: 'select', options: distinct((ticket) => ticket.team) }],
    users: [
      ...agents.map((accountId) => ({ accountId, displayName: nameOf(accountId) })),
      ...distinct((ticket) => ticket.reporter).map((accountId) => ({
        accountId,
        accountType: 'customer' as const,
        assignable: false,
      })),
    ],
  };
}

function nameOf(accountId: string): string {
  return accountId
    .replace('agent-', '')
    .replace(/(^|-)(\w)/g, (_, dash: string, letter: string) => (dash ? ' ' : '') + letter.toUpperCase());
}

/** What the reporter wrote, and nothing the desk added. */
export function newDraft({ summary, description, reporter, issueType }: DeskTicket): IssueDraft {
  return { projectKey: 'IT', summary, description, issueType, reporter };
}

/** A ticket as it stood when it was finished, `daysAgo` days back. */
export function finishedDraft(ticket: DeskTicket, daysAgo: number): IssueDraft {
  const created = new Date(Date.now() - daysAgo * DAY_MS);
  return {
    ...newDraft(ticket),
    priority: ticket.priority,
    labels: [`cat-${ticket.category}`],
    components: [ticket.component],
    assignee: ticket.assignee,
    custom: { [TEAM_FIELD]: ticket.team },
    status: 'Done',
    resolution: 'Done',
    created: created.toISOString(),
    resolved: new Date(created.getTime() + DAY_MS / 4).toISOString(),
  };
}

/** The desk's tickets as rows of a file, each with the system concerned. */
export function componentRows() {
  const { history, fresh } = deskTickets();
  return [...history, ...fresh].map(({ summary, description, component, reporter }, index) => ({
    id: `T-${index}`,
    title: summary,
    body: description,
    component,
    who: reporter,
  }));
}
