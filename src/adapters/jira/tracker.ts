import {
  addComment,
  countIssues,
  editIssue,
  findAssignableUsers,
  getComments,
  getCurrentUser,
  getIssue,
  searchAndReconsileIssuesUsingJqlPost,
} from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { PermanentError } from '../../domain/errors.ts';
import type { Person } from '../../domain/issue.ts';
import type { EditResult, MarkedEdit, Tracker } from '../../domain/ports.ts';
import { ISSUE_FIELDS, MARK_KEY, parseIssue } from './issue-schema.ts';
import { documentOf, plainText } from './markup.ts';
import { JiraRefusal } from './transport.ts';

const PAGE = 100;

/** Jira Cloud through jira.js. `customFields` are the ids the playbook's targets read. */
export function jiraTracker(client: Client, customFields: readonly string[]): Tracker {
  const fields = [...ISSUE_FIELDS, ...customFields];
  let us: Person | null = null;
  const whoAmI = async () => {
    us ??= await myself(client);
    return us;
  };
  return {
    myself: whoAmI,
    issue: async (idOrKey) => {
      const body = await orNull(
        getIssue(client, {
          issueIdOrKey: safeKey(idOrKey),
          fields,
          expand: 'editmeta,changelog',
          properties: [MARK_KEY],
        }),
      );
      return body && parseIssue(body);
    },
    isAssignable: async (issueKey, accountId) => {
      const users = await orNull(findAssignableUsers(client, { issueKey: safeKey(issueKey), accountId }));
      return (users === null ? [] : Users.parse(users)).some((user) => user.accountId === accountId);
    },
    edit: (issueId, edit) => refusalsAsValues(() => editOnce(client, safeKey(issueId), edit)),
    addInternalNote: (issueId, paragraphs) =>
      refusalsAsValues(async () => addNote(client, safeKey(issueId), { paragraphs, author: await whoAmI() })),
    search: async (jql, page) => {
      const answer = await searchAndReconsileIssuesUsingJqlPost(client, {
        jql,
        fields,
        maxResults: PAGE,
        properties: [MARK_KEY],
        ...(page === null ? {} : { nextPageToken: page }),
      });
      const { issues, isLast, nextPageToken } = SearchPage.parse(answer);
      return { issues: issues.map(parseIssue), next: isLast ? null : (nextPageToken ?? null) };
    },
    count: async (jql) => z.looseObject({ count: z.number() }).parse(await countIssues(client, { jql })).count,
  };
}

const Users = z.array(z.looseObject({ accountId: z.string() }));

const SearchPage = z.looseObject({
  issues: z.array(z.unknown()),
  isLast: z.boolean().nullish(),
  nextPageToken: z.string().nullish(),
});

async function myself(client: Client): Promise<Person> {
  const user = z
    .looseObject({ accountId: z.string(), displayName: z.string().default('') })
    .parse(await getCurrentUser(client));
  return { accountId: user.accountId, displayName: user.displayName };
}

async function editOnce(
  client: Client,
  issueIdOrKey: string,
  { fields, update, mark, notifyUsers }: MarkedEdit,
): Promise<void> {
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

const Comments = z.looseObject({
  comments: z.array(z.looseObject({ body: z.unknown(), author: z.looseObject({ accountId: z.string() }).nullish() })),
});

/** The body must be an Atlassian document: given a string, jira.js would post a public comment through v2. */
async function addNote(
  client: Client,
  issueIdOrKey: string,
  note: { readonly paragraphs: readonly string[]; readonly author: Person },
): Promise<void> {
  const { comments } = Comments.parse(
    await getComments(client, { issueIdOrKey, orderBy: '-created', maxResults: 100 }),
  );
  const body = documentOf(note.paragraphs);
  const text = plainText(body);
  if (
    comments.some((comment) => comment.author?.accountId === note.author.accountId && plainText(comment.body) === text)
  )
    return;
  await addComment(client, {
    issueIdOrKey,
    body,
    properties: [{ key: 'sd.public.comment', value: { internal: true } }],
  });
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

async function orNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof JiraRefusal && error.status === 404) return null;
    throw error;
  }
}

/** jira.js puts ids into URLs unencoded; anything but an id or a key must not get there. */
function safeKey(idOrKey: string): string {
  if (/^\d+$|^[A-Z][A-Z0-9_]+-\d+$/.test(idOrKey)) return idOrKey;
  throw new PermanentError(`not an issue id or key: ${JSON.stringify(idOrKey)}`);
}
