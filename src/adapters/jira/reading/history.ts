import { getChangeLogs } from 'jira.js/cloud';
import type { Client } from 'jira.js/core';
import { z } from 'zod';
import { read } from './asking.ts';

const PAGE = 100;
/** Older changes than this many beyond what the issue itself tells are not read. */
const MAX_MORE = 1_000;

const History = z.looseObject({ id: z.string() });
const Told = z.looseObject({
  id: z.string(),
  changelog: z.looseObject({ histories: z.array(History), total: z.number().optional() }).nullish(),
});
const Page = z.looseObject({ values: z.array(History) });

type Histories = readonly z.infer<typeof History>[];

/** The issue with its whole changelog: an issue tells only its newest hundred changes, the rest is read page by page. */
export async function withWholeHistory(client: Client, body: unknown): Promise<unknown> {
  const issue = read(Told, body);
  const { histories = [], total = 0 } = issue.changelog ?? {};
  const missing = total - histories.length;
  if (missing <= 0) return body;
  const older = await readOlder(client, issue.id, missing);
  return { ...issue, changelog: { ...issue.changelog, histories: eachOnce([...histories, ...older]) } };
}

/** The changes before the newest ones, newest first; changes made meanwhile come at the end and do not move them. */
async function readOlder(client: Client, issueId: string, missing: number): Promise<Histories> {
  const older: z.infer<typeof History>[] = [];
  for (let startAt = Math.max(0, missing - MAX_MORE); startAt < missing; ) {
    const maxResults = Math.min(PAGE, missing - startAt);
    const page = await getChangeLogs(client, { issueIdOrKey: issueId, startAt, maxResults });
    const { values } = read(Page, page);
    if (values.length === 0) break;
    older.push(...values);
    startAt += values.length;
  }
  return older.reverse();
}

function eachOnce(histories: Histories): Histories {
  return [...new Map(histories.map((history) => [history.id, history])).values()];
}
