import { countIssues, editIssue, getIssue, searchAndReconsileIssuesUsingJqlPost } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import type { EditResult, MarkedEdit, Tracker } from '../../domain/ports/tracker.ts';
import { ISSUE_FIELDS, MARK_KEY, parseIssue } from './issue-schema.ts';
import { putNote } from './note.ts';
import { orNull, read, safeKey } from './reading/asking.ts';
import { type CustomerFields, siteFields } from './reading/fields.ts';
import { glimpses } from './reading/glimpse.ts';
import { withWholeHistory } from './reading/history.ts';
import { peopleOf } from './reading/people.ts';
import { whereaboutsOf } from './reading/whereabouts.ts';
import { JiraRefusal, type Transport } from './transport.ts';

const PAGE = 100;

/**
 * Jira Cloud through jira.js. `customFields` gives the ids that the playbook of this moment reads; `now` is a clock in
 * milliseconds for what is remembered for minutes.
 */
export function jiraTracker(
  client: Transport,
  customFields: () => readonly string[],
  now: () => number = () => performance.now(),
): Tracker {
  const people = peopleOf(client, now);
  const fields = siteFields(client, now);
  const wanted = ({ requestType, organizations }: CustomerFields) => [
    ...new Set([...ISSUE_FIELDS, ...customFields(), ...requestType, ...organizations]),
  ];
  return {
    ...people,
    ...glimpses(client),
    issue: async (idOrKey, look = 'whole') => {
      const issueIdOrKey = safeKey(idOrKey);
      const customer = await fields.customer();
      const body = await orNull(readIssue(client, issueIdOrKey, { fields: wanted(customer), look }));
      return body === null ? null : parseIssue(body, customer);
    },
    edit: (issueId, edit) => refusalsAsValues(() => editOnce(client, safeKey(issueId), edit)),
    putInternalNote: (issueId, paragraphs) =>
      refusalsAsValues(async () => putNote(client, safeKey(issueId), { paragraphs, author: await people.myself() })),
    search: async (jql, page) => {
      const customer = await fields.customer();
      const answer = await searchAndReconsileIssuesUsingJqlPost(client, {
        jql,
        fields: wanted(customer),
        maxResults: PAGE,
        properties: [MARK_KEY],
        ...(page === null ? {} : { nextPageToken: page }),
      });
      const { issues, isLast, nextPageToken } = read(SearchPage, answer);
      return {
        // A search tells no changelog.
        issues: issues.map((body) => ({ ...parseIssue(body, customer), isHistoryWhole: false })),
        next: isLast ? null : (nextPageToken ?? null),
      };
    },
    count: async (jql) => read(Counted, await countIssues(client, { jql })).count,
    fields: fields.names,
    whereabouts: (ids) => whereaboutsOf(client, ids),
  };
}

async function readIssue(
  client: Client,
  issueIdOrKey: string,
  { fields, look }: { readonly fields: string[]; readonly look: 'whole' | 'brief' },
): Promise<unknown> {
  const expand = look === 'whole' ? 'editmeta,changelog' : 'changelog';
  const body = await getIssue(client, { issueIdOrKey, fields, expand, properties: [MARK_KEY] });
  return withWholeHistory(client, body);
}

const Counted = z.looseObject({ count: z.number() });

const SearchPage = z.looseObject({
  issues: z.array(z.unknown()),
  isLast: z.boolean().nullish(),
  nextPageToken: z.string().nullish(),
});

async function editOnce(
  transport: Transport,
  issueIdOrKey: string,
  { fields, update, mark, notifyUsers, goAhead }: MarkedEdit,
): Promise<void> {
  const client = goAhead ? transport.after(goAhead) : transport;
  const request = {
    issueIdOrKey,
    fields: { ...fields },
    update: Object.fromEntries(
      Object.entries(update).map(([field, operations]) => [field, operations.map((operation) => ({ ...operation }))]),
    ),
    properties: [{ key: MARK_KEY, value: { ...mark } }],
  };
  try {
    await editIssue(client, { ...request, ...(notifyUsers ? {} : { notifyUsers: false }) });
  } catch (error) {
    // Without project-admin rights Jira refuses the whole edit instead of ignoring the flag; nothing was written yet.
    const mayBeTheFlag = !notifyUsers && error instanceof JiraRefusal && error.status === 400;
    if (!mayBeTheFlag) throw error;
    await editIssue(client, request);
  }
}

async function refusalsAsValues(send: () => Promise<void>): Promise<EditResult> {
  try {
    await send();
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof JiraRefusal)) throw error;
    return error.status === 404 ? { kind: 'gone' } : { kind: 'refused', reason: `${error.status}: ${error.details}` };
  }
}
