import { addComment, getComments, updateComment } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import type { Person } from '../../domain/ticket/issue.ts';
import { documentOf, plainText } from './markup.ts';
import { orNull, read } from './reading/asking.ts';

/** The comment property that marks our note. */
export const NOTE_KEY = 'jira-triage-note';
/** The comment property that Jira Service Management takes for "agents only". */
const PUBLICITY_KEY = 'sd.public.comment';

const PAGE = 100;
/** Where so many comments follow on our note, a new one may. */
const MAX_COMMENTS = 1_000;

export interface Note {
  readonly paragraphs: readonly string[];
  readonly author: Person;
}

const Comment = z.looseObject({
  id: z.string(),
  body: z.unknown(),
  author: z.looseObject({ accountId: z.string() }).nullish(),
  properties: z.array(z.looseObject({ key: z.string(), value: z.unknown() })).nullish(),
});
type Comment = z.infer<typeof Comment>;

/**
 * Writes our note, or brings it up to date; nothing is sent when it says exactly this. The body must be an Atlassian
 * document: given a string, jira.js would post a public comment through v2. An update leaves the properties out, which
 * keeps the note internal.
 */
export async function putNote(client: Client, issueIdOrKey: string, { paragraphs, author }: Note): Promise<void> {
  const body = documentOf(paragraphs);
  const text = plainText(body);
  const ours = await findOurs(client, issueIdOrKey, (comment) => isOurs(comment, author, text));
  if (ours && plainText(ours.body) === text) return;
  // Deleted since we looked: then there is none.
  if (ours && (await orNull(updateComment(client, { issueIdOrKey, id: ours.id, body: { body } })))) return;
  await addComment(client, {
    issueIdOrKey,
    body,
    properties: [
      { key: PUBLICITY_KEY, value: { internal: true } },
      { key: NOTE_KEY, value: { isOurs: true } },
    ],
  });
}

/** The newest comment that is our note. */
async function findOurs(
  client: Client,
  issueIdOrKey: string,
  isIt: (comment: Comment) => boolean,
): Promise<Comment | null> {
  for (let startAt = 0; startAt < MAX_COMMENTS; ) {
    const page = await getComments(client, {
      issueIdOrKey,
      startAt,
      maxResults: PAGE,
      orderBy: '-created',
      expand: 'properties',
    });
    const { comments, total } = read(Page, page);
    const found = comments.find(isIt);
    if (found) return found;
    startAt += comments.length;
    if (comments.length === 0 || startAt >= total) return null;
  }
  return null;
}

const Page = z.looseObject({ comments: z.array(Comment), total: z.number() });

/**
 * Marked as our note and internal by its own property, for `jsdPublic` is true of everything outside service projects;
 * what was opened to customers is not touched again. A comment of ours without any mark is our note where it says the
 * same, for older ones had none.
 */
function isOurs(comment: Comment, author: Person, text: string): boolean {
  if (comment.author?.accountId !== author.accountId) return false;
  const marked = propertyOf(comment, NOTE_KEY) !== undefined;
  const isInternal = Publicity.safeParse(propertyOf(comment, PUBLICITY_KEY)).success;
  return marked ? isInternal : plainText(comment.body) === text;
}

const Publicity = z.looseObject({ internal: z.literal(true) });

function propertyOf({ properties }: Comment, key: string): unknown {
  return properties?.find((property) => property.key === key)?.value;
}
